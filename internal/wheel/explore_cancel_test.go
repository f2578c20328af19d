//go:build explore

package wheel

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

func TestExploreCancelAgainstAdvance(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		o := x.owner()
		tickets := []Ticket{x.add(o, 4), x.add(o, 5)}
		o.Close()
		x.thread("canceler", func(o *Owner) {
			x.cancel(o, tickets[1], 5)
			x.cancel(o, tickets[0], 4)
		})
		x.thread("advancer", func(o *Owner) { x.advance(o, 5) })
		x.quiet()
	})
}

func TestExploreTwoCancelsOfOne(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		o := x.owner()
		ticket := x.add(o, 4)
		o.Close()
		for _, name := range []string{"a", "b"} {
			x.thread(name, func(o *Owner) { x.cancel(o, ticket, 4) })
		}
		x.thread("advancer", func(o *Owner) { x.advance(o, 4) })
		x.quiet()
	})
}

// TestExploreCancelAgainstReuse has a ticket whose node runs and is used again, for a point far ahead and for another
// wheel.
func TestExploreCancelAgainstReuse(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		x := newWorld(s, 1, 3)
		var other Wheel
		other.Init(x.p, 0)
		o := x.owner()
		ticket := x.add(o, 4)
		x.thread("canceler", func(o *Owner) {
			x.cancel(o, ticket, 4)
			explore.Assert(!o.Cancel(&other, ticket), "canceled on a wheel that it isn't of")
		})
		s.Thread("reuser", func() {
			x.advance(o, 4)
			x.add(o, 1000-1)
			x.adopt(o)
			o.Close()
		})
		x.quiet()
	})
}

// TestExploreSweep sweeps after each cancel, against a second canceler, an adder and an advancer.
func TestExploreSweep(t *testing.T) {
	for _, adder := range []bool{false, true} {
		name := "advancer"
		if adder {
			name = "adder"
		}
		t.Run(name, func(t *testing.T) {
			explore.Searches(t, large(2), func(s *explore.Scenario) {
				x := newWorld(s, 5, 3)
				x.p.SweepOften()
				x.w.debt.Store(0)
				o := x.owner()
				tickets := []Ticket{x.add(o, 4), x.add(o, 70), x.add(o, 71)}
				o.Close()
				x.thread("a", func(o *Owner) { x.cancel(o, tickets[1], 70) })
				x.thread("b", func(o *Owner) { x.cancel(o, tickets[0], 4) })
				if adder {
					x.thread("adder", func(o *Owner) { x.add(o, 72) })
				} else {
					x.thread("advancer", func(o *Owner) { x.advance(o, 71) })
				}
				x.quiet()
			})
		})
	}
}

// TestExploreSweepWhileDelivering cancels and sweeps from inside a callback, where the wheel has an owner.
func TestExploreSweepWhileDelivering(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		x := newWorld(s, 5, 3)
		x.p.SweepOften()
		o := x.owner()
		x.add(o, 4)
		tickets := []Ticket{x.add(o, 5), x.add(o, 6)}
		o.Close()
		x.onRun[4] = func(o *Owner) { x.cancel(o, tickets[1], 6) }
		x.thread("advancer", func(o *Owner) { x.advance(o, 5) })
		x.thread("canceler", func(o *Owner) { x.cancel(o, tickets[0], 5) })
		x.quiet()
	})
}

// TestExploreAdvanceOverCanceled: an advancer comes to own the wheel for what was canceled, and gives it up to one for whom there
// is something: from then on nothing plain is its own.
func TestExploreAdvanceOverCanceled(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		o := x.owner()
		x.cancel(o, x.add(o, 5), 5)
		x.add(o, 6)
		x.add(o, 7)
		o.Close()
		x.thread("a", func(o *Owner) { x.advance(o, 5) })
		x.thread("b", func(o *Owner) { x.advance(o, 7) })
		x.quiet()
	})
}
