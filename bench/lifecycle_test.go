package bench

import (
	"errors"
	"fmt"
	"testing"
)

// fencesInUse is how many fences a row has room for per worker: enough for free
// lists to be in their steady state.
const fencesInUse = 1024

type callbackCase struct{ callbacks int }

func (c callbackCase) String() string { return fmt.Sprintf("callbacks=%d", c.callbacks) }

// BenchmarkLifecycle times the whole life of a fence: reserve, arm with the next
// seqno, add the callbacks one by one, signal with their runs, and drop (the last
// two as Finish). GOMAXPROCS workers, each with its own fences.
func BenchmarkLifecycle(b *testing.B) {
	for _, c := range []callbackCase{{0}, {1}, {8}} {
		for _, s := range subjects {
			measure(b, c.String(), s.name(), s.lifecycle(c.callbacks))
		}
	}
}

func (s subject[F, T]) lifecycle(callbacks int) opener {
	return s.privateRow(callbacks, func(w Worker[F, T], lo, hi int) (good int) {
		for i := lo; i < hi; i++ {
			f := w.Arm()
			for range callbacks {
				if _, ok := w.Add(f, uint64(i)); !ok {
					return good
				}
			}
			if w.Finish(f, nil) {
				good++
			}
		}
		return good
	}, func(n int) count { return rising(n, callbacks) })
}

// errHeld are the results of LifecycleHeld, in turn.
var errHeld = [2]error{errors.New("even"), errors.New("odd")}

// BenchmarkLifecycleHeld times a life whose result is read after it: as in
// Lifecycle, but a consumer holds the fence before it is finished, and reads the
// result and releases the hold afterwards.
func BenchmarkLifecycleHeld(b *testing.B) {
	for _, c := range []callbackCase{{1}} {
		for _, s := range subjects {
			measure(b, c.String(), s.name(), s.lifecycleHeld(c.callbacks))
		}
	}
}

func (s subject[F, T]) lifecycleHeld(callbacks int) opener {
	return s.privateRow(callbacks, func(w Worker[F, T], lo, hi int) (good int) {
		for i := lo; i < hi; i++ {
			f := w.Arm()
			for range callbacks {
				w.Add(f, uint64(i))
			}
			if !w.Hold(f) {
				return good
			}
			result := errHeld[i%2]
			if w.Finish(f, result) && w.Err(f) == result {
				good++
			}
			w.Release(f)
		}
		return good
	}, func(n int) count { return rising(n, callbacks) })
}

// BenchmarkBatchAdd is Lifecycle with all callbacks added by one AddMany.
func BenchmarkBatchAdd(b *testing.B) {
	for _, c := range []callbackCase{{8}} {
		for _, s := range subjects {
			measure(b, c.String(), s.name(), s.batchAdd(c.callbacks))
		}
	}
}

func (s subject[F, T]) batchAdd(callbacks int) opener {
	args := make([]uint64, callbacks)
	sum := uint64(0)
	for i := range args {
		args[i] = uint64(i + 1)
		sum += args[i]
	}
	return s.privateRow(callbacks, func(w Worker[F, T], lo, hi int) (good int) {
		for i := lo; i < hi; i++ {
			f := w.Arm()
			if w.AddMany(f, args) == callbacks && w.Finish(f, nil) {
				good++
			}
		}
		return good
	}, func(n int) count { return count{uint64(n * callbacks), uint64(n) * sum} })
}

// privateRow is a row in which GOMAXPROCS workers each live through fences of
// their own. body returns how many operations went as they should, want what the
// callbacks of n operations do.
func (s subject[F, T]) privateRow(callbacks int, body func(w Worker[F, T], lo, hi int) int, want func(n int) count) opener {
	return func(procs int) rig {
		c := s.crew(procs, fencesInUse, fencesInUse*max(1, callbacks))
		return rig{func(b *testing.B) {
			before := c.total()
			seqnos := c.seqnos()
			good := parallel(b, procs, s.can.duty(callbacks > 0), func(id, lo, hi int) int {
				return body(c.workers[id], lo, hi)
			})
			c.check(b, good, b.N, before, want(b.N))
			// Each reading arms one fence itself.
			if got := c.seqnos() - seqnos - uint64(procs); got != uint64(b.N) {
				b.Fatalf("%v: %d seqnos taken by %d fences", errCount, got, b.N)
			}
		}, c.close}
	}
}

// seqnos arms and finishes a fence on each worker and returns the sum of the seqnos.
func (c *crew[F, T]) seqnos() uint64 {
	sum := uint64(0)
	for _, w := range c.workers {
		f := w.Arm()
		sum += w.Seqno(f)
		w.Finish(f, nil)
	}
	return sum
}
