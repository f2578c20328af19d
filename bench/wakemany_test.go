package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type wakeManyCase struct{ waiters int }

func (c wakeManyCase) String() string { return fmt.Sprintf("waiters=%d", c.waiters) }

// BenchmarkWakeMany measures what waking many costs: that many goroutines are parked on one fence when it is signaled.
// ns/op is the mean time from the call of Signal until the last of them has returned from Wait; signal-ns/waiter is the
// median of what the call of Signal costs the signaler, for each of them. Arming, parking and dropping are in neither.
func BenchmarkWakeMany(b *testing.B) {
	for _, c := range []wakeManyCase{{1}, {16}, {256}, {4096}} {
		for _, s := range subjects {
			if s.name() == "lockfree" || s.name() == "channel" {
				measure(b, c.String(), s.name(), s.wakeMany(c.waiters))
			}
		}
	}
}

// A crowd is goroutines that wait for one fence after the other.
type crowd[F comparable, T any] struct {
	w       Worker[F, T] // only its Wait is called, which keeps nothing in it
	fences  []chan F     // one for each
	waiting atomic.Int64 // waits that are about to begin
	good    atomic.Int64 // waits that had the right result
	round   sync.WaitGroup
	ended   sync.WaitGroup
}

func (v *crowd[F, T]) run(fences <-chan F) {
	for f := range fences {
		v.waiting.Add(1)
		if v.w.Wait(context.Background(), f, Park) == errWoken {
			v.good.Add(1)
		}
		v.round.Done()
	}
}

func newCrowd[F comparable, T any](w Worker[F, T], n int) *crowd[F, T] {
	v := &crowd[F, T]{w: w}
	for range n {
		c := make(chan F, 1)
		v.fences = append(v.fences, c)
		v.ended.Go(func() { v.run(c) })
	}
	return v
}

func (v *crowd[F, T]) end() {
	for _, c := range v.fences {
		close(c)
	}
	v.ended.Wait()
}

func (s subject[F, T]) wakeMany(waiters int) opener {
	return func(int) rig {
		c := s.crew(2, fencesInUse, max(fencesInUse, 2*waiters))
		run := func(b *testing.B) {
			v := newCrowd(c.workers[1], waiters)
			paid := make([]time.Duration, 0, b.N)
			all, good := time.Duration(0), 0
			m := startMeter(b)
			for n := range b.N {
				f := c.workers[0].Arm()
				v.round.Add(waiters)
				for _, fences := range v.fences {
					fences <- f
				}
				settle(&v.waiting, int64((n+1)*waiters), time.Duration(100+waiters/2)*time.Microsecond)
				start := time.Now()
				if c.workers[0].Signal(f, errWoken) {
					good++
				}
				paid = append(paid, time.Since(start))
				v.round.Wait()
				all += time.Since(start)
				c.workers[0].Drop(f)
			}
			m.stop(b, waiters, blocks)
			v.end()
			slices.Sort(paid)
			b.ReportMetric(float64(all)/float64(b.N), "ns/op")
			b.ReportMetric(float64(percentile(paid, 50))/float64(waiters), "signal-ns/waiter")
			c.check(b, good, b.N, count{}, count{})
			if got := int(v.good.Load()); got != b.N*waiters {
				b.Fatalf("%v: %d of %d waits had the result", errCount, got, b.N*waiters)
			}
		}
		return rig{run, c.close}
	}
}
