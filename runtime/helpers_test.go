package fencert

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/fencert/fencert/internal/depot"
)

// A fixture is a runtime with what nearly every test needs. Its end checks that nothing has leaked.
type fixture struct {
	*testing.T
	rt  *Runtime
	l   *Local
	c   *FenceContext
	ran []uint64 // the arguments of note, as it was called
	err []error  // and the results
	// note records its call.
	note Handler
}

var small = Config{Fences: 64, Callbacks: 256, Errors: 8, Waiters: 8, Readers: 8}

func newFixture(t *testing.T, config Config) *fixture {
	t.Helper()
	rt, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	x := &fixture{T: t, rt: rt, l: rt.Local()}
	x.c = must(rt.NewFenceContext("driver", "timeline"))
	x.note = x.handler(func(_ *Local, arg uint64, err error) { x.ran, x.err = append(x.ran, arg), append(x.err, err) })
	t.Cleanup(func() {
		if t.Failed() {
			unregister(rt)
			return
		}
		x.l.Close()
		if !rt.closed.Load() {
			settled(t, rt)
			if err := rt.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
	})
	return x
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (x *fixture) handler(f func(*Local, uint64, error)) Handler {
	return must(x.rt.Handler(f))
}

func (x *fixture) arm() Issuer { return x.armBy(x.l) }

func (x *fixture) armBy(l *Local) Issuer {
	x.Helper()
	r, err := l.Reserve()
	if err != nil {
		x.Fatalf("Reserve: %v", err)
	}
	return l.Arm(r, x.c)
}

func (x *fixture) add(f Fence, arg uint64) Ticket {
	x.Helper()
	ticket, err := x.l.OnSignal(f, x.note, arg)
	if err != nil {
		x.Fatalf("OnSignal: %v", err)
	}
	return ticket
}

// want checks an error by identity, or for nil.
func (x *fixture) want(what string, got, want error) {
	x.Helper()
	if got != want && (want == nil || !errors.Is(got, want)) {
		x.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (x *fixture) wantRan(want ...uint64) {
	x.Helper()
	if len(x.ran) != len(want) {
		x.Fatalf("ran %v, want %v", x.ran, want)
	}
	for i := range want {
		if x.ran[i] != want[i] {
			x.Fatalf("ran %v, want %v", x.ran, want)
		}
	}
}

// idle checks that a Local has nothing under way.
func (x *fixture) idle(l *Local) {
	x.Helper()
	if l.state != idle || l.depth != 0 || l.looping || l.puttingOff != 0 || l.frame(1).wake != 0 {
		x.Errorf("the Local is left in state %d, depth %d, looping %v, queue %d, wake %d",
			l.state, l.depth, l.looping, l.puttingOff, l.frame(1).wake)
	}
}

// settled checks that all that the runtime lends is back. Nothing may be under way.
func settled(t testing.TB, rt *Runtime) {
	t.Helper()
	rt.awaitAdopters() // who was started to deliver, has delivered and not yet ended
	for range graceTries {
		rt.Collect()
	}
	for i := range rt.stripes {
		s := &rt.stripes[i]
		if s.taken.Load() != 0 {
			t.Errorf("stripe %d is still taken", i)
		}
		s.local.slots.Close()
		s.local.nodes.Close()
		s.local.flushPoints()
		s.local.flushChannel()
		if s.local.place != 0 {
			rt.results.depot.Put([]uint32{s.local.place})
			s.local.place = 0
		}
	}
	l := rt.newLocal()
	if err := l.nodes.Reserve(rt.config.Callbacks - int(rt.pool.Retired())); err != nil {
		t.Errorf("not all of %d callback nodes are free", rt.config.Callbacks)
	}
	var free []Reservation
	for len(free) <= rt.config.Fences { // more, if one was given back twice
		r, err := l.slots.Reserve()
		if err != nil {
			break
		}
		free = append(free, Reservation{rt, r})
	}
	if want := rt.config.Fences - int(rt.arena.Retired()); len(free) != want {
		t.Errorf("%d of %d slots are free", len(free), want)
	}
	for _, r := range free {
		l.Unreserve(r)
	}
	settledTimelines(t, l)
	l.giveBack()
	for _, d := range []struct {
		name  string
		depot *depot.Depot
	}{{"waiters", rt.waiters.depot}, {"places for errors", rt.results.depot}} {
		if n := count(d.depot); n != int(d.depot.Limit()) {
			t.Errorf("%d of %d %s are free", n, d.depot.Limit(), d.name)
		}
	}
	for i := range rt.waiters.records {
		if w := &rt.waiters.records[i]; w.home != nil && w.parker.Drain() {
			t.Errorf("waiter %d is left with a wake-up", i)
		}
	}
	for i := range rt.results.errors {
		if err := rt.results.errors[i].Get(); err != nil {
			t.Errorf("the table of errors keeps %v", err)
		}
	}
}

// settledTimelines checks that nobody waits for a point, and that all callbacks on points are free.
func settledTimelines(t testing.TB, l *Local) {
	t.Helper()
	rt := l.runtime
	for _, line := range rt.openTimelines() {
		if n, ok, busy := l.owner().Oldest(&line.wheel); ok || busy {
			t.Errorf("timeline %d: point %d is waited for, %v; somebody delivers, %v", line.ID(), n, ok, busy)
		}
	}
	if pool := rt.points.Load(); pool != nil {
		if err := l.owner().Reserve(rt.config.Points - int(pool.Retired())); err != nil {
			t.Errorf("not all of %d callbacks on points are free", rt.config.Points)
		}
	}
	if n := rt.adopting.Load(); n != 0 {
		t.Errorf("%d goroutines deliver", n)
	}
}

// count is how many indices lie in a depot.
func count(d *depot.Depot) int {
	all := make([]uint32, d.Limit())
	n := d.Take(all)
	for {
		k := d.Take(all[n:])
		if k == 0 {
			break
		}
		n += k
	}
	d.Put(all[:n])
	return n
}

// panicOf is the value that f panics with, nil when it returns. It is called on a goroutine of its own,
// so that f may end that; exited tells whether it did.
func panicOf(f func()) (value any, exited bool) {
	end := make(chan struct{})
	exited = true
	go func() {
		defer close(end)
		defer func() {
			if value = recover(); value != nil {
				exited = false
			}
		}()
		f()
		exited = false
	}()
	<-end
	return value, exited
}

// eventually waits until ok, for at most some seconds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("not within 5 seconds: %s", what)
		}
		runtime.Gosched()
		time.Sleep(50 * time.Microsecond)
	}
}

// scaled is n, less under -short, the race detector and fencedebug.
func scaled(n int) int {
	if testing.Short() {
		n /= 4
	}
	if raceEnabled {
		n /= 8
	}
	if debugging {
		n /= 16
	}
	return max(n, 1)
}
