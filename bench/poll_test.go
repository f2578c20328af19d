package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

type pollCase struct{ fences int }

func (c pollCase) String() string { return fmt.Sprintf("fences=%d", c.fences) }

// BenchmarkPoll times one Signaled on a fence that is armed and not signaled: always
// the same one, or going round 65536 in an order that no prefetcher follows (the
// handles are read in sequence, the fences behind them are not). GOMAXPROCS
// workers, each with its own fences.
func BenchmarkPoll(b *testing.B) {
	for _, c := range []pollCase{{1}, {65536}} {
		for _, s := range subjects {
			measure(b, c.String(), s.name(), s.poll(c.fences))
		}
	}
}

func (s subject[F, T]) poll(fences int) opener {
	return func(procs int) rig {
		c := s.crew(procs, fences, 1)
		handles := make([][]F, procs)
		shuffle := rand.New(rand.NewPCG(1, 2))
		for id, w := range c.workers {
			handles[id] = make([]F, fences)
			for i := range handles[id] {
				handles[id][i] = w.Arm()
			}
			shuffle.Shuffle(fences, func(i, j int) {
				handles[id][i], handles[id][j] = handles[id][j], handles[id][i]
			})
		}
		run := func(b *testing.B) {
			good := parallel(b, procs, steady, func(id, lo, hi int) int {
				return pollEach(c.workers[id], handles[id], lo, hi)
			})
			c.check(b, good, b.N, count{}, count{})
		}
		return rig{run, func() error {
			defer func() { _ = c.close() }()
			for id, w := range c.workers {
				if err := finishAll(w, handles[id], s.can); err != nil {
					return err
				}
			}
			return nil
		}}
	}
}

// pollEach polls hi-lo times and returns how often the answer was: not signaled.
func pollEach[F comparable, T any](w Worker[F, T], handles []F, lo, hi int) (pending int) {
	mask := len(handles) - 1
	for i := lo; i < hi; i++ {
		if !w.Signaled(handles[i&mask]) {
			pending++
		}
	}
	return pending
}

// finishAll signals fences that were polled or collected around, and checks that
// they were pending until then and are not afterwards.
func finishAll[F comparable, T any](w Worker[F, T], handles []F, can Capability) error {
	for _, f := range handles {
		pending := !w.Signaled(f)
		if done := w.Finish(f, nil); can.Contract && !(pending && done && w.Signaled(f)) {
			return fmt.Errorf("%w: a fence that should be pending was not", errCount)
		}
	}
	return nil
}
