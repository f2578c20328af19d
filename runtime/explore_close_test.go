//go:build explore

package fencert

import (
	"errors"
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// closeSearch is search for scenarios that close the runtime, which takes its slots out of circulation.
func closeSearch(t *testing.T, preemptions int, scenario func(s *explore.Scenario, w *world) (check func())) {
	t.Helper()
	before := runtimes.Load()
	defer runtimes.Store(before)
	explore.Test(t, explore.Options{Preemptions: preemptions}, func(s *explore.Scenario) {
		w := newWorld(tiny)
		check := scenario(s, w)
		s.Finally(func() {
			check()
			explore.Assert(w.rt.Close() == ErrClosed, "not closed")
			rt, _ := find(w.rt.arena.Word(1))
			explore.Assert(rt == nil, "still registered")
		})
	})
}

// TestExploreArmAgainstClose: what is armed while the runtime is closed ends signaled, and what was reserved before and
// armed after it too.
func TestExploreArmAgainstClose(t *testing.T) {
	closeSearch(t, 3, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		r := must(l.Reserve())
		var armed []Fence
		s.Thread("armer", func() {
			i := l.Arm(r, w.c)
			armed = append(armed, i.Fence())
			t, err := l.OnSignal(i.Fence(), w.note, 0)
			assertOneOf("OnSignal", err, nil, ErrSignaled)
			if err == nil {
				w.ran[1]++
			}
			_ = t
			if r, err := l.Reserve(); err == nil {
				i := l.Arm(r, w.c)
				armed = append(armed, i.Fence())
			} else {
				assertOneOf("Reserve", err, ErrClosed)
			}
		})
		s.Thread("closer", func() {
			if err := w.rt.Close(); err != nil {
				explore.Assert(errors.Is(err, ErrLeaked), "Close: %v", err)
			}
		})
		return func() {
			for k, f := range armed {
				explore.Assert(f.Signaled() && f.CallbacksDone(), "fence %d is pending after Close", k)
				assertOneOf("Err", f.Err(), ErrCanceled, ErrClosed)
			}
			explore.Assert(w.ran[0] == w.ran[1], "the callback ran %d times", w.ran[0])
			_, err := l.Reserve()
			assertOneOf("Reserve after Close", err, ErrClosed)
			l.giveBack()
		}
	})
}

// TestExploreFinishAgainstClose: a fence is finished while Close signals what is pending. One of them runs the callback.
func TestExploreFinishAgainstClose(t *testing.T) {
	closeSearch(t, 3, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		s.Thread("finisher", func() {
			err := l.Finish(i, errTable)
			assertOneOf("Finish", err, nil, ErrSignaled)
			if err == ErrSignaled {
				assertOneOf("Drop", l.Drop(i), nil)
			}
			r, err := l.Reserve()
			if err == nil {
				next := l.Arm(r, w.c)
				assertOneOf("Finish", l.Finish(next, nil), nil, ErrSignaled)
			}
		})
		s.Thread("closer", func() { _ = w.rt.Close() })
		return func() {
			explore.Assert(w.ran[0] == 1, "ran %d times", w.ran[0])
			assertOneOf("result", w.got[0][0], errTable, ErrCanceled)
			explore.Assert(i.Fence().Signaled(), "pending after Close")
			l.giveBack()
		}
	})
}

// TestExploreReserveAgainstClose: a first reservation, from the depot, while it is shut.
func TestExploreReserveAgainstClose(t *testing.T) {
	closeSearch(t, 3, func(s *explore.Scenario, w *world) func() {
		var f Fence
		l := w.rt.newLocal()
		s.Thread("reserver", func() {
			r, err := l.Reserve()
			assertOneOf("Reserve", err, nil, ErrClosed)
			if err == nil {
				f = l.Arm(r, w.c).Fence()
			}
		})
		s.Thread("closer", func() { _ = w.rt.Close() })
		return func() {
			explore.Assert(f.Signaled(), "pending after Close")
			l.giveBack()
		}
	})
}

// TestExploreCloseTwice: one of two closes it.
func TestExploreCloseTwice(t *testing.T) {
	closeSearch(t, 3, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		l.giveBack()
		closed := 0
		for _, name := range []string{"first", "second"} {
			s.Thread(name, func() {
				if err := w.rt.Close(); err != ErrClosed {
					explore.Assert(errors.Is(err, ErrLeaked), "Close: %v", err)
					closed++
				}
			})
		}
		return func() {
			explore.Assert(closed == 1 && w.ran[0] == 1, "closed %d times, ran %d times", closed, w.ran[0])
		}
	})
}
