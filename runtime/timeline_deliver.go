package fencert

import (
	"unsafe"

	"github.com/fencert/fencert/internal/wheel"
)

// How callbacks of points are run. Package wheel says who owns a timeline's wheel and gives its callbacks out one by one;
// this file runs them, as run does those of a fence: in a frame of their own, so that callbacks may signal and advance in
// their turn, nested up to maxDepth and put off beyond, and so that one that panics or exits keeps none from running.
//
// What is put off stays this Local's, still busy (W2 there): nobody else delivers for it, and its callbacks run before the
// outermost call returns.

// wakeEvery is how many callbacks a delivery runs before it wakes the waiters among them. To wake them together costs less,
// for those woken first wake others.
const wakeEvery = 256

// owner is the Local's share of the pool of callbacks on points. There is a timeline, and so a pool.
func (l *Local) owner() *wheel.Owner {
	if !l.points.Ready() {
		l.points.Init(l.runtime.points.Load()) // pairs with: the CAS in makePoints
	}
	return &l.points
}

// deliver runs what is due on a timeline whose wheel this Local has come to own, and gives it up; or puts that off. true:
// afterRun is to be called. The Local is idle.
func (l *Local) deliver(t *Timeline) (after bool) {
	depth := l.depth + 1
	if depth > maxDepth {
		l.undelivered.push(t)
		l.puttingOff = 1
		return false
	}
	f := l.frame(depth)
	f.wake, f.n, f.timeline = 0, 0, t
	l.depth = depth
	if debugging {
		l.debugRunBegin(f)
		defer l.debugRunEnd()
	}
	defer l.guard()
	l.deliverRest(t)
	l.depth = depth - 1
	l.returned = true
	return f.wake|uint64(l.puttingOff) != 0
}

// deliverOne becomes the owner, if anything is due at n and nobody else is, and delivers it. It is the way of a single
// callback, from which deliver differs in its loop alone. The Local is idle, and not at maxDepth.
func (l *Local) deliverOne(t *Timeline, n uint64) (after bool) {
	c, one, due := l.points.KickOne(&t.wheel, n)
	if !one {
		return due && l.deliver(t)
	}
	f := l.frame(l.depth + 1)
	f.wake, f.n, f.timeline = 0, 0, t
	l.depth++
	defer l.guard()
	l.counts.pointsRun.Add(1)
	(*l.runtime.handlers.Load())[c.Handler](l, c.Arg, t.result(c.Point))
	if !l.points.EndOne(&t.wheel) {
		l.deliverRest(t)
	}
	l.depth--
	l.returned = true
	return f.wake|uint64(l.puttingOff) != 0
}

// deliverRest runs what is due in the innermost frame, which is t's.
func (l *Local) deliverRest(t *Timeline) {
	handlers := *l.runtime.handlers.Load()
	for k := uint(1); ; k++ {
		c, ok := l.points.Next(&t.wheel)
		if !ok {
			return
		}
		if int(c.Handler) >= len(handlers) {
			handlers = *l.runtime.handlers.Load() // it was registered by a callback
		}
		l.counts.pointsRun.Add(1)
		handlers[c.Handler](l, c.Arg, t.result(c.Point))
		if k%wakeEvery == 0 {
			l.wakeCollected()
		}
	}
}

// wakeCollected wakes the waiters that the innermost frame has collected so far.
func (l *Local) wakeCollected() {
	f := l.innermost()
	wake := f.wake
	f.wake = 0
	l.wake(wake)
}

// handOver has another goroutine deliver for a timeline, for one that must not: an adder or canceler that has found
// something due, or who has delivered long enough for others.
func (rt *Runtime) handOver(w *wheel.Wheel) {
	// Safety: the pool's wheels are the first fields of Timelines.
	t := (*Timeline)(unsafe.Pointer(w))
	// Pairs with: the load in awaitAdopters, and the Add when it has ended (P4). ABA: none, it is a count. No loop.
	rt.adopting.Add(1)
	rt.spawn(func() { rt.adopt(t) })
}

func (rt *Runtime) adopt(t *Timeline) {
	defer rt.adopting.Add(-1)
	l, s := rt.borrow()
	defer rt.giveBack(l, s)
	l.owner().Adopt(&t.wheel)
	if l.deliver(t) {
		l.afterRun()
	}
}

// A timelineQueue is timelines in the order of coming. It and their links belong to the Local that owns their wheels.
type timelineQueue struct{ first, last *Timeline }

func (q *timelineQueue) push(t *Timeline) {
	if q.first == nil {
		q.first = t
	} else {
		q.last.next = t
	}
	q.last = t
}

// pop takes the first one out; nil: there is none.
func (q *timelineQueue) pop() *Timeline {
	t := q.first
	if t != nil {
		q.first, t.next = t.next, nil
	}
	return t
}
