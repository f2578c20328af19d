//go:build explore

package fencert

import (
	"errors"
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

var errTable = errors.New("table")

func TestExploreAddAgainstFinishAgainstHold(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		l.giveBack()
		f := i.Fence()
		added := false
		s.Thread("adder", w.local(func(l *Local) {
			_, err := l.OnSignal(f, w.note, 0)
			assertOneOf("OnSignal", err, nil, ErrSignaled)
			added = err == nil
		}))
		s.Thread("finisher", w.local(func(l *Local) {
			assertOneOf("Finish", l.Finish(i, errTable), nil)
		}))
		s.Thread("holder", w.local(func(l *Local) {
			h, err := l.Hold(f)
			assertOneOf("Hold", err, nil, ErrStale)
			if err == nil {
				assertOneOf("Hold.Err", h.Err(), errTable, ErrPending)
				assertOneOf("Release", l.Release(h), nil)
			}
		}))
		return func() {
			explore.Assert(added == (w.ran[0] == 1), "added %v, ran %d times", added, w.ran[0])
			if added {
				assertOneOf("the callback's result", w.got[0][0], errTable)
			}
			assertOneOf("Err", f.Err(), ErrStale)
		}
	})
}

// TestExploreHoldAgainstTheEnd: a hold that comes when the callbacks have run and the life is about to end is refused, or
// keeps the result.
func TestExploreHoldAgainstTheEnd(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		l.giveBack()
		s.Thread("finisher", w.local(func(l *Local) { assertOneOf("Finish", l.Finish(i, errno(5)), nil) }))
		s.Thread("holder", w.local(func(l *Local) {
			h, err := l.Hold(i.Fence())
			assertOneOf("Hold", err, nil, ErrStale)
			if err == nil {
				assertOneOf("Hold.Err", h.Err(), errno(5), ErrPending)
				assertOneOf("Release", l.Release(h), nil)
			}
		}))
		return func() { explore.Assert(w.ran[0] == 1, "ran %d times", w.ran[0]) }
	})
}

// finishScenario has a fence finished by its issuer, or signaled and dropped, while two others hold it and let go.
// The finisher uses the slot again at once.
func finishScenario(drop bool) func(s *explore.Scenario, w *world) func() {
	return func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		l.giveBack()
		f := i.Fence()
		var next Issuer
		s.Thread("finisher", w.local(func(l *Local) {
			if drop {
				assertOneOf("Signal", l.Signal(i, errno(5)), nil)
				assertOneOf("Drop", l.Drop(i), nil)
			} else {
				assertOneOf("Finish", l.Finish(i, errno(5)), nil)
			}
			r, err := l.Reserve()
			if err != nil {
				return
			}
			next = l.Arm(r, w.c)
			explore.Assert(!next.Fence().Signaled(), "born signaled")
			n, err := next.Fence().Seqno()
			explore.Assert(n == 2 && err == nil, "seqno %d, %v", n, err)
			assertOneOf("the next life's Finish", l.Finish(next, nil), nil)
		}))
		for _, name := range []string{"holder", "other"} {
			s.Thread(name, w.local(func(l *Local) {
				h, err := l.Hold(f)
				if err != nil {
					assertOneOf("Hold", err, ErrStale)
					return
				}
				n, err := f.Seqno()
				explore.Assert(n == 1 && err == nil, "a held fence has seqno %d, %v", n, err)
				assertOneOf("Hold.Err", h.Err(), errno(5), ErrPending)
				assertOneOf("Release", l.Release(h), nil)
			}))
		}
		return nil
	}
}

func TestExploreFinishAgainstHoldAgainstRelease(t *testing.T) {
	search(t, 3, Config{Fences: 1, Callbacks: 1, Waiters: 1, Readers: 1, Errors: 1}, finishScenario(false))
}

func TestExploreDropAgainstHoldAgainstRelease(t *testing.T) {
	search(t, 3, Config{Fences: 1, Callbacks: 1, Waiters: 1, Readers: 1, Errors: 1}, finishScenario(true))
}

func TestExploreSignalTwice(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		l.giveBack()
		won := 0
		for k, name := range []string{"first", "second"} {
			s.Thread(name, w.local(func(l *Local) {
				err := l.Signal(i, errno(k+1))
				assertOneOf("Signal", err, nil, ErrSignaled)
				if err == nil {
					won |= k + 1
					assertOneOf("Err", i.Fence().Err(), errno(k+1))
				}
			}))
		}
		return func() {
			explore.Assert(won == 1 || won == 2, "won by %d", won)
			explore.Assert(w.ran[0] == 1, "ran %d times", w.ran[0])
			assertOneOf("result", w.got[0][0], errno(won))
			l := w.rt.newLocal()
			assertOneOf("Drop", l.Drop(i), nil)
			l.giveBack()
		}
	})
}

// TestExploreDropAgainstRun drops from another thread while the callbacks run: the life ends once, after both.
func TestExploreDropAgainstRun(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		l.giveBack()
		s.Thread("signaler", w.local(func(l *Local) {
			err := l.Signal(i, errTable)
			assertOneOf("Signal", err, nil, ErrSignaled, ErrStale)
		}))
		s.Thread("dropper", w.local(func(l *Local) { assertOneOf("Drop", l.Drop(i), nil) }))
		s.Thread("holder", w.local(func(l *Local) {
			if h, err := l.Hold(i.Fence()); err == nil {
				assertOneOf("Hold.Err", h.Err(), ErrPending, errTable, ErrCanceled)
				assertOneOf("Release", l.Release(h), nil)
			}
		}))
		return func() {
			explore.Assert(w.ran[0] == 1, "ran %d times", w.ran[0])
			assertOneOf("result", w.got[0][0], errTable, ErrCanceled)
			assertOneOf("Err", i.Fence().Err(), ErrStale)
		}
	})
}

// TestExploreDropWhileRunning is the same without a holder.
func TestExploreDropWhileRunning(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		l.giveBack()
		s.Thread("signaler", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(i, errTable), nil, ErrSignaled, ErrStale) }))
		s.Thread("dropper", w.local(func(l *Local) { assertOneOf("Drop", l.Drop(i), nil) }))
		return func() {
			explore.Assert(w.ran[0] == 1, "ran %d times", w.ran[0])
			assertOneOf("result", w.got[0][0], errTable, ErrCanceled)
		}
	})
}

// TestExploreErrAgainstRecycling reads a result from the table while its fence is recycled, and its place in the table
// used by another: it is this fence's error or stale.
func TestExploreErrAgainstRecycling(t *testing.T) {
	config := tiny
	config.Errors = 1
	config.Fences = 1
	search(t, 3, config, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		assertOneOf("Signal", l.Signal(i, errTable), nil)
		l.giveBack()
		s.Thread("reader", func() { assertOneOf("Err", i.Fence().Err(), errTable, ErrStale) })
		s.Thread("recycler", w.local(func(l *Local) {
			assertOneOf("Drop", l.Drop(i), nil)
			r, err := l.Reserve()
			if err != nil {
				return // the reader's hold was the last
			}
			next := l.Arm(r, w.c)
			assertOneOf("Signal", l.Signal(next, errors.New("another")), nil)
			assertOneOf("Drop", l.Drop(next), nil)
		}))
		return nil
	})
}

// TestExploreSeqnoAgainstArm reads seqno and context of a fence whose slot is armed again meanwhile.
func TestExploreSeqnoAgainstArm(t *testing.T) {
	search(t, 3, Config{Fences: 1, Callbacks: 1, Waiters: 1, Readers: 1, Errors: 1}, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		for range 4 {
			_ = l.Finish(w.arm(l), nil)
		}
		i := w.arm(l)
		other := must(w.rt.NewFenceContext("another", "timeline"))
		s.Thread("reader", func() {
			n, err := i.Fence().Seqno()
			explore.Assert(n == 5 && err == nil || err == ErrStale, "seqno %d, %v", n, err)
			c, err := i.Fence().Context()
			explore.Assert(c == w.c && err == nil || err == ErrStale, "context %v, %v", c, err)
		})
		s.Thread("issuer", func() {
			assertOneOf("Finish", l.Finish(i, nil), nil)
			for range 2 { // the slot's next lives: seqnos 1 and 2 of the other context
				assertOneOf("Finish", l.Finish(l.Arm(must(l.Reserve()), other), nil), nil)
			}
		})
		return l.giveBack
	})
}
