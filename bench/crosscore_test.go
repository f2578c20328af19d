package bench

import (
	"sync"
	"testing"
)

// BenchmarkCrossCore times a life that crosses: one goroutine arms a fence and adds
// a callback, a queue of 256 passes it on, another goroutine finishes it, which
// runs the callback and drops the fence. Both always have work, so this is
// throughput; the queue is part of it (see impl=noop). At GOMAXPROCS=1 the two take
// turns.
func BenchmarkCrossCore(b *testing.B) {
	for _, s := range subjects {
		measure(b, "", s.name(), s.crossCore())
	}
}

func (s subject[F, T]) crossCore() opener {
	return func(procs int) rig {
		c := s.crew(2, 4*fencesInUse, 4*fencesInUse)
		run := func(b *testing.B) {
			var (
				queue     = newRing[F]()
				before    = c.total()
				finished  int
				finishing sync.WaitGroup
			)
			m := startMeter(b)
			finishing.Go(func() {
				w := c.workers[1]
				for range b.N {
					if w.Finish(queue.pop(), nil) {
						finished++
					}
				}
			})
			w := c.workers[0]
			for i := range b.N {
				f := w.Arm()
				w.Add(f, uint64(i))
				queue.push(f)
			}
			finishing.Wait()
			m.stop(b, 2, s.can.contended())
			c.check(b, finished, b.N, before, rising(b.N, 1))
		}
		return rig{run, c.close}
	}
}
