//go:build explore

package wheel

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreOnlyOne: an owner that has found nothing due, for what was due is canceled, goes on for a value that another
// has reached meanwhile. One callback that has just come in isn't all there is then.
func TestExploreOnlyOne(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		o := x.owner()
		x.cancel(o, x.add(o, 4), 4)
		x.add(o, 5)
		o.Close()
		x.thread("advancer", func(o *Owner) { x.advance(o, 4) })
		x.thread("adder", func(o *Owner) { x.addArg(o, 4, 1004) })
		x.thread("further", func(o *Owner) { x.advance(o, 5) })
		x.quiet()
	})
}
