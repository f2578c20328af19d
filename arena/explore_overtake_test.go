//go:build explore

package arena

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreReserveOvertakesNobody: a Reserve that begins after somebody has joined gets no slot before that one (W5), not even
// in the moment between a giver's put and its look for who waits.
func TestExploreReserveOvertakesNobody(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		c := newCrowd(1, 1, false)
		w := c.Join()
		s.Thread("giver", func() { c.end(c.o, c.refs[0]) })
		s.Thread("third", func() {
			_, err := c.NewOwner().Reserve()
			explore.Assert(err == ErrExhausted, "a Reserve has overtaken who waits: %v", err)
		})
		s.Finally(func() {
			explore.Assert(w.state.Load() == served, "who waits isn't served")
			explore.Assert(c.waits(w, nil) == nil, "Wait")
			c.finally(1)
		})
	})
}
