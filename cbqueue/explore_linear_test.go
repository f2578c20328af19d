//go:build explore

package cbqueue

import (
	"math/rand/v2"
	"testing"

	"github.com/fencert/fencert/internal/explore"
	"github.com/fencert/fencert/internal/linear"
)

// exploreList explores threads on two lists and checks the history of each schedule. List 0 has callbacks 100 to 102.
func exploreList(t *testing.T, preemptions, least int, often bool, threads ...func(x listThread, tickets []Ticket)) {
	t.Helper()
	check := linear.NewChecker(t, listSpec())
	explore.Test(t, explore.Options{Preemptions: preemptions}, listScenario(often, func(h *linear.History[listOp]) {
		err := check.Check(h)
		explore.Assert(err == nil, "%v", err)
	}, threads...))
	check.Expect(least)
}

func listScenario(often bool, check func(*linear.History[listOp]), threads ...func(x listThread, tickets []Ticket)) func(*explore.Scenario) {
	return func(s *explore.Scenario) {
		p, _ := NewPool(5)
		if often {
			p.SweepOften()
		}
		lists := []*list{newList(1), newList(1)}
		h := linear.NewHistory[listOp](len(threads) + 1)
		first := listThread{h.Thread(len(threads)), newOwner(p), lists}
		tickets := first.addMany(0, 100, 101, 102)
		first.o.Close()
		for k, f := range threads {
			s.Thread(string(rune('a'+k)), func() {
				x := listThread{h.Thread(k), newOwner(p), lists}
				f(x, tickets)
				x.o.Close()
			})
		}
		s.Finally(func() {
			first.close(0)
			first.close(1)
			check(h)
		})
	}
}

func closes(x listThread, _ []Ticket) { x.close(0) }

func TestExploreLinearAddAgainstClose(t *testing.T) {
	exploreList(t, 2, 100, false,
		func(x listThread, _ []Ticket) { x.add(0, 1) },
		func(x listThread, _ []Ticket) { x.addMany(0, 2, 3); x.look(0) },
		closes)
}

// TestExploreLinearCancels: two cancel the same callback, one of them another as well, and the list closes.
func TestExploreLinearCancels(t *testing.T) {
	for _, often := range []bool{false, true} {
		preemptions := 2
		if !often && !testing.Short() {
			preemptions = 3
		}
		exploreList(t, preemptions, 100, often,
			func(x listThread, tickets []Ticket) { x.cancel(0, tickets[0], 100) },
			func(x listThread, tickets []Ticket) {
				x.cancel(0, tickets[0], 100)
				x.cancel(0, tickets[2], 102)
			},
			closes)
	}
}

// TestExploreLinearCrossedCancels: two Cancels of one callback aren't linearizable in the strict sense, that one of them takes it
// back unless it runs first: the first to come may be overtaken by the close, when the second has been turned away already.
// What they promise instead is what listSpec says of crossed ones.
func TestExploreLinearCrossedCancels(t *testing.T) {
	strict := listSpec()
	strict.Prepare = nil
	check := linear.NewChecker(t, strict)
	one := func(x listThread, tickets []Ticket) { x.cancel(0, tickets[0], 100) }
	report := explore.Search(explore.Options{Preemptions: 2}, listScenario(false, func(h *linear.History[listOp]) {
		explore.Assert(!check.Refutes(h), "refuted")
	}, one, one, closes))
	if report.Failure == nil || report.Failure.Reason != "refuted" {
		t.Errorf("%v", report)
	}
}

// TestExploreLinearReuse: a node runs, and is used again on the other list, under a Cancel.
func TestExploreLinearReuse(t *testing.T) {
	exploreList(t, 3, 20, false,
		func(x listThread, tickets []Ticket) { x.cancel(0, tickets[1], 101) },
		func(x listThread, _ []Ticket) {
			x.close(0)
			x.addMany(1, 1, 2, 3)
			x.close(1)
		})
}

// TestExploreLinearPrograms samples the schedules of random programs.
func TestExploreLinearPrograms(t *testing.T) {
	check := linear.NewChecker(t, listSpec())
	for seed := range uint64(40) {
		program := func(k uint64) func(listThread, []Ticket) {
			return func(x listThread, tickets []Ticket) { x.random(rand.New(rand.NewPCG(seed, k)), 10*k, tickets) }
		}
		explore.Test(t, explore.Options{Mode: explore.Random, MaxSchedules: 300}, listScenario(seed%2 == 0, func(h *linear.History[listOp]) {
			err := check.Check(h)
			explore.Assert(err == nil, "%v", err)
		}, program(0), program(1), program(2)))
	}
	check.Expect(500)
}
