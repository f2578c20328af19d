//go:build explore

package depot

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// searched is how far these go. Links are written by release stores, which may arrive late.
var searched = []explore.Options{{Preemptions: 3}, {Mode: explore.Random, StoreBuffers: true, MaxSchedules: 5_000}}

// ledger asserts that an index never has two owners.
type ledger [5]atomicx.Cell[int]

func (o *ledger) take(d *Depot, n int) []uint32 {
	buf := make([]uint32, n)
	buf = buf[:d.Take(buf)]
	for _, i := range buf {
		explore.Assert(o[i].Get() == 0, "index %d has two owners", i)
		o[i].Set(1)
	}
	return buf
}

func (o *ledger) put(d *Depot, from []uint32) {
	for _, i := range from {
		o[i].Set(0)
	}
	d.Put(from)
}

func TestExploreTakeAndPut(t *testing.T) {
	explore.Searches(t, searched, func(s *explore.Scenario) {
		d, o := New(4), new(ledger)
		o.put(d, o.take(d, 3))
		s.Thread("many", func() { o.put(d, o.take(d, 2)) })
		s.Thread("churn", func() {
			a := o.take(d, 1)
			b := o.take(d, 1)
			o.put(d, a)
			o.put(d, b)
		})
		s.Thread("fresh", func() { o.put(d, o.take(d, 3)) })
		s.Finally(func() {
			all := o.take(d, 4)
			all = append(all, o.take(d, 4)...)
			explore.Assert(len(all) == 4, "%d of 4 indices are left", len(all))
		})
	})
}

// TestExploreGrowAgainstTakeAndShut: no index is carved twice or above the limit, and none after Shut.
func TestExploreGrowAgainstTakeAndShut(t *testing.T) {
	explore.Searches(t, searched, func(s *explore.Scenario) {
		d, o := NewGrowable(1, 3), new(ledger)
		var taken, late int
		s.Thread("taker", func() { taken = len(o.take(d, 2)) + len(o.take(d, 2)) })
		s.Thread("grower", func() { d.Grow(2); d.Grow(3) })
		s.Thread("shutter", func() {
			touched := d.Shut()
			late = int(d.Touched() - touched)
		})
		s.Finally(func() {
			explore.Assert(late == 0, "%d indices were carved after Shut", late)
			explore.Assert(taken == int(d.Touched()), "%d taken, %d touched", taken, d.Touched())
			explore.Assert(len(o.take(d, 4)) == 0, "an index is left after Shut")
		})
	})
}

// TestExploreTwoGrow: of two who grow the larger one stays, whoever comes first.
func TestExploreTwoGrow(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		d := NewGrowable(1, 3)
		for n := range uint32(2) {
			s.Thread([]string{"smaller", "larger"}[n], func() {
				d.Grow(2 + n)
				explore.Assert(d.Limit() >= 2+n, "the limit is %d after growing to %d", d.Limit(), 2+n)
			})
		}
		s.Finally(func() { explore.Assert(d.Limit() == 3, "the limit is %d", d.Limit()) })
	})
}
