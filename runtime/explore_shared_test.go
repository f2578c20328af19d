//go:build explore

package fencert

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreSharedHoldAgainstReplace takes a hold out of a place while its fence is replaced, finished, recycled and armed
// again: the hold is of one of the fences that were in the place, and of no later life.
func TestExploreSharedHoldAgainstReplace(t *testing.T) {
	config := tiny
	config.Fences = 2
	search(t, 3, config, func(s *explore.Scenario, w *world) func() {
		var place SharedFence
		l := w.rt.newLocal()
		a, b := w.arm(l), w.arm(l)
		assertOneOf("Store", place.Store(l, a.Fence()), nil)
		s.Thread("holder", w.local(func(l *Local) {
			h, err := place.Hold(l)
			assertOneOf("Hold", err, nil)
			f := h.Fence()
			explore.Assert(f == a.Fence() || f == b.Fence(), "held a fence that was never stored")
			if f == a.Fence() {
				assertOneOf("Err of a", h.Err(), ErrPending, errTable)
			} else {
				assertOneOf("Err of b", h.Err(), ErrPending)
			}
			assertOneOf("Release", l.Release(h), nil)
		}))
		s.Thread("replacer", func() {
			assertOneOf("Store", place.Store(l, b.Fence()), nil)
			assertOneOf("Finish", l.Finish(a, errTable), nil)
			r, err := l.Reserve()
			if err != nil {
				return // the holder's is the last
			}
			next := l.Arm(r, w.c)
			assertOneOf("Finish", l.Finish(next, errno(9)), nil)
		})
		return func() {
			assertOneOf("Store", place.Store(l, Fence{}), nil)
			assertOneOf("Finish", l.Finish(b, nil), nil)
			l.giveBack()
		}
	})
}

// TestExploreSharedFinishInPlace finishes a fence in the place while one takes a hold and another replaces it: its result
// is known to who has held it, and it is recycled once.
func TestExploreSharedFinishInPlace(t *testing.T) {
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		var place SharedFence
		l := w.rt.newLocal()
		a := w.arm(l)
		assertOneOf("Store", place.Store(l, a.Fence()), nil)
		s.Thread("holder", w.local(func(l *Local) {
			h, err := place.Hold(l)
			assertOneOf("Hold", err, nil, ErrEmpty)
			if err == nil {
				assertOneOf("Err", h.Err(), ErrPending, errTable)
				assertOneOf("Release", l.Release(h), nil)
			}
		}))
		s.Thread("replacer", w.local(func(l *Local) { assertOneOf("Store", place.Store(l, Fence{}), nil) }))
		s.Thread("issuer", func() { assertOneOf("Finish", l.Finish(a, errTable), nil) })
		return func() {
			assertOneOf("Err", a.Fence().Err(), ErrStale)
			l.giveBack()
		}
	})
}

// TestExploreSharedSwaps has two replace at once, one of them on condition: each fence comes out once, with its hold.
func TestExploreSharedSwaps(t *testing.T) {
	search(t, 3, Config{Fences: 3, Callbacks: 1, Waiters: 1, Readers: 1, Errors: 1}, func(s *explore.Scenario, w *world) func() {
		var place SharedFence
		l := w.rt.newLocal()
		a, b, c := w.arm(l), w.arm(l), w.arm(l)
		assertOneOf("Store", place.Store(l, a.Fence()), nil)
		s.Thread("swapper", w.local(func(l *Local) {
			old, err := place.Swap(l, b.Fence())
			assertOneOf("Swap", err, nil)
			explore.Assert(old.Fence() == a.Fence() || old.Fence() == c.Fence(), "swapped out %v", old.Fence())
			assertOneOf("Release", l.Release(old), nil)
		}))
		s.Thread("conditional", w.local(func(l *Local) {
			_, err := place.CompareAndSwap(l, a.Fence(), c.Fence())
			assertOneOf("CompareAndSwap", err, nil)
		}))
		return func() {
			explore.Assert(place.Load() == b.Fence(), "the place has %v", place.Load())
			assertOneOf("Store", place.Store(l, Fence{}), nil)
			for _, i := range []Issuer{a, b, c} {
				assertOneOf("Finish", l.Finish(i, nil), nil)
				assertOneOf("Err", i.Fence().Err(), ErrStale)
			}
			l.giveBack()
		}
	})
}

// TestExploreSharedFirstStore empties a place that belongs to no runtime yet while the first fence is stored.
func TestExploreSharedFirstStore(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		var place SharedFence
		l := w.rt.newLocal()
		a := w.arm(l)
		s.Thread("first", w.local(func(l *Local) { assertOneOf("Store", place.Store(l, a.Fence()), nil) }))
		s.Thread("emptier", w.local(func(l *Local) { assertOneOf("Store", place.Store(l, Fence{}), nil) }))
		s.Thread("stub", func() { assertOneOf("Store", place.Store(nil, Stub()), nil) })
		return func() {
			assertOneOf("Store", place.Store(l, Fence{}), nil)
			assertOneOf("Finish", l.Finish(a, nil), nil)
			assertOneOf("Err", a.Fence().Err(), ErrStale)
			l.giveBack()
		}
	})
}
