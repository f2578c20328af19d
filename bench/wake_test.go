package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

type wakeCase struct {
	strategy Strategy
	parked   time.Duration
}

func (c wakeCase) String() string {
	return fmt.Sprintf("strategy=%v/parked=%dus", c.strategy, c.parked.Microseconds())
}

// BenchmarkWake measures how long it takes from the call of Signal to the waiter's
// return from Wait, when it has been waiting that long: its processor is warm after
// 2 us and idle after 100 us. p50-ns and p99-ns are percentiles of that, ns/op
// its mean, signal-ns the median of what the call of Signal costs the signaler, who
// pays for the waking. Arming, parking and dropping are not in any of them.
func BenchmarkWake(b *testing.B) {
	for _, c := range []wakeCase{
		{Park, 2 * time.Microsecond}, {Park, 100 * time.Microsecond},
		{Spin, 2 * time.Microsecond}, {Spin, 100 * time.Microsecond},
	} {
		for _, s := range subjects {
			if s.capability().HasWait(c.strategy) {
				measure(b, c.String(), s.name(), s.wake(c.strategy, c.parked))
			}
		}
	}
}

// errWoken is the result that the waiter has to get.
var errWoken = errors.New("woken")

// wakeWaiter is the waiting goroutine's side.
type wakeWaiter[F comparable, T any] struct {
	w        Worker[F, T]
	strategy Strategy
	fences   chan F
	waiting  atomic.Int64 // the round that is about to wait
	woken    chan wakeUp
}

type wakeUp struct {
	at  time.Time
	err error
}

func (v *wakeWaiter[F, T]) run() {
	for f := range v.fences {
		v.waiting.Add(1)
		err := v.w.Wait(context.Background(), f, v.strategy)
		v.woken <- wakeUp{time.Now(), err}
	}
	close(v.woken)
}

func (s subject[F, T]) wake(strategy Strategy, parked time.Duration) opener {
	return func(procs int) rig {
		c := s.crew(2, fencesInUse, fencesInUse)
		run := func(b *testing.B) {
			v := &wakeWaiter[F, T]{
				w: c.workers[1], strategy: strategy,
				fences: make(chan F), woken: make(chan wakeUp),
			}
			go v.run()
			latency := make([]time.Duration, 0, b.N)
			paid := make([]time.Duration, 0, b.N)
			good := 0
			m := startMeter(b)
			for round := range b.N {
				f := c.workers[0].Arm()
				v.fences <- f
				settle(&v.waiting, int64(round+1), parked)
				start := time.Now()
				ok := c.workers[0].Signal(f, errWoken)
				end := time.Now()
				up := <-v.woken
				if ok && (up.err == errWoken || !s.can.Contract) {
					good++
				}
				latency = append(latency, up.at.Sub(start))
				paid = append(paid, end.Sub(start))
				c.workers[0].Drop(f)
			}
			m.stop(b, 2, blocks)
			close(v.fences)
			<-v.woken
			reportWakes(b, latency, paid)
			c.check(b, good, b.N, count{}, count{})
		}
		return rig{run, c.close}
	}
}

// settle returns when the waiter has announced round and parked has passed since.
func settle(waiting *atomic.Int64, round int64, parked time.Duration) {
	wait := patience(2)
	for tries := 1; waiting.Load() < round; tries++ {
		relax(tries, wait)
	}
	for start, tries := time.Now(), 1; time.Since(start) < parked; tries++ {
		if wait == 1 {
			relax(tries, wait)
		}
	}
}

func reportWakes(b *testing.B, latency, paid []time.Duration) {
	sum := time.Duration(0)
	for _, d := range latency {
		sum += d
	}
	slices.Sort(latency)
	slices.Sort(paid)
	b.ReportMetric(float64(sum)/float64(len(latency)), "ns/op")
	b.ReportMetric(float64(percentile(latency, 50)), "p50-ns")
	b.ReportMetric(float64(percentile(latency, 99)), "p99-ns")
	b.ReportMetric(float64(percentile(paid, 50)), "signal-ns")
}

// percentile returns the smallest of the sorted values that p percent of them do
// not exceed.
func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}
