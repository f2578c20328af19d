//go:build explore

package wheel

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreKickOneWhileTheValueMoves: what an Advance came for was canceled, and while it looks the value moves past two
// callbacks. It takes the first one alone, since it came for less, and must not leave the second behind.
func TestExploreKickOneWhileTheValueMoves(t *testing.T) {
	for name, move := range map[string]func(x *world, o *Owner){
		"advance": func(x *world, o *Owner) { x.advance(o, 6) },
		"close":   func(x *world, o *Owner) { x.close(o, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
				x := newWorld(s, 4, 3)
				o := x.owner()
				first := x.add(o, 4)
				x.add(o, 5)
				x.add(o, 6)
				x.cancel(o, first, 4)
				o.Close()
				x.thread("came", func(o *Owner) { x.advance(o, 4) })
				x.thread("moves", func(o *Owner) { move(x, o) })
				x.quiet()
			})
		})
	}
}
