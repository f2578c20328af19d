package bench

import (
	"fmt"
	"testing"
)

type cancelCase struct{ pending int }

func (c cancelCase) String() string { return fmt.Sprintf("pending=%d", c.pending) }

// BenchmarkCancel times one add and the cancel of what it added, on a fence that
// has that many other callbacks pending: what a wait with a short timeout does
// again and again. GOMAXPROCS workers, each with its own fence. Adding the others
// beforehand, and running them in the end, isn't timed.
func BenchmarkCancel(b *testing.B) {
	for _, c := range []cancelCase{{1}, {1000}, {1_000_000}} {
		for _, s := range subjects {
			if limit := s.capability().MaxPending; limit > 0 && c.pending > limit {
				continue
			}
			measure(b, c.String(), s.name(), s.cancel(c.pending))
		}
	}
}

func (s subject[F, T]) cancel(pending int) opener {
	return func(procs int) rig {
		// As many again, for an implementation that unlinks canceled ones later.
		c := s.crew(procs, fencesInUse, 2*pending+fencesInUse)
		fences := make([]F, procs)
		for id, w := range c.workers {
			fences[id] = w.Arm()
			for i := range pending {
				w.Add(fences[id], uint64(i))
			}
		}
		run := func(b *testing.B) {
			before := c.total()
			good := parallel(b, procs, s.can.duty(false), func(id, lo, hi int) int {
				return addCancel(c.workers[id], fences[id], lo, hi)
			})
			c.check(b, good, b.N, before, count{})
		}
		return rig{run, func() error {
			defer func() { _ = c.close() }()
			for id, w := range c.workers {
				w.Finish(fences[id], nil)
			}
			one := rising(pending, 1)
			want := count{one.ran * uint64(procs), one.sum * uint64(procs)}
			return verify(0, 0, count{}, c.total(), want)
		}}
	}
}

func addCancel[F comparable, T any](w Worker[F, T], f F, lo, hi int) (good int) {
	for i := lo; i < hi; i++ {
		if t, ok := w.Add(f, uint64(i)); ok && w.Cancel(f, t) {
			good++
		}
	}
	return good
}
