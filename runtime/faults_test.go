package fencert

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

// TestConsumerThatNeverReleases: it keeps its slot and the result for good, and nobody else is kept from anything; Close
// doesn't wait for it.
func TestConsumerThatNeverReleases(t *testing.T) {
	rt := must(New(Config{Fences: 3, Callbacks: 4, Errors: 1}))
	c := must(rt.NewFenceContext("driver", "timeline"))
	l := rt.Local()
	table := errors.New("from the table")
	i := l.Arm(must(l.Reserve()), c)
	h := must(l.Hold(i.Fence()))
	if err := l.Finish(i, table); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		a, b := l.Arm(must(l.Reserve()), c), l.Arm(must(l.Reserve()), c)
		if _, err := l.Reserve(); err != ErrExhausted {
			t.Fatalf("Reserve of the held slot: %v", err)
		}
		if err := errors.Join(l.Finish(b, nil), l.Finish(a, nil)); err != nil {
			t.Fatal(err)
		}
		if h.Err() != table || h.Fence().Err() != table {
			t.Fatalf("%v, %v", h.Err(), h.Fence().Err())
		}
	}
	l.Close()
	if err := rt.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if h.Err() != table {
		t.Errorf("after Close: %v", h.Err())
	}
}

// TestCanceledMakeRoom: in a small pool, what was canceled makes room for what is added to the same fence, at once: there are too few
// for a sweep to be worth while. The newest stays in the list until another one comes.
func TestCanceledMakeRoom(t *testing.T) {
	const most = 10
	x := newFixture(t, Config{Fences: 2, Callbacks: most})
	i := x.arm()
	for range 20 {
		var tickets []Ticket
		for k := range most {
			tickets = append(tickets, x.add(i.Fence(), uint64(k)))
		}
		_, err := x.l.OnSignal(i.Fence(), x.note, 0)
		x.want("OnSignal", err, ErrExhausted)
		for _, ticket := range tickets {
			if !x.l.Cancel(ticket) {
				t.Fatal("not canceled")
			}
		}
		x.want("OnSignalMany", x.l.OnSignalMany(i.Fence(), x.note, make([]uint64, most+1)), ErrExhausted)
	}
	x.want("OnSignalMany", x.l.OnSignalMany(i.Fence(), x.note, make([]uint64, most-1)), nil)
	x.want("Finish", x.l.Finish(i, nil), nil)
	if len(x.ran) != most-1 {
		t.Errorf("%d of %d ran", len(x.ran), most-1)
	}
}

// TestAMillionCanceled: callbacks that come and are canceled while the fence stays pending, one after the other and all
// at once, leave nothing behind: as many can be added again, and none of those canceled runs.
func TestAMillionCanceled(t *testing.T) {
	n := scaled(1_000_000)
	for name, c := range map[string]struct{ room, most, rounds int }{
		// Dead ones wait for a sweep, which is due by chance, but not for thousands.
		"in turn": {4096, 2, n / 2},
		"at once": {n + 4096, n, 3},
	} {
		t.Run(name, func(t *testing.T) {
			x := newFixture(t, Config{Fences: 1, Callbacks: c.room})
			i := x.arm()
			never := x.handler(func(*Local, uint64, error) { t.Error("a canceled callback runs") })
			tickets := make([]Ticket, c.most)
			for round := range c.rounds {
				for k := range tickets {
					tickets[k] = must(x.l.OnSignal(i.Fence(), never, 0))
				}
				for k := range tickets {
					if !x.l.Cancel(tickets[k]) { // the oldest first: that is where canceling needs a sweep
						t.Fatalf("round %d: callback %d isn't to be canceled", round, k)
					}
				}
			}
			x.add(i.Fence(), 7)
			x.want("Finish", x.l.Finish(i, nil), nil)
			x.wantRan(7)
		})
	}
}

// TestStressCloseMeanwhile closes runtimes while others arm, signal, add and wait: each callback that was added runs once, and
// nobody waits for ever.
func TestStressCloseMeanwhile(t *testing.T) {
	for range scaled(40) {
		rt := must(New(Config{Fences: 8, Callbacks: 16, Waiters: 4}))
		c := must(rt.NewFenceContext("driver", "timeline"))
		var added, ran atomic.Int64
		note := must(rt.Handler(func(*Local, uint64, error) { ran.Add(1) }))
		var newest atomic.Pointer[Fence]
		newest.Store(new(Fence))
		var stop atomic.Bool
		var all sync.WaitGroup
		worker := func(f func(l *Local) error, allowed ...error) {
			all.Go(func() {
				l := rt.newLocal()
				defer l.giveBack()
				for !stop.Load() {
					err := f(l)
					ok := err == nil
					for _, a := range allowed {
						ok = ok || err == a
					}
					if !ok {
						t.Error(err)
						return
					}
				}
			})
		}
		for range 2 {
			worker(func(l *Local) error {
				r, err := l.Reserve()
				if err != nil {
					return err
				}
				i := l.Arm(r, c)
				f := i.Fence()
				newest.Store(&f)
				if err = l.Finish(i, errno(5)); err != nil {
					return l.Drop(i) // the closer was first
				}
				return nil
			}, ErrExhausted, ErrClosed)
		}
		worker(func(l *Local) error {
			_, err := l.OnSignal(*newest.Load(), note, 0)
			if err == nil {
				added.Add(1)
			}
			return err
		}, ErrSignaled, ErrExhausted, ErrForeign)
		worker(func(*Local) error { return newest.Load().Wait(context.Background()) }, errno(5), ErrCanceled, ErrStale)
		for newest.Load().word == nil {
			runtime.Gosched()
		}
		if err := rt.Close(); err != nil && !errors.Is(err, ErrLeaked) {
			t.Errorf("Close: %v", err)
		}
		stop.Store(true)
		all.Wait()
		if added.Load() != ran.Load() {
			t.Fatalf("%d callbacks added, %d ran", added.Load(), ran.Load())
		}
	}
}

// stepped is t as it were had the wall clock been set by d since, in whole seconds. The monotonic clock isn't touched.
//
// Safety: a time.Time with a monotonic reading begins with 64 bits, of which bits[30:63] are seconds of the wall clock; the
// caller checks that it is so.
func stepped(t time.Time, d time.Duration) time.Time {
	*(*uint64)(unsafe.Pointer(&t)) += uint64(int64(d/time.Second)) << 30
	return t
}

// TestClockSteps: what waits or tells the time goes by the monotonic clock.
func TestClockSteps(t *testing.T) {
	for _, d := range []time.Duration{-30 * time.Hour, 30 * time.Hour} {
		now := time.Now()
		if step := stepped(now, d); step.Sub(now) != 0 || step.Round(0).Sub(now.Round(0)) != d {
			t.Fatalf("a step of %v is none: %v and %v", d, now, step)
		}
		e := ending{limited: true, deadline: stepped(now.Add(time.Hour), d)}
		if e.over() {
			t.Error("a wait of an hour is over")
		}
		if left, ok := e.left(0); !ok || left < 50*time.Minute || left > time.Hour {
			t.Errorf("%v of an hour left", left)
		}
		e.deadline = stepped(now, d)
		if !e.over() {
			t.Error("a wait that is over goes on")
		}
		x := newFixture(t, small)
		x.rt.start = stepped(x.rt.start, d)
		if n := x.rt.now(); n > uint64(time.Hour) {
			t.Errorf("%v since the beginning", time.Duration(n))
		}
		at := time.Now().Add(time.Minute)
		if in := x.rt.deadlineTime(x.rt.deadline(at)).Sub(at); in != 0 {
			t.Errorf("a deadline is moved by %v", in)
		}
	}
}
