package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

type jumpCase struct{ points int }

func (c jumpCase) String() string { return fmt.Sprintf("points=%d", c.points) }

// BenchmarkJump times callbacks at random points, all of which one Advance reaches. An operation is one callback.
// add-ns/point and release-ns/point divide it: the adds, and the Advance with the runs, per callback and worker.
// GOMAXPROCS workers, each with its own timeline.
func BenchmarkJump(b *testing.B) {
	for _, c := range []jumpCase{{64}, {4096}, {65536}} {
		for _, s := range withCallbacks() {
			measure(b, c.String(), s.name(), s.jump(c.points))
		}
	}
}

// jumpDensity is how many numbers there are for a callback.
const jumpDensity = 16

func (s lineSubject[L, T]) jump(points int) opener {
	distance := uint64(points * jumpDensity)
	random := rand.New(rand.NewPCG(1, 2))
	offsets := make([]uint64, points)
	for i := range offsets {
		offsets[i] = 1 + random.Uint64N(distance)
	}
	return func(procs int) rig {
		c := s.crew(procs, points, 0)
		return rig{func(b *testing.B) {
			rounds := max(1, b.N/points)
			spent := make([]phases, procs)
			var m meter
			good := split(rounds, procs, func() { m = startMeter(b) }, func(id, lo, hi int) int {
				return jumpEach(c.workers[id], c.lines[id], &c.courses[id], offsets, distance, &spent[id], hi-lo)
			})
			wall := m.stop(b, procs, s.can.duty())
			var all phases
			for _, p := range spent {
				all.add += p.add
				all.run += p.run
			}
			each := float64(rounds) * float64(points)
			b.ReportMetric(float64(wall)/each, "ns/op")
			b.ReportMetric(float64(all.add)/each, "add-ns/point")
			b.ReportMetric(float64(all.run)/each, "release-ns/point")
			if err := c.verify(good, rounds); err != nil {
				b.Fatal(err)
			}
		}, c.close}
	}
}

func jumpEach[L comparable, T any](w LineWorker[L, T], l L, c *course, offsets []uint64, distance uint64,
	spent *phases, rounds int) (good int) {
	for range rounds {
		start := time.Now()
		for _, offset := range offsets {
			point := c.n + offset
			if _, ok := w.OnReach(l, point, point); ok {
				c.armed.add(point)
			}
		}
		added := time.Now()
		c.n += distance
		if w.Advance(l, c.n) {
			good++
		}
		c.due = c.armed
		spent.run += time.Since(added)
		spent.add += added.Sub(start)
	}
	return good
}
