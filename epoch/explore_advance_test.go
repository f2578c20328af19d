//go:build explore

package epoch

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreTwoAdvance: an advance that another one overtakes leaves the epoch where it is: it never falls.
func TestExploreTwoAdvance(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		d := newWorld(1).d
		advance := func(times int) func() {
			return func() {
				for range times {
					before := d.Epoch()
					now, _ := d.advance()
					after := d.Epoch()
					explore.Assert(before <= now && now <= after, "the epoch was %d, then %d, then %d", before, now, after)
				}
			}
		}
		s.Thread("one", advance(1))
		s.Thread("two", advance(2))
		s.Finally(func() {
			e := d.Epoch()
			explore.Assert(e > firstEpoch+1 && e <= firstEpoch+3, "three advances end at %d", e)
		})
	})
}

// TestExploreBarrierComesBeforeTheLook: with two who advance, the barrier of the first is over before the second can build
// upon its look.
func TestExploreBarrierComesBeforeTheLook(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
		b := newBuffered(t, true, 1)
		b.threads(s, 1)
		s.Thread("mover", func() { b.d.advance() })
		s.Thread("owner", func() {
			b.link.Store(0)
			at := b.d.Stamp()
			b.d.advance()
			if b.d.over(at, b.d.Epoch()) {
				b.dead.Set(true)
			}
		})
	})
}
