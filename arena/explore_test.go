//go:build explore

package arena

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// TestExploreOwnersAndDepot lets two owners with empty magazines share three slots, one of
// which ends its life on the other goroutine.
func TestExploreOwnersAndDepot(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
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
	explore.Test(t, explore.Options{Preemptions: -1}, func(s *explore.Scenario) {
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
