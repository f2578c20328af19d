//go:build explore

package fencert

import (
	"math/rand/v2"
	"testing"

	"github.com/fencert/fencert/internal/explore"
	"github.com/fencert/fencert/internal/linear"
)

// exploreFence explores threads on a fence, with callbacks 50 and 51 if it has some, in a runtime of two slots, and checks the
// history of each schedule.
func exploreFence(t *testing.T, preemptions, least, callbacks int, threads ...func(y *fenceThread, tickets []Ticket)) {
	t.Helper()
	check := linear.NewChecker(t, fenceSpec())
	search(t, preemptions, tiny, fenceScenario(func(h *linear.History[fenceOp]) {
		err := check.Check(h)
		explore.Assert(err == nil, "%v", err)
	}, callbacks, threads...))
	check.Expect(least)
}

func fenceScenario(check func(*linear.History[fenceOp]), callbacks int, threads ...func(y *fenceThread, tickets []Ticket)) func(*explore.Scenario, *world) func() {
	return func(s *explore.Scenario, in *world) func() {
		w := &fenceWorld{rt: in.rt, c: in.c, h: newFenceHistory(len(threads) + 1), threads: map[*Local]*fenceThread{}}
		w.note = must(in.rt.Handler(w.called))
		l := in.rt.newLocal()
		w.arm(l, 1)
		first := w.thread(len(threads), l)
		var tickets []Ticket
		for k := range callbacks {
			tickets = append(tickets, first.add(0, uint64(50+k)))
		}
		l.giveBack()
		for k, f := range threads {
			s.Thread(string(rune('a'+k)), in.local(func(l *Local) {
				y := w.thread(k, l)
				f(y, tickets)
				for len(y.holds) > 0 {
					y.release()
				}
			}))
		}
		return func() {
			in.local(func(l *Local) {
				delete(w.threads, first.l)
				first.l = l
				w.threads[l] = first
				first.end()
			})()
			check(w.h)
		}
	}
}

func finishes(y *fenceThread, _ []Ticket) { y.signal(0, true, 1) }

func drops(y *fenceThread, _ []Ticket) { y.drop(0) }

func holds(y *fenceThread, _ []Ticket) { y.hold(0) }

// TestExploreLinearSignals: two signal, one of them finishes, and the third adds and drops.
func TestExploreLinearSignals(t *testing.T) {
	exploreFence(t, 2, 50, 0, finishes,
		func(y *fenceThread, _ []Ticket) { y.signal(0, false, 2) },
		func(y *fenceThread, _ []Ticket) { y.add(0, 1); y.drop(0) })
}

// TestExploreLinearLooks: what is seen of a fence that is signaled and dropped while its callbacks run, and whose slot is used
// again.
func TestExploreLinearLooks(t *testing.T) {
	look := func(y *fenceThread, _ []Ticket) {
		y.poll(0, false)
		y.poll(0, true)
		y.err(0)
	}
	exploreFence(t, 2, 50, 1, func(y *fenceThread, _ []Ticket) { y.signal(0, false, 1); y.again() }, look, drops)
	exploreFence(t, 2, 20, 1, func(y *fenceThread, _ []Ticket) { y.signal(0, true, 1); y.again() }, look)
}

// TestExploreLinearHolds: holders come and go while the fence is finished, or is dropped with callbacks running.
func TestExploreLinearHolds(t *testing.T) {
	exploreFence(t, 2, 50, 0, func(y *fenceThread, _ []Ticket) { y.signal(0, true, 1); y.err(0) }, holds,
		func(y *fenceThread, _ []Ticket) { y.hold(0); y.err(0) })
	exploreFence(t, 2, 50, 1, func(y *fenceThread, _ []Ticket) { y.signal(0, false, 1) }, holds, drops)
}

// TestExploreLinearCancels: two cancel the same callback, one of them another as well, and the fence is finished.
func TestExploreLinearCancels(t *testing.T) {
	exploreFence(t, 2, 50, 2, finishes,
		func(y *fenceThread, tickets []Ticket) { y.cancel(0, tickets[0], 50) },
		func(y *fenceThread, tickets []Ticket) {
			y.cancel(0, tickets[0], 50)
			y.cancel(0, tickets[1], 51)
		})
}

// TestExploreLinearPrograms samples the schedules of random programs.
func TestExploreLinearPrograms(t *testing.T) {
	check := linear.NewChecker(t, fenceSpec())
	for seed := range uint64(40) {
		program := func(k uint64) func(*fenceThread, []Ticket) {
			return func(y *fenceThread, tickets []Ticket) { y.random(rand.New(rand.NewPCG(seed, k)), tickets) }
		}
		searchWith(t, explore.Options{Mode: explore.Random, MaxSchedules: 200}, tiny, fenceScenario(func(h *linear.History[fenceOp]) {
			err := check.Check(h)
			explore.Assert(err == nil, "%v", err)
		}, 2, program(0), program(1), program(2)))
	}
	check.Expect(500)
}
