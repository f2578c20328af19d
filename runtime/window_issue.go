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
	for {
		n := w.issued.Load()
		// Pairs with: the CAS of the value by who has seen that there is room. In this order (K1).
		switch v := w.timeline.wheel.Word().Load(); {
		case v > MaxPoint:
			return 0, *w.timeline.cause.Load() // set before the closed bit (P3)
		case n >= v+w.size:
			return 0, ErrExhausted
		case n == MaxPoint:
			return 0, ErrRange
		}
		// Issues n+1. ABA: it only grows (K1). Progress: a failure means that another has issued it.
		if w.issued.CompareAndSwap(n, n+1) {
			return n + 1, nil
		}
		atomicx.Pause(lostRace)
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
	for {
		n, err := w.TryIssue()
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
