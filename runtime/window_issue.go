package fencert

import (
	"context"

	"github.com/fencert/fencert/internal/atomicx"
)

// lostRace is how many PAUSE instructions the loser of a CAS waits before it looks again.
const lostRace = 16

// TryIssue issues the next number. Each is issued once, and must be completed: until it is, the value stays below it.
//
// In callbacks and signaling sections: yes. Lock-free; one CAS, no allocation. Errors: ErrExhausted: as many numbers as the
// window has are above the value. The cause of Close, once the timeline is closed. ErrRange at the end of all numbers.
func (w *CommitWindow) TryIssue() (uint64, error) {
	if n, ok := w.next(); ok {
		return n, nil
	}
	return w.tryIssue()
}

// next issues a number if it is known that there is room, and nobody else is faster.
func (w *CommitWindow) next() (uint64, bool) {
	n := w.issued.Load()
	// Issues n+1 (K1). Pairs with: the load in learn. The load of room pairs with: the CAS in makeRoom. ABA: issued only grows. No
	// loop: see tryIssue.
	return n + 1, n < w.room.Load() && w.issued.CompareAndSwap(n, n+1)
}

// tryIssue is TryIssue after that.
//
//go:noinline
func (w *CommitWindow) tryIssue() (uint64, error) {
	for {
		n, room := w.issued.Load(), w.room.Load()
		if n >= room {
			if err := w.makeRoom(n, room); err != nil {
				return 0, err
			}
		} else {
			atomicx.Pause(lostRace)
		}
		// Progress: a failure means that another has issued a number.
		if n, ok := w.next(); ok {
			return n, nil
		}
	}
}

// makeRoom raises room, at which issued has arrived with n, to where the value allows it.
func (w *CommitWindow) makeRoom(n, room uint64) error {
	if room == 0 {
		return *w.timeline.cause.Load() // set before room (K6)
	}
	// Pairs with: the CAS of the value by who has seen that there is room. After room, which so only grows.
	switch v := w.timeline.wheel.Word().Load(); {
	case v > MaxPoint:
		return *w.timeline.cause.Load() // set before the closed bit (P3)
	case n >= v+w.size:
		return ErrExhausted
	case n == MaxPoint:
		return ErrRange
	default:
		// ABA: it grows, until it is 0 for good. No loop: a failure means that another has done so.
		w.room.CompareAndSwap(room, min(v+w.size, MaxPoint))
		return nil
	}
}

// Issue is TryIssue, but where the window is full it waits until the value has moved: back-pressure. Which of several that wait
// comes first isn't said. Room wins over a ctx that has ended; where there is none, Issue returns context.Cause(ctx). Who keeps a
// number that is still to be completed, and waits here before it is on its way, waits for itself: keep the number moving, or use
// TryIssue.
//
// Not in callbacks, nor in signaling sections. Blocks, as Timeline.Wait does; no allocation but what that needs. Errors:
// context.Cause(ctx); as TryIssue, but for ErrExhausted. A nil ctx panics with ErrNilContext where it would wait.
func (w *CommitWindow) Issue(ctx context.Context) (uint64, error) {
	if n, ok := w.next(); ok {
		return n, nil
	}
	for {
		n, err := w.tryIssue()
		if err != ErrExhausted {
			return n, err
		}
		// The point that makes room for the number behind the last one. Issued is no less than when the window was full, so
		// this is above 0; where others were faster, it is a later point.
		if err := w.timeline.Wait(ctx, w.issued.Load()-w.size+1); err != nil {
			return 0, err
		}
	}
}
