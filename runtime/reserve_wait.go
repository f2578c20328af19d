package fencert

import (
	"context"
	"runtime"

	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/internal/atomicx"
)

// Waiting for room. The queue is the arena's, with the argument for it (arena's W1 to W6); what is added here is that the
// Locals which calls borrow are asked for what they keep, and that Close and ctx end a wait.

// ReserveWait is Reserve, but where nothing is free it waits until something is: first come, first served. Whoever gives
// room back, by Finish, Drop, Release, Unreserve, Flush or Local.Close, hands it over and goes on. Room that this Local has
// itself is taken without queueing; and what a Local keeps that does nothing can't be had until it does something: call
// Flush on a Local that goes idle. Where ctx ends first, it returns context.Cause(ctx); room that has been handed over wins.
//
// Not in a signaling section: room comes back only as others' fences end. In callbacks: it doesn't wait, and answers
// ErrExhausted. Not while pinned, for long: nothing is reclaimed meanwhile. Blocks; it allocates when it waits. Errors:
// context.Cause(ctx); ErrClosed, also for who waits while the runtime is closed. A nil ctx panics with ErrNilContext where it
// would wait.
func (l *Local) ReserveWait(ctx context.Context) (Reservation, error) {
	if debugging {
		debugBlocking("Local.ReserveWait")
	}
	r, err := l.Reserve()
	if err != ErrExhausted || l.depth > 0 {
		return r, err
	}
	l.enter() // a Local that waits is in use
	defer l.leave()
	return l.runtime.awaitRoom(ctx)
}

// ReserveWait is Local.ReserveWait on a borrowed Local, which it doesn't keep while it waits. Not in a callback.
func (rt *Runtime) ReserveWait(ctx context.Context) (Reservation, error) {
	if debugging {
		debugBlocking("Runtime.ReserveWait")
	}
	r, err := rt.Reserve()
	if err != ErrExhausted {
		return r, err
	}
	return rt.awaitRoom(ctx)
}

func (rt *Runtime) awaitRoom(ctx context.Context) (Reservation, error) {
	if ctx == nil {
		panic(ErrNilContext)
	}
	if ctx.Err() != nil {
		return Reservation{}, context.Cause(ctx)
	}
	w := rt.arena.Join()
	// From here on who gives back keeps nothing (W1); what the stripes have from before is asked for. One that is taken
	// looks after its release. Its look may come before its release is seen by us, which takes a processor some
	// nanoseconds at most: so ask again, once.
	if rt.askStripes((*Local).flushSlots) && !atomicx.Exploring { // there every store is visible at once
		runtime.Gosched()
		rt.askStripes((*Local).flushSlots)
	}
	ref, err := w.Wait(ctx.Done())
	switch {
	case err == arena.ErrCanceled:
		return Reservation{}, context.Cause(ctx)
	case err != nil:
		return Reservation{}, ErrClosed
	}
	l, s := rt.borrow() // to be counted
	l.slots.Received()
	l.counts.reserved.Add(1)
	rt.giveBack(l, s)
	switch {
	case rt.closed.Load(): // as in Reserve
		rt.Unreserve(Reservation{rt, ref})
		return Reservation{}, ErrClosed
	}
	return Reservation{rt, ref}, nil
}

// Flush gives the free fences and callbacks of this Local to all, but for the callbacks that are reserved: for a worker
// that goes idle. The Local stays usable. In callbacks: yes. Lock-free; no allocation but where others wait to be woken.
func (l *Local) Flush() {
	l.enter()
	l.flushSlots()
	l.nodes.Flush()
	l.flushPoints()
	l.flushChannel()
	l.flushWrites()
	if l.place != 0 {
		l.runtime.results.depot.Put([]uint32{l.place})
		l.place = 0
	}
	l.leave()
}

// flushSlots gives the free fences back. The caller owns the Local.
func (l *Local) flushSlots() { l.slots.Close() }

// flushNodes gives the free callbacks back. The caller owns the Local.
func (l *Local) flushNodes() { l.nodes.Flush() }

// askForNodes has the stripes give free callbacks back. It is true, so that it can stand in a condition.
//
//go:noinline
func (rt *Runtime) askForNodes() bool {
	rt.askStripes((*Local).flushNodes)
	return true
}
