package bench

import (
	"context"
	"math/bits"
	"sync/atomic"
)

// A limitFence is a word and its value when signaled:
//
//	bits[24:64]  number of the life
//	bits[0:24]   callbacks added
type limitFence struct {
	word   *atomic.Uint64
	number uint64
}

const limitLife = 1 << 24

// limitLine is how many words are on one cache line.
const limitLine = 8

// limitWorkerWords is the least number of words of a worker. Arm goes round them
// in steps of a line, since a locked operation on the line just written costs
// half as much again.
const limitWorkerWords = 512

type limitWorld struct{ words int }

// NewLimit returns the world of impl=limit: the atomic operations that the word of
// a fence cannot do without. That is one CAS for each add, cancel, and signal, one
// load for a poll, one add for a hold and a release; nothing is stored, run or
// woken. A callback counts when it is added.
func NewLimit(s Sizes) World[limitFence, uint64] {
	each := max(limitWorkerWords, s.Fences/max(1, s.Workers))
	return &limitWorld{words: 1 << bits.Len(uint(each-1))}
}

func (w *limitWorld) Close() {}

func (w *limitWorld) NewWorker(Handler) Worker[limitFence, uint64] {
	return &limitWorker{
		words: make([]atomic.Uint64, w.words),
		lines: uint(w.words/limitLine) - 1,
		shift: uint(bits.TrailingZeros(uint(w.words / limitLine))),
	}
}

type limitWorker struct {
	tally
	words []atomic.Uint64
	lines uint // mask
	shift uint
	next  uint
	holds atomic.Uint64
	err   error
}

// Arm takes the next word; words densely filled, neighbors in time on different
// lines.
func (w *limitWorker) Arm() limitFence {
	i := w.next
	w.next++
	at := i&w.lines*limitLine + i>>w.shift%limitLine
	word := &w.words[at]
	return limitFence{word, word.Load()&^(limitLife-1) + limitLife}
}

func (w *limitWorker) Add(f limitFence, arg uint64) (uint64, bool) {
	w.run(arg, nil)
	return arg, f.change(1)
}

// change adds n to the number of callbacks.
func (f limitFence) change(n uint64) bool {
	for {
		word := f.word.Load()
		if word >= f.number {
			return false
		}
		if f.word.CompareAndSwap(word, word+n) {
			return true
		}
	}
}

func (w *limitWorker) AddMany(f limitFence, args []uint64) int {
	for _, arg := range args {
		w.run(arg, nil)
	}
	if !f.change(uint64(len(args))) {
		return 0
	}
	return len(args)
}

func (w *limitWorker) Cancel(f limitFence, arg uint64) bool {
	w.count--
	w.sum -= arg
	return f.change(^uint64(0))
}

func (w *limitWorker) Signal(f limitFence, err error) bool {
	w.err = err
	for {
		word := f.word.Load()
		if word >= f.number {
			return false
		}
		if f.word.CompareAndSwap(word, f.number) {
			return true
		}
	}
}

func (w *limitWorker) Drop(limitFence) {}

func (w *limitWorker) Finish(f limitFence, err error) bool { return w.Signal(f, err) }

func (w *limitWorker) Signaled(f limitFence) bool { return f.word.Load() >= f.number }

func (w *limitWorker) Hold(limitFence) bool { return w.holds.Add(1) > 0 }

func (w *limitWorker) Err(limitFence) error { return w.err }

func (w *limitWorker) Release(limitFence) { w.holds.Add(^uint64(0)) }

// Wait spins whatever the strategy: to park takes more than a word.
func (w *limitWorker) Wait(ctx context.Context, f limitFence, _ Strategy) error {
	if !spinUntil(ctx, func() bool { return w.Signaled(f) }) {
		return context.Cause(ctx)
	}
	return nil
}

func (w *limitWorker) Seqno(limitFence) uint64 { return uint64(w.next) }

func (w *limitWorker) Close() {}
