//go:build explore

package epoch

import (
	"testing"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// TestExploreStallIsToldOnce: two look at the same section at the same time; what they note is in Cells.
func TestExploreStallIsToldOnce(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
		told, now := 0, time.Duration(0)
		w := newWorld(3, "reader", "a", "b")
		c, _ := Config{OnStall: func(Stall) { told++ }, MaxParticipants: 3, StallAfter: 1}.complete()
		w.d.stalls.init(c)
		w.d.stalls.clock = func() time.Duration { now++; return now }
		w.p["reader"].Pin()
		ok(w.p["a"].Retire(w.id, 1))
		ok(w.p["b"].Retire(w.id, 1))
		s.Thread("a", func() { collect(w.p["a"], 2) })
		s.Thread("b", func() { collect(w.p["b"], 2) })
		s.Finally(func() {
			collect(w.p["a"], 2)
			explore.Assert(told == 1, "told %d times", told)
		})
	})
}

// forgetting: the garbage collector finds a participant whose goroutine has ended. That orders nothing by itself, so the
// flag is plain. But the collector has stopped the world meanwhile, so each processor has passed a barrier: no store of the
// last owner's is still in a buffer.
func forgetting(forget func(*Domain, *slot)) func(*explore.Scenario) {
	return func(s *explore.Scenario) {
		w := newWorld(2, "leaver", "other")
		gone := false
		s.Thread("leaver", func() {
			w.remove(w.p["leaver"])
			w.p["leaver"].Collect()
			gone = true
			w.link.Store(0) // a write, so that Pause ends
		})
		s.Thread("garbage collector", func() {
			for !gone {
				atomicx.Pause(1)
			}
			atomicx.Membarrier()
			forget(w.d, w.p["leaver"].s)
		})
		s.Thread("other", func() { collect(w.p["other"], 2) })
		w.finally(s, func() *Participant { return w.p["other"] })
	}
}

// TestExploreForget: I10, and what it would be without the look at pending.
func TestExploreForget(t *testing.T) {
	explore.Searches(t, []explore.Options{{Preemptions: 3}, {Preemptions: 1, StoreBuffers: true}, sampled}, forgetting((*Domain).forget))
	mustFail(t, explore.Options{Preemptions: 3}, forgetting((*Domain).release), unordered)
}
