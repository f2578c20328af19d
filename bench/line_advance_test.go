package bench

import (
	"fmt"
	"sync/atomic"
	"testing"
)

// An advanceCase is a case of BenchmarkAdvance: one point in gap has a callback (0: none), far are pending.
type advanceCase struct {
	step uint64
	gap  uint64
	far  int
}

func (c advanceCase) String() string {
	armed := map[uint64]string{0: "none", 100: "1pct", 1: "all"}[c.gap]
	s := fmt.Sprintf("step=%d/armed=%s", c.step, armed)
	if c.far > 0 {
		s += fmt.Sprintf("/far=%d", c.far)
	}
	return s
}

// perAdvance is how many callbacks are added before an Advance.
func (c advanceCase) perAdvance() int {
	if c.gap == 0 {
		return 0
	}
	return int(c.step/c.gap) + 1
}

func advanceCases() (cases []advanceCase) {
	for _, step := range []uint64{1, 64, 4096, 1 << 20} {
		for _, c := range []advanceCase{{step, 0, 0}, {step, 0, 500}, {step, 100, 0}, {step, 1, 0}} {
			// A million callbacks at a time are a tenth of a second and a quarter of a gigabyte for one operation.
			if c.perAdvance() < 1<<20 {
				cases = append(cases, c)
			}
		}
	}
	return cases
}

// BenchmarkAdvance times one Advance by that many points, of which none has a callback, each hundredth, or each. The
// callbacks are added just before and are in the time; ns/point is all of it by the callbacks. With far=500 as many are
// pending that are never reached. GOMAXPROCS workers, each with its own timeline.
func BenchmarkAdvance(b *testing.B) {
	for _, c := range advanceCases() {
		for _, s := range lineSubjects {
			if s.capability().Callbacks || c.gap == 0 && c.far == 0 {
				measure(b, c.String(), s.name(), s.advance(c))
			}
		}
	}
}

func (s lineSubject[L, T]) advance(a advanceCase) opener {
	if a.gap == 0 {
		return s.private(a.far, 0, nil, func(w LineWorker[L, T], l L, c *course, lo, hi int) (good int) {
			n := c.n
			for ; lo < hi; lo++ {
				n += a.step
				if w.Advance(l, n) {
					good++
				}
			}
			c.n = n
			return good
		}, nil)
	}
	before := uint64(0)
	return s.private(a.far, a.perAdvance(), nil, func(w LineWorker[L, T], l L, c *course, lo, hi int) (good int) {
		for ; lo < hi; lo++ {
			n := c.n + a.step
			point := c.n - c.n%a.gap + a.gap
			for ; point <= n; point += a.gap {
				if _, ok := w.OnReach(l, point, point); ok {
					c.armed.add(point)
				}
			}
			if w.Advance(l, n) {
				good++
			}
			c.n, c.due = n, c.armed
		}
		return good
	}, func(b *testing.B, crew *lineCrew[L, T]) {
		armed := crew.armed()
		if points := armed - before; points > 0 {
			b.ReportMetric(float64(b.Elapsed())/float64(points), "ns/point")
		}
		before = armed
	})
}

type batchCase struct{ batch int }

func (c batchCase) String() string { return fmt.Sprintf("batch=%d", c.batch) }

// BenchmarkAdvanceBatch times one point of which each has a callback: the add, one by one, and its part of an Advance over
// as many. GOMAXPROCS workers, each with its own timeline.
func BenchmarkAdvanceBatch(b *testing.B) {
	for _, c := range []batchCase{{64}, {4096}} {
		for _, s := range withCallbacks() {
			measure(b, c.String(), s.name(), s.advanceBatch(c.batch))
		}
	}
}

// advanceBatch keeps an unfinished batch for the next operations: batches have the size that the name says.
func (s lineSubject[L, T]) advanceBatch(batch int) opener {
	return s.private(0, batch, nil, func(w LineWorker[L, T], l L, c *course, lo, hi int) (good int) {
		point, left := c.last, c.n+uint64(batch)
		for ; lo < hi; lo++ {
			point++
			if _, ok := w.OnReach(l, point, point); ok {
				c.armed.add(point)
				good++
			}
			if point == left {
				if !w.Advance(l, point) {
					good--
				}
				c.n, c.due = point, c.armed
				left += uint64(batch)
			}
		}
		c.last = point
		return good
	}, nil)
}

// BenchmarkAdvanceTwo times a timeline that two goroutines advance: each goes for the number after the value that it sees, so
// that they always meet. With armed=all it adds a callback for that number before. Who comes too late has done nothing:
// ns/op is the time by the numbers that the value has moved, not by the attempts.
func BenchmarkAdvanceTwo(b *testing.B) {
	for _, armed := range []bool{false, true} {
		for _, s := range lineSubjects {
			// Two goroutines may not use what is no timeline at all.
			if s.name() != "noop" && (s.capability().Callbacks || !armed) {
				measure(b, map[bool]string{false: "armed=none", true: "armed=all"}[armed], s.name(), s.advanceTwo(armed))
			}
		}
	}
}

func (s lineSubject[L, T]) advanceTwo(armed bool) opener {
	return func(int) rig {
		room := 0
		if armed {
			room = sharedRoom
		}
		c := s.crew(2, room, 0)
		c.lines = c.lines[:1]
		l := c.lines[0]
		run := func(b *testing.B) {
			var moved atomic.Uint64
			before := c.workers[0].Value(l)
			good := parallel(b, 2, s.can.contended(), func(id, lo, hi int) int {
				m := advanceShared(c.workers[id], l, &c.courses[id], armed, hi-lo)
				moved.Add(uint64(m))
				return hi - lo
			})
			b.ReportMetric(float64(b.Elapsed())/float64(max(1, moved.Load())), "ns/op")
			if err := c.checkShared(good, b.N, before, moved.Load()); err != nil {
				b.Fatal(err)
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

// flushEvery is how many callbacks a goroutine of AdvanceTwo adds before it waits for what is due, and sharedRoom has room
// for what both add between: while the delivering goroutine has no processor, nothing is delivered.
const (
	flushEvery = 1 << 17
	sharedRoom = 4 * flushEvery
)

// advanceShared returns how often it moved the value.
func advanceShared[L comparable, T any](w LineWorker[L, T], l L, c *course, armed bool, times int) (moved int) {
	for range times {
		n := w.Value(l) + 1
		if armed {
			if _, ok := w.OnReach(l, n, n); ok {
				if c.armed.add(n); c.armed.ran%flushEvery == 0 {
					w.Flush(l)
				}
			}
		}
		if w.Advance(l, n) {
			moved++
		}
	}
	return moved
}

// checkShared: who moved the value moved it by one, and each callback that was accepted ran once. A callback that was
// added while its point was passed may run after later ones.
func (c *lineCrew[L, T]) checkShared(good, ops int, before, moved uint64) error {
	c.workers[0].Flush(c.lines[0])
	if good != ops {
		return fmt.Errorf("%w: %d of %d operations", errCount, good, ops)
	}
	if !c.can.Contract {
		return nil
	}
	if v := c.workers[0].Value(c.lines[0]); v-before != moved {
		return fmt.Errorf("%w: the value moved %d times, from %d to %d", errCount, moved, before, v)
	}
	for id, w := range c.workers {
		ran, sum, _ := w.Ran()
		if got := (count{ran, sum}); got != c.courses[id].armed {
			return fmt.Errorf("%w: %d callbacks ran with the sum %d, want %d and %d",
				errCount, ran, sum, c.courses[id].armed.ran, c.courses[id].armed.sum)
		}
	}
	return nil
}
