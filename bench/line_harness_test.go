package bench

import (
	"fmt"
	"testing"

	"github.com/fencert/fencert/internal/pad"
)

const (
	// lineSlack is room for callbacks beyond those that a row has pending, so that free lists are in their steady state.
	lineSlack = 1024
	// farPoints is where the points begin that a row has pending and never reaches, farGap is between them, and lineEnd is
	// beyond all of them.
	farPoints = 1 << 61
	farGap    = 977
	lineEnd   = 1 << 62
)

// duty of a row in which no two goroutines share a timeline.
func (c LineCapability) duty() duty {
	if c.Allocates {
		return collected
	}
	return steady
}

// contended is duty for a row whose goroutines meet at a timeline.
func (c LineCapability) contended() duty {
	if c.Blocks {
		return blocks
	}
	return c.duty()
}

// A course is how far a worker is with its timeline. The argument of each callback is its point.
type course struct {
	_     pad.Line
	n     uint64 // the value
	last  uint64 // the last point with a callback, in rows where some are ahead
	armed count  // callbacks added and not canceled
	due   count  // those that must have run
	_     pad.Line
}

func (c *count) add(arg uint64) {
	c.ran++
	c.sum += arg
}

// A lineCrew is a world, its workers, and for each of them a timeline; in rows that contend they all use the first.
type lineCrew[L comparable, T any] struct {
	can     LineCapability
	world   LineWorld[L, T]
	workers []LineWorker[L, T]
	lines   []L
	courses []course
}

// crew opens a world with n counting workers. pending and waits are for each timeline.
func (s lineSubject[L, T]) crew(n, pending, waits int) *lineCrew[L, T] {
	c := &lineCrew[L, T]{
		can:     s.can,
		world:   s.open(LineSizes{Workers: n, Lines: n, Pending: pending + lineSlack, Waits: n * (waits + lineSlack)}),
		courses: make([]course, n),
	}
	for range n {
		c.workers = append(c.workers, c.world.NewWorker(nil))
		c.lines = append(c.lines, c.world.NewLine())
	}
	return c
}

// far adds that many callbacks to each timeline that stay pending.
func (c *lineCrew[L, T]) far(pending int) {
	for id, w := range c.workers {
		for k := range uint64(pending) {
			point := farPoints + k*farGap
			if _, ok := w.OnReach(c.lines[id], point, point); ok {
				c.courses[id].armed.add(point)
			}
		}
	}
}

// verify compares what was done with what should have been, since the crew was opened: counts, sums, order, values.
// What is no implementation has only its additions counted.
func (c *lineCrew[L, T]) verify(good, ops int) error {
	if good != ops {
		return fmt.Errorf("%w: %d of %d operations went as they should", errCount, good, ops)
	}
	for id, w := range c.workers {
		at := &c.courses[id]
		ran, sum, disorder := w.Ran()
		if !c.can.Contract {
			if ran != at.armed.ran {
				return fmt.Errorf("%w: %d callbacks added, want %d", errCount, ran, at.armed.ran)
			}
			continue
		}
		if got := (count{ran, sum}); got != at.due {
			return fmt.Errorf("%w: %d callbacks ran with the sum %d, want %d and %d",
				errCount, ran, sum, at.due.ran, at.due.sum)
		}
		if disorder != 0 {
			return fmt.Errorf("%w: %d callbacks ran after one of a later point", errCount, disorder)
		}
		if v := w.Value(c.lines[id]); v != at.n {
			return fmt.Errorf("%w: the value is %d, want %d", errCount, v, at.n)
		}
	}
	return nil
}

func (c *lineCrew[L, T]) check(b *testing.B, good int) {
	b.Helper()
	if err := c.verify(good, b.N); err != nil {
		b.Fatal(err)
	}
}

// close goes to the end of each timeline: what was far has been pending until then, and runs.
func (c *lineCrew[L, T]) close() error {
	defer func() {
		for _, w := range c.workers {
			w.Close()
		}
		c.world.Close()
	}()
	for id, w := range c.workers {
		at := &c.courses[id]
		if c.can.Callbacks && !w.Advance(c.lines[id], lineEnd) {
			return fmt.Errorf("%w: the end was reached before", errCount)
		}
		at.n, at.due = w.Value(c.lines[id]), at.armed
	}
	return c.verify(0, 0)
}

// A step is one worker's part of a row: the operations lo..hi-1 on its timeline. It returns how many went as they should.
type step[L comparable, T any] func(w LineWorker[L, T], l L, c *course, lo, hi int) int

// private is a row in which GOMAXPROCS workers each go on along their own timeline. begin, where it isn't nil, brings a
// worker there; report comes after each measurement.
func (s lineSubject[L, T]) private(pending, ahead int, begin func(LineWorker[L, T], L, *course), body step[L, T],
	report func(*testing.B, *lineCrew[L, T])) opener {
	return func(procs int) rig {
		c := s.crew(procs, pending+ahead, 0)
		c.far(pending)
		if begin != nil {
			for id, w := range c.workers {
				begin(w, c.lines[id], &c.courses[id])
			}
		}
		return rig{func(b *testing.B) {
			good := parallel(b, procs, s.can.duty(), func(id, lo, hi int) int {
				return body(c.workers[id], c.lines[id], &c.courses[id], lo, hi)
			})
			if report != nil {
				report(b, c)
			}
			c.check(b, good)
		}, c.close}
	}
}

// armed returns how many callbacks were added so far.
func (c *lineCrew[L, T]) armed() (n uint64) {
	for i := range c.courses {
		n += c.courses[i].armed.ran
	}
	return n
}
