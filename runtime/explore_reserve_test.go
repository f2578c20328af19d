//go:build explore

package fencert

import (
	"context"
	"errors"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// full arms all fences of a tiny runtime.
func (w *world) full() (all []Issuer) {
	l := w.rt.newLocal()
	for range tiny.Fences {
		all = append(all, w.arm(l))
	}
	l.giveBack()
	return all
}

// TestExploreReserveWaitAgainstFinish: one waits while the fences are finished by calls that borrow a Local, or by a Local
// that is closed afterwards. It is handed room, also what a borrowed Local has kept.
func TestExploreReserveWaitAgainstFinish(t *testing.T) {
	for _, name := range []string{"implicit", "explicit"} {
		t.Run(name, func(t *testing.T) {
			search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
				all := w.full()
				s.Thread("waiter", func() {
					r, err := w.rt.ReserveWait(context.Background())
					assertOneOf("ReserveWait", err, nil)
					explore.Assert(w.rt.Unreserve(r), "not returned")
				})
				if name == "implicit" {
					s.Thread("first", func() { assertOneOf("Finish", w.rt.Finish(all[0], nil), nil) })
				} else {
					s.Thread("first", w.local(func(l *Local) { assertOneOf("Finish", l.Finish(all[0], nil), nil) }))
				}
				return func() { assertOneOf("Finish", w.rt.Finish(all[1], nil), nil) }
			})
		})
	}
}

// TestExploreReserveWaitLeaving: ctx ends while room is handed over. The room isn't lost.
func TestExploreReserveWaitLeaving(t *testing.T) {
	cause := errors.New("cause")
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		all := w.full()
		ctx, cancel := context.WithCancelCause(context.Background())
		s.Thread("waiter", func() {
			r, err := w.rt.ReserveWait(ctx)
			assertOneOf("ReserveWait", err, nil, cause)
			if err == nil {
				explore.Assert(w.rt.Unreserve(r), "not returned")
			}
		})
		s.Thread("finisher", func() { assertOneOf("Finish", w.rt.Finish(all[0], nil), nil) })
		s.Thread("canceler", func() {
			var turn atomicx.Uint32
			turn.Store(1) // a place to be interleaved
			cancel(cause)
			turn.Store(2)
		})
		return func() { assertOneOf("Finish", w.rt.Finish(all[1], nil), nil) }
	})
}

// TestExploreReserveWaitAgainstClose: who waits is told.
func TestExploreReserveWaitAgainstClose(t *testing.T) {
	closeSearch(t, 2, func(s *explore.Scenario, w *world) func() {
		all := w.full()
		s.Thread("waiter", func() {
			r, err := w.rt.ReserveWait(context.Background())
			assertOneOf("ReserveWait", err, nil, ErrClosed)
			if err == nil {
				w.rt.Arm(r, w.c)
			}
		})
		s.Thread("finisher", func() { assertOneOf("Finish", w.rt.Finish(all[0], nil), nil, ErrSignaled) })
		s.Thread("closer", func() { _ = w.rt.Close() })
		return func() {}
	})
}

// TestExploreReserveAgainstFinish: a Reserve that asks the stripes, while one of them is in use. Nothing is lost, and
// what the one in use keeps can be had afterwards.
func TestExploreReserveAgainstFinish(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		all := w.full()
		s.Thread("reserver", func() {
			if r, err := w.rt.Reserve(); err == nil {
				explore.Assert(w.rt.Unreserve(r), "not returned")
			} else {
				assertOneOf("Reserve", err, ErrExhausted)
			}
		})
		s.Thread("finisher", func() { assertOneOf("Finish", w.rt.Finish(all[0], nil), nil) })
		return func() {
			l := w.rt.newLocal()
			r, err := l.Reserve()
			assertOneOf("Reserve", err, nil)
			l.Unreserve(r)
			l.giveBack()
			assertOneOf("Finish", w.rt.Finish(all[1], nil), nil)
		}
	})
}
