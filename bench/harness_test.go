package bench

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fencert/fencert/internal/pad"
)

// A rig is a row set up for some number of processors. The testing package calls
// run several times with rising b.N; what is costly to set up is kept between the
// calls. run checks what was done and fails b when it is wrong.
type rig struct {
	run   func(b *testing.B)
	close func() error // gives everything back; tells what was found wrong only then
}

// An opener sets up a rig for GOMAXPROCS = procs.
type opener func(procs int) rig

// measure runs one row as the sub-benchmark that name and impl spell.
func measure(b *testing.B, name, impl string, open opener) {
	if name += "/"; name == "/" {
		name = ""
	}
	var (
		current rig
		procs   int
	)
	shut := func() {
		if procs == 0 {
			return
		}
		if err := current.close(); err != nil {
			b.Errorf("%s: %v", impl, err)
		}
		current, procs = rig{}, 0
		runtime.GC() // so that the next row doesn't pay for this one's memory
	}
	b.Run(name+"impl="+impl, func(b *testing.B) {
		if p := runtime.GOMAXPROCS(0); p != procs {
			shut()
			current, procs = open(p), p
		}
		b.ReportAllocs()
		current.run(b)
	})
	shut()
}

// A meter times a region and tells how many processors it had.
type meter struct {
	wall time.Time
	cpu  time.Duration
	ok   bool
}

func startMeter(b *testing.B) meter {
	var m meter
	m.cpu, m.ok = processTime()
	m.wall = time.Now()
	b.ResetTimer()
	return m
}

// A duty is the part of its time for which a goroutine of a row keeps a processor
// busy on a machine that does nothing else.
type duty float64

const (
	blocks    duty = 0    // it sleeps now and then; nothing can be expected
	steady    duty = 1    // it never stops
	collected duty = 0.85 // it never blocks but allocates: several processors stop for the collector
)

// duty of a row that doesn't contend and runs callbacks or not.
func (c Capability) duty(callbacks bool) duty {
	switch {
	case c.HandsOff && callbacks:
		return blocks
	case c.Allocates:
		return collected
	}
	return steady
}

// contended is duty for a row whose goroutines meet at a fence.
func (c Capability) contended() duty {
	if c.Blocks {
		return blocks
	}
	return c.duty(true)
}

// want returns how many processors that many goroutines keep busy.
func (d duty) want(goroutines int) float64 {
	n := min(goroutines, runtime.GOMAXPROCS(0), runtime.NumCPU())
	if n == 1 && d > 0 {
		return 1 // the collector's work is done on the same processor
	}
	return float64(n) * float64(d)
}

// stop ends the timed region and reports cpus, and cpus-want for goroutines that
// keep processors busy.
func (m meter) stop(b *testing.B, goroutines int, d duty) time.Duration {
	b.StopTimer()
	wall := time.Since(m.wall)
	if cpu, ok := processTime(); ok && m.ok && wall > 0 {
		b.ReportMetric(float64(cpu-m.cpu)/float64(wall), "cpus")
		if want := d.want(goroutines); want > 0 {
			b.ReportMetric(want, "cpus-want")
		}
	}
	return wall
}

// A share is one goroutine's part of a parallel row, on lines of its own.
type share struct {
	_    pad.Line
	good int
	_    pad.Line
}

// parallel does b.N operations on that many goroutines at once and times them; see
// split.
func parallel(b *testing.B, goroutines int, d duty, body func(id, lo, hi int) int) int {
	var m meter
	good := split(b.N, goroutines, func() { m = startMeter(b) }, body)
	m.stop(b, goroutines, d)
	return good
}

// split does n operations on that many goroutines at once, the caller's among them.
// It calls begin when all are there. body does the operations lo..hi-1 on goroutine
// id and returns how many went as they should; split returns the sum. The goroutines
// take the operations in pieces, so that they end together; a piece costs one
// atomic add.
func split(n, goroutines int, begin func(), body func(id, lo, hi int) int) int {
	var (
		shares = make([]share, goroutines)
		piece  = int64(max(1, n/(64*goroutines)))
		next   atomic.Int64
		ready  atomic.Int64
		done   atomic.Int64
		start  atomic.Bool
		wait   = patience(goroutines)
	)
	take := func(id int) {
		for {
			hi := next.Add(piece)
			lo := hi - piece
			if lo >= int64(n) {
				return
			}
			shares[id].good += body(id, int(lo), int(min(hi, int64(n))))
		}
	}
	for id := 1; id < goroutines; id++ {
		go func() {
			ready.Add(1)
			for tries := 1; !start.Load(); tries++ {
				relax(tries, wait)
			}
			take(id)
			done.Add(1)
		}()
	}
	for tries := 1; ready.Load() < int64(goroutines-1); tries++ {
		relax(tries, wait)
	}
	begin()
	start.Store(true)
	take(0)
	for tries := 1; done.Load() < int64(goroutines-1); tries++ {
		relax(tries, wait)
	}
	good := 0
	for i := range shares {
		good += shares[i].good
	}
	return good
}

// A crew is a world and its workers.
type crew[F comparable, T any] struct {
	world   World[F, T]
	workers []Worker[F, T]
}

// crew opens a world with n counting workers. fences and callbacks are per worker.
func (s subject[F, T]) crew(n, fences, callbacks int) *crew[F, T] {
	c := &crew[F, T]{world: s.open(Sizes{Workers: n, Fences: n * fences, Callbacks: n * callbacks})}
	for range n {
		c.workers = append(c.workers, c.world.NewWorker(nil))
	}
	return c
}

func (c *crew[F, T]) close() error {
	for _, w := range c.workers {
		w.Close()
	}
	c.world.Close()
	return nil
}

// A count is what callbacks did: how many ran, and the sum of their arguments.
type count struct{ ran, sum uint64 }

// total adds up what the callbacks of all workers did. The counting goroutines must
// have ended, or be known to wait.
func (c *crew[F, T]) total() count {
	var t count
	for _, w := range c.workers {
		ran, sum := w.Ran()
		t.ran += ran
		t.sum += sum
	}
	return t
}

// rising is what callbacks do when each of the operations 0..n-1 adds its own
// number times over.
func rising(n, times int) count {
	u := uint64(n)
	return count{u * uint64(times), u * (u - 1) / 2 * uint64(times)}
}

// check compares what was done since before with what should have been.
func (c *crew[F, T]) check(b *testing.B, good, ops int, before, want count) {
	b.Helper()
	if err := verify(good, ops, before, c.total(), want); err != nil {
		b.Fatal(err)
	}
}

var errCount = errors.New("wrong count")

// verify is check's judgment.
func verify(good, ops int, before, after, want count) error {
	if good != ops {
		return fmt.Errorf("%w: %d of %d operations went as they should", errCount, good, ops)
	}
	if got := (count{after.ran - before.ran, after.sum - before.sum}); got != want {
		return fmt.Errorf("%w: %d callbacks ran with the sum %d, want %d and %d",
			errCount, got.ran, got.sum, want.ran, want.sum)
	}
	return nil
}
