package bench

import (
	"context"
	"runtime"
	"sync"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// A heapLine is a timeline of impl=mutexheap: what a careful programmer would write. The value is an atomic word and so
// is the earliest point that somebody waits for: Advance takes the lock only when something is due.
//
// next: bits[1:64] the earliest point of the queue, bit 0 somebody delivers. It changes under the lock, except that who
// delivers clears bit 0 without it.
//
// H1. Nobody sleeps on work. Advance changes value and then looks at next; an add changes next and then looks at value,
// both in the lock; who delivers clears bit 0 and then looks at both. In any order of the two, one sees the other.
type heapLine struct {
	_     pad.Line
	value atomicx.Uint64
	next  atomicx.Uint64
	_     pad.Line
	mu    atomicx.Mutex
	queue pointQueue
	due   batch // Owns: who delivers
	loop  func()
	_     pad.Line
}

// delivering is bit 0 of heapLine.next.
const delivering = 1

type heapLines struct{ pending int }

// NewMutexHeap returns the world of impl=mutexheap: each timeline a mutex, a binary heap whose nodes know their places,
// and two atomic words. Callbacks run outside the lock, by one goroutine at a time. It allocates nothing except for
// channels.
func NewMutexHeap(s LineSizes) LineWorld[*heapLine, pointTicket] { return heapLines{s.Pending} }

func (heapLines) Close() {}

func (w heapLines) NewLine() *heapLine {
	l := &heapLine{queue: newPointQueue(w.pending)}
	l.due.items = make([]dueCallback, 0, w.pending)
	l.next.Store(noPoint << 1)
	l.loop = l.rounds
	return l
}

func (heapLines) NewWorker(h Handler) LineWorker[*heapLine, pointTicket] {
	w := new(heapLineWorker)
	w.callback = w.handler(h)
	return w
}

// isDue: something is to be delivered, and nobody does.
func (l *heapLine) isDue() bool {
	next := l.next.Load()
	return next&delivering == 0 && next>>1 <= l.value.Load()
}

// push adds a dueCallback; false: the point is reached.
func (l *heapLine) push(point uint64, d dueCallback) (pointTicket, bool) {
	l.mu.Lock()
	if l.value.Load() >= point {
		l.mu.Unlock()
		return 0, false
	}
	if l.queue.earliest() <= point {
		// An Advance past the point from here on finds something due with what was there before.
		t := l.queue.push(point, d)
		l.mu.Unlock()
		return t, true
	}
	t := l.queue.push(point, d)
	l.setNext(point)
	reached := l.value.Load() >= point
	if reached { // by an Advance that may not have seen next (H1)
		l.queue.cancel(t)
		l.setNext(l.queue.earliest())
	}
	l.mu.Unlock()
	return t, !reached
}

// setNext changes the earliest point, in the lock.
//
// ABA: the word is all there is to it. Progress: a failed CAS means that who delivers has cleared its bit, once.
func (l *heapLine) setNext(point uint64) {
	for {
		next := l.next.Load()
		if next&delivering == 0 {
			l.next.Store(point << 1) // nobody else sets the bit outside the lock
			return
		}
		if l.next.CompareAndSwap(next, point<<1|delivering) {
			return
		}
	}
}

// claim takes what is due out of the queue, and the right to deliver it; false: nothing is due, or somebody else
// delivers.
func (l *heapLine) claim() bool {
	l.mu.Lock()
	value := l.value.Load()
	next := l.next.Load()
	if next&delivering != 0 || next>>1 > value {
		l.mu.Unlock()
		return false
	}
	q := &l.queue
	for {
		l.due.add(q.pop())
		if next = q.earliest(); next > value {
			break
		}
	}
	l.next.Store(next<<1 | delivering)
	l.mu.Unlock()
	return true
}

// rounds runs what was claimed, and what becomes due meanwhile.
func (l *heapLine) rounds() {
	for {
		l.due.run()
		// Publishes: due. Pairs with: the lock in claim, which finds the bit clear.
		// ABA, Progress: as in setNext; a failed CAS means that an add has changed the point.
		for {
			next := l.next.Load()
			if l.next.CompareAndSwap(next, next&^delivering) {
				break
			}
		}
		if !l.isDue() || !l.claim() {
			return
		}
	}
}

// cancel takes a dueCallback back.
func (l *heapLine) cancel(t pointTicket) bool {
	l.mu.Lock()
	earliest := l.queue.earliest()
	ok := l.queue.cancel(t)
	if now := l.queue.earliest(); now != earliest {
		l.setNext(now)
	}
	l.mu.Unlock()
	return ok
}

type heapLineWorker struct {
	lineTally
	callback Handler
}

func (w *heapLineWorker) Value(l *heapLine) uint64 { return l.value.Load() }

func (w *heapLineWorker) Advance(l *heapLine, n uint64) bool {
	for {
		value := l.value.Load()
		if value >= n {
			return false
		}
		if l.value.CompareAndSwap(value, n) {
			break
		}
	}
	if l.isDue() && l.claim() {
		guard(l.loop, false)
	}
	return true
}

func (w *heapLineWorker) Polls(l *heapLine, n uint64, times int) (reached int) {
	for range times {
		if l.value.Load() >= n {
			reached++
		}
	}
	return reached
}

func (w *heapLineWorker) OnReach(l *heapLine, n, arg uint64) (pointTicket, bool) {
	return l.push(n, dueCallback{run: w.callback, arg: arg})
}

func (w *heapLineWorker) Cancel(l *heapLine, t pointTicket) bool { return l.cancel(t) }

func (w *heapLineWorker) Done(l *heapLine, n uint64) <-chan struct{} {
	if l.value.Load() >= n {
		return closedChannel
	}
	done := make(chan struct{})
	if _, ok := l.push(n, dueCallback{done: done}); !ok {
		return closedChannel
	}
	return done
}

// A parker is a channel to wait at, used again and again.
type parker struct {
	wake chan struct{} // one place: who wakes never blocks
	run  Handler
}

var parkers = sync.Pool{New: func() any {
	p := &parker{wake: make(chan struct{}, 1)}
	p.run = func(uint64, error) { p.wake <- struct{}{} }
	return p
}}

func (w *heapLineWorker) Wait(ctx context.Context, l *heapLine, n uint64) error {
	if l.value.Load() >= n {
		return nil
	}
	p := parkers.Get().(*parker)
	defer parkers.Put(p)
	t, ok := l.push(n, dueCallback{run: p.run})
	if !ok {
		return nil
	}
	done := ctx.Done()
	if done == nil {
		<-p.wake
		return nil
	}
	select {
	case <-p.wake:
		return nil
	case <-done:
		if l.cancel(t) {
			return context.Cause(ctx)
		}
		<-p.wake // it is reached: whoever took it out of the queue is about to wake
		return nil
	}
}

func (w *heapLineWorker) Flush(l *heapLine) {
	for l.next.Load()&delivering != 0 || l.isDue() {
		runtime.Gosched()
	}
}

func (w *heapLineWorker) Close() {}
