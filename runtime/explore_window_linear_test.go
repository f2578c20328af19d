//go:build explore

package fencert

import (
	"math/rand/v2"
	"testing"

	"github.com/fencert/fencert/internal/explore"
	"github.com/fencert/fencert/internal/linear"
)

// TestExploreLinearWindow checks the history of each schedule of two small programs on a window of two numbers, and samples
// those of random ones.
func TestExploreLinearWindow(t *testing.T) {
	check := linear.NewChecker(t, windowSpec(2))
	run := func(o explore.Options, programs ...func(y windowThread)) {
		t.Helper()
		searchWith(t, o, tiny, func(s *explore.Scenario, w *world) func() {
			h := linear.NewHistory[windowOp](len(programs))
			x := newWindowWorld(w, 2, 0)
			for k, f := range programs {
				s.Thread(string(rune('a'+k)), w.local(func(l *Local) { f(windowThread{x.w, l, h.Thread(k), k}) }))
			}
			return func() {
				err := check.Check(h)
				explore.Assert(err == nil, "%v", err)
				_ = x.t.Close(nil)
			}
		})
	}
	commit := func(y windowThread) {
		if n := y.issue(); n != 0 {
			y.complete(n)
			y.value()
		}
	}
	run(explore.Options{Preemptions: 2}, commit, commit, func(y windowThread) { y.complete(1); y.complete(2) })
	run(explore.Options{Preemptions: 2}, commit, commit, windowThread.close)
	run(explore.Options{Preemptions: 2}, func(y windowThread) { commit(y); commit(y) }, func(y windowThread) { commit(y); commit(y) })
	for seed := range uint64(20) {
		program := func(k uint64) func(windowThread) {
			return func(y windowThread) { y.random(rand.New(rand.NewPCG(seed, k)), 5) }
		}
		run(explore.Options{Mode: explore.Random, MaxSchedules: 200}, program(0), program(1), program(2))
	}
	check.Expect(500)
}
