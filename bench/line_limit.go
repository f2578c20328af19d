package bench

import (
	"context"
	"sync/atomic"

	"github.com/fencert/fencert/internal/pad"
)

// A limitTimeline is a timeline of impl=limit. Callbacks go to one of several words by their point, each on a line of its
// own, since a locked operation on the line just written costs half as much again.
type limitTimeline struct {
	_     pad.Line
	value atomic.Uint64
	words [64]struct {
		_ pad.Line
		n atomic.Uint64
	}
	_ pad.Line
}

type limitLines struct{}

// NewLimitLines returns the world of impl=limit for timelines: the atomic operations that the words of a timeline cannot
// do without. That is one CAS for each add, cancel and advance, and one load for a poll; nothing is stored, run or woken.
// A callback counts when it is added.
func NewLimitLines(LineSizes) LineWorld[*limitTimeline, uint64] { return limitLines{} }

func (limitLines) Close() {}

func (limitLines) NewLine() *limitTimeline { return new(limitTimeline) }

func (limitLines) NewWorker(Handler) LineWorker[*limitTimeline, uint64] { return new(limitLineWorker) }

type limitLineWorker struct{ lineTally }

func (w *limitLineWorker) Value(l *limitTimeline) uint64 { return l.value.Load() }

// ABA: the value only rises. Progress: a failed CAS means that another Advance succeeded.
func (w *limitLineWorker) Advance(l *limitTimeline, n uint64) bool {
	for {
		value := l.value.Load()
		if value >= n {
			return false
		}
		if l.value.CompareAndSwap(value, n) {
			return true
		}
	}
}

func (w *limitLineWorker) Polls(l *limitTimeline, n uint64, times int) (reached int) {
	for range times {
		if l.value.Load() >= n {
			reached++
		}
	}
	return reached
}

// change does the CAS of an add or a cancel.
//
// ABA: a count, which means nothing else. Progress: a failed CAS means that another one succeeded.
func (l *limitTimeline) change(point, by uint64) bool {
	word := &l.words[point%uint64(len(l.words))].n
	for {
		if n := word.Load(); word.CompareAndSwap(n, n+by) {
			return true
		}
	}
}

func (w *limitLineWorker) OnReach(l *limitTimeline, n, arg uint64) (uint64, bool) {
	w.run(arg, nil)
	return n, l.value.Load() < n && l.change(n, 1)
}

// Cancel takes rows at their word that the argument was the point.
func (w *limitLineWorker) Cancel(l *limitTimeline, n uint64) bool {
	w.count--
	w.sum -= n
	return l.change(n, ^uint64(0))
}

func (w *limitLineWorker) Done(*limitTimeline, uint64) <-chan struct{} { return closedChannel }

func (w *limitLineWorker) Wait(context.Context, *limitTimeline, uint64) error { return nil }

func (w *limitLineWorker) Flush(*limitTimeline) {}

func (w *limitLineWorker) Close() {}
