//go:build explore

package fencert

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// A tellings is what an observer is told of each seqno. Plain: threads of an exploration never run at once.
type tellings struct {
	armed, signaled, ended [8]int
	results                [8]error
}

// observe makes the world's runtime an observed one.
func (w *world) observe() *tellings {
	told := new(tellings)
	w.rt.config.Observer = &Observer{
		Armed: func(e Event) { told.armed[e.Seqno]++ },
		Signaled: func(e Event, result error) {
			explore.Assert(told.armed[e.Seqno] == 1, "signaled before it was armed")
			told.signaled[e.Seqno]++
			told.results[e.Seqno] = result
		},
		Ended: func(e Event) {
			explore.Assert(e.Context == w.c, "of no fence context")
			told.ended[e.Seqno]++
		},
	}
	w.c = must(w.rt.NewFenceContext("driver", "timeline"))
	return told
}

// TestExploreObservedSignalAgainstDrop: one goroutine signals and another drops, and the slot lives on. Of each fence
// each event is told once, with the right seqno and the result.
func TestExploreObservedSignalAgainstDrop(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		told := w.observe()
		a := w.rt.newLocal()
		i := w.arm(a)
		var won error
		s.Thread("signaler", w.local(func(l *Local) { won = l.Signal(i, errTable) }))
		s.Thread("dropper", func() {
			assertOneOf("Drop", a.Drop(i), nil)
			for range 2 { // comes to the same slot
				_ = a.Finish(w.arm(a), nil)
			}
			a.giveBack()
		})
		return func() {
			want := errTable
			if won != nil {
				want = ErrCanceled
			}
			explore.Assert(told.results[1] == want, "signaled with %v, want %v", told.results[1], want)
			for seqno := 1; seqno <= 3; seqno++ {
				explore.Assert(told.armed[seqno] == 1 && told.signaled[seqno] == 1 && told.ended[seqno] == 1,
					"seqno %d: armed %d, signaled %d, ended %d", seqno, told.armed[seqno], told.signaled[seqno], told.ended[seqno])
			}
		}
	})
}

// TestExploreObservedArmAgainstClose: Close signals a fence that is just being armed: it is told of all the same, once.
func TestExploreObservedArmAgainstClose(t *testing.T) {
	closeSearch(t, 3, func(s *explore.Scenario, w *world) func() {
		told := w.observe()
		l := w.rt.newLocal()
		r := must(l.Reserve())
		var i Issuer
		s.Thread("armer", func() {
			i = l.Arm(r, w.c)
			assertOneOf("Finish", l.Finish(i, nil), nil, ErrSignaled)
		})
		s.Thread("closer", func() { _ = w.rt.Close() })
		return func() {
			if i.Fence().Err() != ErrStale {
				assertOneOf("Drop", l.Drop(i), nil)
			}
			explore.Assert(told.armed[1] == 1 && told.signaled[1] == 1 && told.ended[1] == 1,
				"armed %d, signaled %d, ended %d", told.armed[1], told.signaled[1], told.ended[1])
			l.giveBack()
		}
	})
}
