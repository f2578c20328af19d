//go:build explore

package arena

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
	"github.com/fencert/fencert/internal/linear"
)

// exploreSlots explores threads on an arena whose magazines keep nothing, and checks the history of each schedule.
func exploreSlots(t *testing.T, preemptions, slots, least int, threads ...func(x slotThread)) {
	t.Helper()
	const last = 3
	check := linear.NewChecker(t, slotSpec(slots, last))
	explore.Test(t, explore.Options{Preemptions: preemptions}, func(s *explore.Scenario) {
		a, _ := New(slots)
		a.SetShare(16)
		a.SetLastGeneration(FirstGeneration + last)
		h := linear.NewHistory[slotOp](len(threads))
		for k, f := range threads {
			s.Thread(string(rune('a'+k)), func() { f(slotThread{h.Thread(k), a.NewOwner()}) })
		}
		s.Finally(func() {
			err := check.Check(h)
			explore.Assert(err == nil, "%v", err)
		})
	})
	t.Log(check)
	if check.Different() < least {
		t.Errorf("%d different histories: the threads don't meet", check.Different())
	}
}

func reserveAndEnd(x slotThread) {
	if r := x.reserve(); r != 0 {
		x.end(r)
	}
}

func TestExploreLinearReserve(t *testing.T) {
	exploreSlots(t, 3, 2, 20, func(x slotThread) {
		reserveAndEnd(x)
		x.reserve()
	}, func(x slotThread) {
		reserveAndEnd(x)
		x.look(1)
	})
}

// TestExploreLinearExhausted: three want the two slots, one of which has never been used.
func TestExploreLinearExhausted(t *testing.T) {
	preemptions := 3
	if testing.Short() {
		preemptions = 2
	}
	once := func(x slotThread) { x.reserve() }
	exploreSlots(t, preemptions, 2, 20, reserveAndEnd, once, once)
}

// TestExploreLinearReturn: a reservation is returned, reserved by another, and returned once more by its first owner.
func TestExploreLinearReturn(t *testing.T) {
	exploreSlots(t, 3, 1, 20, func(x slotThread) {
		if r := x.reserve(); r != 0 {
			x.giveBack(r)
			x.giveBack(r)
		}
	}, func(x slotThread) {
		x.look(1)
		if r := x.reserve(); r != 0 {
			x.giveBack(r)
		}
	})
}
