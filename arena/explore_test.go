//go:build explore

package arena

import (
	"testing"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// How far these scenarios go. Some end by themselves, so no bound is needed, nor where release stores arrive late (those that end
// a life, and those of the depot's links).
var small = []explore.Options{{Mode: explore.Exhaustive}, {Mode: explore.Exhaustive, StoreBuffers: true}}

// large is for those of which only a bound sees the end.
func large(preemptions int) []explore.Options {
	return append([]explore.Options{
		{Preemptions: preemptions},
		{Mode: explore.Random, StoreBuffers: true, MaxSchedules: 10_000},
	}, explore.WhenLong(explore.Options{Mode: explore.Exhaustive, MaxTime: 2 * time.Minute, AllowTruncated: true})...)
}

// TestExploreOwnersAndDepot lets two owners with empty magazines share three slots, one of
// which ends its life on the other goroutine.
func TestExploreOwnersAndDepot(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		a, _ := New(3)
		var busy [4]atomicx.Cell[bool]
		var passed atomicx.Uint64
		use := func(o *Owner) Ref {
			r, err := o.Reserve()
			if err != nil {
				return 0
			}
			explore.Assert(!busy[r.Index()].Get(), "slot %d has two owners", r.Index())
			busy[r.Index()].Set(true)
			return r
		}
		drop := func(o *Owner, r Ref) {
			if r != 0 {
				busy[r.Index()].Set(false)
				o.End(r)
			}
		}
		s.Thread("a", func() {
			o := a.NewOwner()
			r := use(o)
			passed.Store(uint64(r))
			drop(o, use(o))
			o.Close()
		})
		s.Thread("b", func() {
			o := a.NewOwner()
			drop(o, Ref(passed.Swap(0)))
			drop(o, use(o))
			o.Close()
		})
		s.Finally(func() {
			o := a.NewOwner()
			drop(o, Ref(passed.Load()))
			n := 0
			for use(o) != 0 {
				n++
			}
			explore.Assert(n == 3, "%d of 3 slots are left", n)
		})
	})
}

// TestExploreReturnTwice lets two goroutines return the same reservation.
func TestExploreReturnTwice(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		a, _ := New(1)
		r, _ := a.NewOwner().Reserve()
		var returned atomicx.Uint64
		for _, name := range []string{"a", "b"} {
			s.Thread(name, func() {
				o := a.NewOwner()
				if o.Return(r) {
					returned.Add(1)
				}
			})
		}
		s.Finally(func() { explore.Assert(returned.Load() == 1, "returned %d times", returned.Load()) })
	})
}
