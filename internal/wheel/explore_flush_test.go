//go:build explore

package wheel

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreSettle: who settles a wheel where rounding can't tell what is due loses nothing to those who advance and add
// meanwhile, runs nothing twice, and leaves a box that can tell.
func TestExploreSettle(t *testing.T) {
	const big = 1 << 60
	explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
		x := newWorld(s, 4, big)
		o := x.owner()
		x.add(o, big+9)
		o.Close()
		explore.Assert(x.w.Unclear(x.w.Mark()), "the box can tell: the scenario is about nothing")
		x.thread("settler", func(o *Owner) { o.Settle(&x.w) })
		x.thread("advancer", func(o *Owner) { x.advance(o, big+9) })
		x.thread("adder", func(o *Owner) { x.add(o, big+10) })
		x.s.Finally(func() {
			o := x.owner()
			x.adopt(o)
			explore.Assert(x.ran[big+9] == 1 && x.ran[big+10] == 0, "ran %v", x.ran)
			o.Settle(&x.w)
			explore.Assert(x.w.Delivered(big+9) && x.w.Passed(x.w.Mark()), "it can't tell what is due after Settle")
			x.close(o, 1)
			explore.Assert(x.ran[big+10] == x.added[big+10], "closed; ran %v", x.ran)
			o.Close()
		})
	})
}
