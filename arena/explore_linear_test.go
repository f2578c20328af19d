//go:build explore

package arena

import (
	"math/rand/v2"
	"testing"

	"github.com/fencert/fencert/internal/explore"
	"github.com/fencert/fencert/internal/linear"
)

// exploreSlots explores threads on an arena whose magazines keep nothing, and whose slots have had a life if used is set; and
// checks the history of each schedule. The slots have three lives.
func exploreSlots(t *testing.T, preemptions, slots, least int, used bool, threads ...func(x slotThread)) {
	t.Helper()
	check := linear.NewChecker(t, slotSpec(slots, 3))
	explore.Test(t, explore.Options{Preemptions: preemptions}, slotScenario(check, slots, used, threads...))
	check.Expect(least)
}

func slotScenario(check *linear.Checker[slotStates, slotOp], slots int, used bool, threads ...func(x slotThread)) func(*explore.Scenario) {
	return func(s *explore.Scenario) {
		a, _ := New(slots)
		a.SetShare(16)
		a.SetLastGeneration(FirstGeneration + 3)
		h := linear.NewHistory[slotOp](len(threads) + 1)
		if first := (slotThread{h.Thread(len(threads)), a.NewOwner()}); used {
			var all []Ref
			for range slots {
				all = append(all, first.reserve())
			}
			for _, r := range all {
				first.end(r)
			}
		}
		for k, f := range threads {
			s.Thread(string(rune('a'+k)), func() { f(slotThread{h.Thread(k), a.NewOwner()}) })
		}
		s.Finally(func() {
			err := check.Check(h)
			explore.Assert(err == nil, "%v", err)
		})
	}
}

// TestExploreLinearPrograms samples the schedules of random programs.
func TestExploreLinearPrograms(t *testing.T) {
	check := linear.NewChecker(t, slotSpec(2, 3))
	for seed := range uint64(40) {
		program := func(k uint64) func(slotThread) {
			return func(x slotThread) { useSlots(x, 2, rand.New(rand.NewPCG(seed, k))) }
		}
		explore.Test(t, explore.Options{Mode: explore.Random, MaxSchedules: 300},
			slotScenario(check, 2, seed%2 == 0, program(0), program(1), program(2)))
	}
	check.Expect(500)
}

func reserveAndEnd(x slotThread) {
	if r := x.reserve(); r != 0 {
		x.end(r)
	}
}

func TestExploreLinearReserve(t *testing.T) {
	exploreSlots(t, 3, 2, 20, false, func(x slotThread) {
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
	exploreSlots(t, preemptions, 2, 20, false, reserveAndEnd, once, once)
}

// TestExploreLinearStack: a slot is given back on top of the stack while another goroutine takes it from there (D4 in package
// depot).
func TestExploreLinearStack(t *testing.T) {
	exploreSlots(t, 2, 2, 20, true, func(x slotThread) {
		x.reserve()
		x.reserve()
	}, func(x slotThread) {
		r := x.reserve()
		x.reserve()
		if r != 0 {
			x.end(r)
		}
	})
}

// TestExploreLinearReturn: a reservation is returned, reserved by another, and returned once more by its first owner, until the
// slot is used up.
func TestExploreLinearReturn(t *testing.T) {
	exploreSlots(t, 3, 1, 20, true, func(x slotThread) {
		if r := x.reserve(); r != 0 {
			x.giveBack(r)
			x.giveBack(r)
		}
	}, func(x slotThread) {
		x.look(1)
		if r := x.reserve(); r != 0 {
			x.giveBack(r)
		}
		x.reserve()
	})
}
