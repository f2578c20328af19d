//go:build explore

package epoch

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreReclaimers: of two functions that are registered at once each has its own place.
func TestExploreReclaimers(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		d, _ := New(Config{MaxReclaimers: 2})
		var ids [2]ReclaimerID
		for i, name := range []string{"one", "two"} {
			s.Thread(name, func() {
				id, err := d.Reclaimer(func(uint64) {})
				explore.Assert(err == nil, "Reclaimer: %v", err)
				ids[i] = id
			})
		}
		s.Finally(func() {
			explore.Assert(ids[0] != ids[1], "both are %d", ids[0])
			for id := range d.reclaimers {
				explore.Assert(d.reclaimers[id].Load() != nil, "place %d is empty", id)
			}
		})
	})
}

// TestExploreUsedOnlyRises: of two who register at once neither makes advances overlook the other's slot.
func TestExploreUsedOnlyRises(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		d, _ := New(Config{MaxParticipants: 2})
		for _, name := range []string{"one", "two"} {
			s.Thread(name, func() {
				p := must(d.Register())
				seen := d.used.Load()
				explore.Assert(int(seen) > p.ID(), "slot %d isn't among the %d in use", p.ID(), seen)
			})
		}
		s.Finally(func() { explore.Assert(d.used.Load() == 2, "%d slots are in use", d.used.Load()) })
	})
}
