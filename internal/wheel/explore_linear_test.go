//go:build explore

package wheel

import (
	"math/rand/v2"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
	"github.com/fencert/fencert/internal/linear"
)

// exploreLine explores threads on a wheel at value 1 on which callbacks 0 and 1 wait for points 2 and 3, and checks the
// history of each schedule.
func exploreLine(t *testing.T, preemptions, least int, threads ...func(y lineThread, tickets []Ticket)) {
	t.Helper()
	check := linear.NewChecker(t, lineSpec(1))
	explore.Test(t, explore.Options{Preemptions: preemptions}, lineScenario(func(h *linear.History[lineOp]) {
		err := check.Check(h)
		explore.Assert(err == nil, "%v", err)
	}, threads...))
	check.Expect(least)
}

// lineScenario builds the wheel. What is handed over is delivered by the threads, at their ends.
func lineScenario(check func(*linear.History[lineOp]), threads ...func(y lineThread, tickets []Ticket)) func(*explore.Scenario) {
	return func(s *explore.Scenario) {
		var handed atomicx.Uint32
		var adopt func()
		x := newLineWorld(len(threads)+1, 6, 1, func(x *lineWorld) {
			adopt = x.adopter()
			handed.Store(1)
		})
		x.p.grab = 1 // so that no Owner has them all
		first := x.thread(len(threads))
		tickets := []Ticket{first.add(2, 0), first.add(3, 1)}
		first.o.Close()
		takeOver := func() {
			for handed.CompareAndSwap(1, 0) {
				adopt()
			}
		}
		x.takeOver = takeOver
		for k, f := range threads {
			s.Thread(string(rune('a'+k)), func() {
				y := x.thread(k)
				f(y, tickets)
				takeOver() // it models the other goroutine
				y.o.Close()
			})
		}
		s.Finally(func() {
			takeOver()
			first.end()
			check(x.h)
		})
	}
}

func advances(n uint64) func(lineThread, []Ticket) {
	return func(y lineThread, _ []Ticket) { y.advance(n) }
}

// adds adds callback 2 at point n.
func adds(n uint64) func(lineThread, []Ticket) {
	return func(y lineThread, _ []Ticket) { y.add(n, 2) }
}

func cancels(k int) func(lineThread, []Ticket) {
	return func(y lineThread, tickets []Ticket) { y.cancel(tickets[k], uint64(k)) }
}

func TestExploreLinearAdvances(t *testing.T) {
	for _, n := range []uint64{2, 3, 4} {
		exploreLine(t, 2, 20, advances(3), advances(2), adds(n))
	}
}

func TestExploreLinearLooks(t *testing.T) {
	exploreLine(t, 2, 50, func(y lineThread, _ []Ticket) {
		y.advance(2)
		y.advance(3)
	}, adds(3), func(y lineThread, _ []Ticket) {
		y.done(2)
		y.status(3)
		y.done(3)
	})
}

func TestExploreLinearCancels(t *testing.T) {
	exploreLine(t, 2, 50, advances(3), cancels(1), func(y lineThread, tickets []Ticket) {
		y.cancel(tickets[1], 1)
		y.cancel(tickets[0], 0)
	})
}

func TestExploreLinearClose(t *testing.T) {
	exploreLine(t, 2, 20,
		func(y lineThread, _ []Ticket) { y.advance(2) },
		func(y lineThread, _ []Ticket) { y.close(5); y.status(3) },
		adds(3))
}

func TestExploreLinearFlush(t *testing.T) {
	exploreLine(t, 2, 20, advances(2), advances(3), func(y lineThread, _ []Ticket) { y.flush() })
}

// TestExploreLinearCrossedCancels: without what lineSpec says of Cancels that cross it would be refuted, as in package cbqueue.
func TestExploreLinearCrossedCancels(t *testing.T) {
	strict := lineSpec(1)
	strict.Prepare = nil
	check := linear.NewChecker(t, strict)
	report := explore.Search(explore.Options{Preemptions: 2}, lineScenario(func(h *linear.History[lineOp]) {
		explore.Assert(!check.Refutes(h), "refuted")
	}, cancels(0), cancels(0), advances(2)))
	if report.Failure == nil || report.Failure.Reason != "refuted" {
		t.Errorf("%v", report)
	}
}

// TestExploreLinearOneAdvances: where one goroutine advances, an Advance returns when all has run that was added in time, whatever
// others cancel or add ahead of it. But not where an add is overtaken by the value: it becomes the owner to look after its
// own callback, finds others due as well, and hands over.
func TestExploreLinearOneAdvances(t *testing.T) {
	for _, c := range []struct {
		name    string
		refuted bool
		other   func(lineThread, []Ticket)
	}{
		{"an add ahead", false, adds(4)},
		{"an add that is overtaken", true, adds(2)},
		{"a cancel", false, cancels(1)},
	} {
		always := lineSpec(1)
		always.Prepare = func(all []linear.Operation[lineOp]) {
			for k := range all {
				all[k].Op.alone = all[k].Op.kind == opAdvanceReturns
			}
		}
		check := linear.NewChecker(t, always)
		report := explore.Search(explore.Options{Preemptions: 3}, lineScenario(func(h *linear.History[lineOp]) {
			explore.Assert(!check.Refutes(h), "refuted")
		}, func(y lineThread, _ []Ticket) {
			y.advance(2)
			y.advance(3)
		}, c.other))
		if failed := report.Failure != nil; failed != c.refuted || failed && report.Failure.Reason != "refuted" || !failed && !report.Complete {
			t.Errorf("%s: %v, %v", c.name, report, report.Failure)
		}
	}
}

// TestExploreLinearPrograms samples the schedules of random programs.
func TestExploreLinearPrograms(t *testing.T) {
	check := linear.NewChecker(t, lineSpec(1))
	for seed := range uint64(40) {
		program := func(k uint64) func(lineThread, []Ticket) {
			return func(y lineThread, tickets []Ticket) { y.random(rand.New(rand.NewPCG(seed, k)), 3+4*k, tickets) }
		}
		explore.Test(t, explore.Options{Mode: explore.Random, MaxSchedules: 300}, lineScenario(func(h *linear.History[lineOp]) {
			err := check.Check(h)
			explore.Assert(err == nil, "%v", err)
		}, program(0), program(1), program(2)))
	}
	check.Expect(500)
}
