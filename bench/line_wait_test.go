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

type waitCase struct{ goroutines int }

func (c waitCase) String() string { return fmt.Sprintf("goroutines=%d", c.goroutines) }

// BenchmarkWaitAt measures what waking those who wait for a number costs: that many goroutines are parked, each at a point
// of its own, when one Advance passes all of them. ns/op is the mean time from the call of Advance until the last of them
// has returned from Wait; advance-ns/waiter is the median of what the call of Advance costs, for each of them. Parking is in
// neither.
func BenchmarkWaitAt(b *testing.B) {
	for _, c := range []waitCase{{1}, {64}, {4096}} {
		for _, s := range lineSubjects {
			if s.capability().Waits {
				measure(b, c.String(), s.name(), s.waitAt(c.goroutines))
			}
		}
	}
}

// A queueUp is goroutines that wait at points of one timeline, one behind the other, again and again.
type queueUp[L comparable, T any] struct {
	w       LineWorker[L, T] // only its Wait and Value are called, which keep nothing in it
	l       L
	points  []chan uint64 // one for each
	waiting atomic.Int64  // waits that are about to begin
	good    atomic.Int64  // waits that ended when they had to
	round   sync.WaitGroup
	ended   sync.WaitGroup
}

func newQueueUp[L comparable, T any](w LineWorker[L, T], l L, n int) *queueUp[L, T] {
	v := &queueUp[L, T]{w: w, l: l}
	for range n {
		c := make(chan uint64, 1)
		v.points = append(v.points, c)
		v.ended.Go(func() { v.run(c) })
	}
	return v
}

func (v *queueUp[L, T]) run(points <-chan uint64) {
	for point := range points {
		v.waiting.Add(1)
		if v.w.Wait(context.Background(), v.l, point) == nil && v.w.Value(v.l) >= point {
			v.good.Add(1)
		}
		v.round.Done()
	}
}

func (v *queueUp[L, T]) end() {
	for _, c := range v.points {
		close(c)
	}
	v.ended.Wait()
}

func (s lineSubject[L, T]) waitAt(goroutines int) opener {
	return func(int) rig {
		c := s.crew(2, goroutines, goroutines)
		w, l := c.workers[0], c.lines[0]
		run := func(b *testing.B) {
			v := newQueueUp(c.workers[1], l, goroutines)
			paid := make([]time.Duration, 0, b.N)
			all, good, value := time.Duration(0), 0, w.Value(l)
			m := startMeter(b)
			for n := range b.N {
				v.round.Add(goroutines)
				for i, points := range v.points {
					points <- value + uint64(i) + 1
				}
				value += uint64(goroutines)
				settle(&v.waiting, int64((n+1)*goroutines), time.Duration(100+goroutines/2)*time.Microsecond)
				start := time.Now()
				if w.Advance(l, value) {
					good++
				}
				paid = append(paid, time.Since(start))
				v.round.Wait()
				all += time.Since(start)
			}
			m.stop(b, goroutines, blocks)
			v.end()
			slices.Sort(paid)
			b.ReportMetric(float64(all)/float64(b.N), "ns/op")
			b.ReportMetric(float64(percentile(paid, 50))/float64(goroutines), "advance-ns/waiter")
			if got := int(v.good.Load()); good != b.N || got != b.N*goroutines {
				b.Fatalf("%v: %d of %d waits ended when they had to, %d of %d advances moved",
					errCount, got, b.N*goroutines, good, b.N)
			}
		}
		return rig{run, func() error {
			for _, w := range c.workers {
				w.Close()
			}
			c.world.Close()
			return nil
		}}
	}
}
