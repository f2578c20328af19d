package bench

import (
	"testing"
	"time"

	"github.com/fencert/fencert/internal/pad"
)

// BenchmarkFanOut times a life with a thousand callbacks, added one by one.
// add-ns/cb and run-ns/cb divide it: the adds, and the signal with the runs, per
// callback and worker. GOMAXPROCS workers, each with its own fences.
func BenchmarkFanOut(b *testing.B) {
	for _, c := range []callbackCase{{1000}} {
		for _, s := range subjects {
			measure(b, c.String(), s.name(), s.fanOut(c.callbacks))
		}
	}
}

// phases is what one worker spent in the two halves of a fan-out.
type phases struct {
	add, run time.Duration
	_        pad.Line
}

func (s subject[F, T]) fanOut(callbacks int) opener {
	return func(procs int) rig {
		c := s.crew(procs, fencesInUse, 16*callbacks)
		run := func(b *testing.B) {
			spent := make([]phases, procs)
			before := c.total()
			good := parallel(b, procs, s.can.duty(true), func(id, lo, hi int) int {
				return fanOutEach(c.workers[id], callbacks, &spent[id], lo, hi)
			})
			var all phases
			for _, p := range spent {
				all.add += p.add
				all.run += p.run
			}
			each := float64(b.N) * float64(callbacks)
			b.ReportMetric(float64(all.add)/each, "add-ns/cb")
			b.ReportMetric(float64(all.run)/each, "run-ns/cb")
			c.check(b, good, b.N, before, rising(b.N, callbacks))
		}
		return rig{run, c.close}
	}
}

func fanOutEach[F comparable, T any](w Worker[F, T], callbacks int, spent *phases, lo, hi int) (good int) {
	for i := lo; i < hi; i++ {
		start := time.Now()
		f := w.Arm()
		for range callbacks {
			w.Add(f, uint64(i))
		}
		added := time.Now()
		if w.Finish(f, nil) {
			good++
		}
		spent.run += time.Since(added)
		spent.add += added.Sub(start)
	}
	return good
}
