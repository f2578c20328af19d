package bench

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fencert/fencert/internal/pad"
)

// addsPerFence is how many callbacks BenchmarkAdd adds to each fence, over all
// goroutines.
const addsPerFence = 64

type addCase struct{ goroutines int }

func (c addCase) String() string { return fmt.Sprintf("goroutines=%d", c.goroutines) }

// BenchmarkAdd times one add when several goroutines add to the same fence. A round
// arms a fence, adds 64 callbacks in all, and finishes it, which runs them; all of
// it is in the time, divided by 64. The goroutines stay for all rounds and meet at
// a spinning barrier before the adds and after them, which costs the same whatever
// the implementation; more goroutines than GOMAXPROCS are oversubscription, and
// then its share is large.
func BenchmarkAdd(b *testing.B) {
	for _, c := range []addCase{{1}, {2}, {4}, {16}} {
		for _, s := range subjects {
			measure(b, c.String(), s.name(), s.add(c.goroutines))
		}
	}
}

// addRound is what the goroutines of BenchmarkAdd share.
type addRound[F comparable] struct {
	_     pad.Line
	open  atomic.Int64 // the round that may add; written by the leader
	fence F            // Plain: written before open, read after it
	_     pad.Line
	left  atomic.Int64 // adders of this round that aren't done
	_     pad.Line
}

func (s subject[F, T]) add(goroutines int) opener {
	return func(procs int) rig {
		c := s.crew(goroutines, fencesInUse, fencesInUse*addsPerFence/goroutines)
		run := func(b *testing.B) {
			before := c.total()
			rounds := (b.N + addsPerFence - 1) / addsPerFence
			d := s.can.contended()
			if goroutines == 1 {
				d = s.can.duty(true)
			}
			good := addRounds(b, c.workers, rounds, d)
			c.check(b, good, rounds*addsPerFence, before, rising(rounds, addsPerFence))
		}
		return rig{run, c.close}
	}
}

// addRounds returns how many adds succeeded in rounds that succeeded.
func addRounds[F comparable, T any](b *testing.B, workers []Worker[F, T], rounds int, d duty) int {
	var (
		shared  addRound[F]
		shares  = make([]share, len(workers))
		wait    = patience(len(workers))
		each    = addsPerFence / len(workers)
		running sync.WaitGroup
		good    int
	)
	for id := 1; id < len(workers); id++ {
		running.Go(func() {
			for round := range rounds {
				for tries := 1; shared.open.Load() <= int64(round); tries++ {
					relax(tries, wait)
				}
				shares[id].good += addEach(workers[id], shared.fence, round, each)
				shared.left.Add(-1)
			}
		})
	}
	leader := workers[0]
	m := startMeter(b)
	for round := range rounds {
		f := leader.Arm()
		shared.fence = f
		shared.left.Store(int64(len(workers) - 1))
		shared.open.Store(int64(round + 1))
		shares[0].good += addEach(leader, f, round, each)
		for tries := 1; shared.left.Load() > 0; tries++ {
			relax(tries, wait)
		}
		if !leader.Finish(f, nil) {
			shares[0].good--
		}
	}
	wall := m.stop(b, len(workers), d)
	b.ReportMetric(float64(wall)/float64(rounds*addsPerFence), "ns/op")
	running.Wait()
	for i := range shares {
		good += shares[i].good
	}
	return good
}

func addEach[F comparable, T any](w Worker[F, T], f F, round, times int) (good int) {
	for range times {
		if _, ok := w.Add(f, uint64(round)); ok {
			good++
		}
	}
	return good
}
