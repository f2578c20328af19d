//go:build explore

package fencert

import (
	"context"
	"errors"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// pause waits for another thread's write.
func pause() { atomicx.Pause(1) }

// TestExploreWaitAgainstSignal: no wake-up is lost, whichever strategy, and the waiter sees the callbacks done.
func TestExploreWaitAgainstSignal(t *testing.T) {
	for name, strategy := range map[string]Strategy{"park": Park, "spin": Spin} {
		t.Run(name, func(t *testing.T) {
			search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				l := w.rt.newLocal()
				i := w.arm(l)
				_ = must(l.OnSignal(i.Fence(), w.note, 0))
				l.giveBack()
				for _, name := range []string{"waiter", "other"} {
					if name == "other" && strategy == Spin {
						continue
					}
					s.Thread(name, func() {
						err := i.Fence().WaitWith(context.Background(), strategy)
						assertOneOf("Wait", err, errTable)
						explore.Assert(w.ran[0] == 1, "woken before the callbacks had run")
						explore.Assert(i.Fence().CallbacksDone(), "woken before they were known to be done")
					})
				}
				s.Thread("signaler", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(i, errTable), nil) }))
				return func() {
					l := w.rt.newLocal()
					assertOneOf("Drop", l.Drop(i), nil)
					l.giveBack()
				}
			})
		})
	}
}

// TestExploreWaitAgainstFinish: the result reaches a waiter that registered in time; else it is stale.
func TestExploreWaitAgainstFinish(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		l.giveBack()
		s.Thread("waiter", func() {
			assertOneOf("Wait", i.Fence().WaitWith(context.Background(), Park), errTable, ErrStale)
		})
		s.Thread("finisher", w.local(func(l *Local) { assertOneOf("Finish", l.Finish(i, errTable), nil) }))
		return nil
	})
}

// TestExploreLeavingAgainstSignal cancels the wait while the fence is signaled, or finished: the record comes back
// once, the answer is the result or the cause.
func TestExploreLeavingAgainstSignal(t *testing.T) {
	cause := errors.New("cause")
	for name, finish := range map[string]bool{"signal": false, "finish": true} {
		t.Run(name, func(t *testing.T) {
			search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				l := w.rt.newLocal()
				i := w.arm(l)
				_ = must(l.OnSignal(i.Fence(), w.note, 0))
				l.giveBack()
				ctx, cancel := context.WithCancelCause(context.Background())
				s.Thread("waiter", func() {
					err := i.Fence().WaitWith(ctx, Park)
					assertOneOf("Wait", err, errTable, cause, ErrStale)
					explore.Assert(err != ErrStale || finish, "stale, but never dropped")
				})
				s.Thread("signaler", w.local(func(l *Local) {
					if finish {
						assertOneOf("Finish", l.Finish(i, errTable), nil)
					} else {
						assertOneOf("Signal", l.Signal(i, errTable), nil)
					}
				}))
				s.Thread("canceler", func() {
					var turn atomicx.Uint32
					turn.Store(1) // a place to be interleaved
					cancel(cause)
					turn.Store(2)
				})
				return func() {
					if !finish {
						l := w.rt.newLocal()
						assertOneOf("Drop", l.Drop(i), nil)
						l.giveBack()
					}
				}
			})
		})
	}
}

// TestExploreLeavingAgainstLeaving has two waiters give up on a fence that stays pending.
func TestExploreLeavingAgainstLeaving(t *testing.T) {
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		l.giveBack()
		ctx, cancel := context.WithCancel(context.Background())
		for _, name := range []string{"first", "second"} {
			s.Thread(name, func() {
				assertOneOf("Wait", i.Fence().WaitWith(ctx, Park), context.Canceled)
			})
		}
		s.Thread("canceler", func() {
			var turn atomicx.Uint32
			turn.Store(1)
			cancel()
		})
		return func() {
			l := w.rt.newLocal()
			assertOneOf("Finish", l.Finish(i, nil), nil)
			l.giveBack()
		}
	})
}
