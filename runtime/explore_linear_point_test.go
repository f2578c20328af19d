//go:build explore

package fencert

import (
	"math/rand/v2"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
	"github.com/fencert/fencert/internal/linear"
)

// pointScenario has threads make calls with a timeline on which callbacks 0 to 2 wait, if begun. What is handed over is delivered by a
// thread at its end.
func pointScenario(check *linear.Checker[pointState, pointOp], begun bool, threads ...func(t pointThread)) func(*explore.Scenario, *world) func() {
	return func(s *explore.Scenario, in *world) func() {
		var x *pointWorld
		x = newPointWorld(in.rt, must(in.rt.Handler(func(l *Local, arg uint64, err error) { x.called(l, arg, err) })))
		var handed atomicx.Uint32
		var adopt, ended func()
		in.rt.spawn = func(f func()) {
			explore.Assert(handed.Load() == 0, "handed over twice")
			adopt, ended = f, x.handedOver()
			handed.Store(1)
		}
		help := func() {
			for handed.CompareAndSwap(1, 0) {
				f, end := adopt, ended
				f()
				end()
			}
		}
		l := in.rt.newLocal()
		last := x.thread(len(threads), l)
		if begun {
			last.begin()
		}
		l.giveBack()
		for k, f := range threads {
			s.Thread(string(rune('a'+k)), func() {
				in.local(func(l *Local) { f(x.thread(k, l)) })()
				help()
			})
		}
		return func() {
			help()
			in.local(func(l *Local) {
				last.l = l
				last.end()
			})()
			help()
			err := check.Check(x.h)
			explore.Assert(err == nil, "%v", err)
		}
	}
}

func explorePoints(t *testing.T, preemptions, least int, begun bool, threads ...func(t pointThread)) {
	t.Helper()
	check := linear.NewChecker(t, pointSpec())
	search(t, preemptions, lineal, pointScenario(check, begun, threads...))
	check.Expect(least)
}

// lineal has room for the callbacks of pointScenario.
var lineal = Config{Fences: 1, Callbacks: 1, Waiters: 1, Readers: 1, Errors: 4, Points: 16}

// TestExploreLinearPointAdvances: two advance, and one adds, at and around where they go, and looks.
func TestExploreLinearPointAdvances(t *testing.T) {
	explorePoints(t, 2, 50, false,
		func(t pointThread) { t.advance(3, false) },
		func(t pointThread) { t.advance(2, false) },
		func(t pointThread) { t.add(2, 3); t.add(3, 4); t.done(2) })
}

// TestExploreLinearPointClose: one closes, one advances and one adds and looks: which result a point has, and stays.
func TestExploreLinearPointClose(t *testing.T) {
	explorePoints(t, 2, 50, false,
		func(t pointThread) { t.close() },
		func(t pointThread) { t.advance(2, true); t.value() },
		func(t pointThread) { t.add(2, 3); t.err(2); t.err(2) })
	explorePoints(t, 2, 20, true,
		func(t pointThread) { t.close(); t.err(3) },
		func(t pointThread) { t.close(); t.advance(3, false) })
}

// TestExploreLinearPointCancels: two cancel one callback while the value comes to it.
func TestExploreLinearPointCancels(t *testing.T) {
	explorePoints(t, 2, 50, true,
		func(t pointThread) { t.advance(3, false) },
		func(t pointThread) { t.cancel(t.w.tickets[1], 1) },
		func(t pointThread) { t.cancel(t.w.tickets[1], 1); t.cancel(t.w.tickets[2], 2) })
}

// TestExploreLinearPointPrograms samples the schedules of random programs.
func TestExploreLinearPointPrograms(t *testing.T) {
	check := linear.NewChecker(t, pointSpec())
	for seed := range uint64(40) {
		program := func(k uint64) func(pointThread) {
			return func(t pointThread) { t.random(rand.New(rand.NewPCG(seed, k)), 3+4*k) }
		}
		searchWith(t, explore.Options{Mode: explore.Random, MaxSchedules: 100}, lineal, pointScenario(check, true, program(0), program(1), program(2)))
	}
	check.Expect(500)
}
