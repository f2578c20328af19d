//go:build explore

package wheel

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

func TestExploreCloseAgainstAdd(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		x.thread("adder", func(o *Owner) {
			x.add(o, 5)
			x.add(o, 900)
		})
		x.thread("closer", func(o *Owner) { x.close(o, 1) })
		x.quiet()
	})
}

// TestExploreCloseAgainstAdvance: two closers and an advancer agree about which points were reached and whose code counts.
func TestExploreCloseAgainstAdvance(t *testing.T) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		o := x.owner()
		x.add(o, 5)
		x.add(o, 6)
		o.Close()
		var won atomicx.Cell[uint32]
		for code := uint32(1); code <= 2; code++ {
			x.thread([]string{"", "closer", "second"}[code], func(o *Owner) {
				if x.close(o, code) {
					explore.Assert(won.Get() == 0, "closed twice")
					won.Set(code)
				}
				signaled, c := x.w.Status(900)
				explore.Assert(signaled && c != 0, "closed, and a point beyond is %v, %d", signaled, c)
			})
		}
		x.thread("advancer", func(o *Owner) {
			moved, due := o.Advance(&x.w, 5)
			if due {
				x.deliver(o)
			}
			_, code := x.w.Status(5)
			explore.Assert(moved == (code == 0), "moved %v, code %d", moved, code)
		})
		x.thread("reader", func(*Owner) {
			signaled, code := x.w.Status(6)
			explore.Assert(signaled == (code != 0), "a point that was never reached is %v, %d", signaled, code)
		})
		s.Finally(func() {
			_, code := x.w.Status(900)
			explore.Assert(code == won.Get() && code != 0, "code %d, won by %d", code, won.Get())
			explore.Assert(len(x.order) == 2, "delivered %v", x.order)
		})
	})
}
