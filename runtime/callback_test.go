package fencert

import (
	"context"
	"slices"
	"testing"
)

func TestAddCallback(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	x.add(i.Fence(), 42)
	x.wantRan()
	x.want("Signal", x.l.Signal(i, context.Canceled), nil)
	x.wantRan(42)
	x.want("result", x.err[0], context.Canceled)
	x.want("second Signal", x.l.Signal(i, nil), ErrSignaled)
	x.wantRan(42)
	x.want("Drop", x.l.Drop(i), nil)
	x.wantRan(42)
}

func TestLateAddCallback(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	x.want("Signal", x.l.Signal(i, nil), nil)
	late := func(when string) {
		_, err := x.l.OnSignal(i.Fence(), x.note, 1)
		x.want("OnSignal "+when, err, ErrSignaled)
		x.want("OnSignalMany "+when, x.l.OnSignalMany(i.Fence(), x.note, []uint64{1, 2}), ErrSignaled)
		_, err = x.rt.OnSignal(i.Fence(), x.note, 1)
		x.want("implicit OnSignal "+when, err, ErrSignaled)
	}
	late("after the signal")
	x.want("Drop", x.l.Drop(i), nil)
	late("after the drop")
	x.wantRan()
}

func TestRemoveCallback(t *testing.T) {
	x := newFixture(t, small)
	for victim := range 5 {
		x.ran = nil
		i := x.arm()
		var tickets [5]Ticket
		var want []uint64
		for k := range tickets {
			tickets[k] = x.add(i.Fence(), uint64(k))
			if k != victim {
				want = append(want, uint64(k))
			}
		}
		if !x.l.Cancel(tickets[victim]) || x.l.Cancel(tickets[victim]) || x.rt.Cancel(tickets[victim]) {
			t.Error("not canceled exactly once")
		}
		x.want("Finish", x.l.Finish(i, nil), nil)
		x.wantRan(want...)
	}
}

func TestLateRemoveCallback(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	ticket := x.add(i.Fence(), 1)
	x.want("Signal", x.l.Signal(i, nil), nil)
	if x.l.Cancel(ticket) {
		t.Error("canceled after it ran")
	}
	x.want("Drop", x.l.Drop(i), nil)
	if x.l.Cancel(ticket) || x.l.Cancel(Ticket{}) {
		t.Error("canceled by a ticket of nothing")
	}
	x.wantRan(1)
}

// TestStatus asks in a callback: signaled, but not all callbacks are done.
func TestStatus(t *testing.T) {
	x := newFixture(t, small)
	var f Fence
	var signaled, done bool
	var err, own error
	look := x.handler(func(l *Local, arg uint64, result error) {
		signaled, done, err, own = f.Signaled(), f.CallbacksDone(), f.Err(), result
		if _, e := l.OnSignal(f, x.note, 9); e != ErrSignaled {
			t.Errorf("add inside the callback: %v", e)
		}
	})
	for _, dropped := range []bool{false, true} {
		i := x.arm()
		f = i.Fence()
		_ = must(x.l.OnSignal(f, look, 0))
		if dropped {
			x.want("Finish", x.l.Finish(i, ErrFailed), nil)
		} else {
			x.want("Signal", x.l.Signal(i, ErrFailed), nil)
		}
		if !signaled || done || err != ErrFailed || own != ErrFailed {
			t.Errorf("inside: signaled %v, callbacks done %v, %v, given %v", signaled, done, err, own)
		}
		if !f.Signaled() || !f.CallbacksDone() {
			t.Error("not done after the signal")
		}
		if !dropped {
			x.want("Drop", x.l.Drop(i), nil)
		}
	}
	x.wantRan()
}

func TestCallbacksRunInTheOrderOfAdding(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	f := i.Fence()
	other := x.rt.Local()
	x.add(f, 1)
	_ = must(other.OnSignal(f, x.note, 2))
	x.want("OnSignalMany", x.l.OnSignalMany(f, x.note, []uint64{3, 4, 5}), nil)
	x.want("OnSignalMany of none", x.l.OnSignalMany(f, x.note, nil), nil)
	_ = must(x.rt.OnSignal(f, x.note, 6))
	x.want("OnSignalMany", x.rt.OnSignalMany(f, x.note, []uint64{7, 8}), nil)
	x.add(f, 9)
	other.Close()
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.wantRan(1, 2, 3, 4, 5, 6, 7, 8, 9)
}

func TestHandlerNumbers(t *testing.T) {
	x := newFixture(t, small)
	_, err := x.rt.Handler(nil)
	x.want("Handler(nil)", err, ErrConfig)
	var got []int
	var handlers []Handler
	for k := range 100 {
		handlers = append(handlers, x.handler(func(*Local, uint64, error) { got = append(got, k) }))
	}
	i := x.arm()
	var want []int
	for k := 99; k >= 0; k -= 7 {
		_ = must(x.l.OnSignal(i.Fence(), handlers[k], 0))
		want = append(want, k)
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	if !slices.Equal(got, want) {
		t.Errorf("called %v, want %v", got, want)
	}
}

func TestCallbacksExhausted(t *testing.T) {
	const n = 8
	x := newFixture(t, Config{Fences: 8, Callbacks: n})
	x.want("too many", x.l.ReserveCallbacks(n+1), ErrExhausted)
	x.want("less than none", x.l.ReserveCallbacks(-1), ErrExhausted)
	x.want("all", x.l.ReserveCallbacks(n), nil)
	i, other := x.arm(), x.rt.Local()
	_, err := other.OnSignal(i.Fence(), x.note, 0)
	x.want("another Local's OnSignal", err, ErrExhausted)
	var tickets []Ticket
	for k := range n {
		tickets = append(tickets, x.add(i.Fence(), uint64(k)))
	}
	_, err = x.l.OnSignal(i.Fence(), x.note, n)
	x.want("OnSignal", err, ErrExhausted)
	x.want("OnSignalMany", x.l.OnSignalMany(i.Fence(), x.note, []uint64{1, 2}), ErrExhausted)
	if !x.l.Cancel(tickets[n-1]) {
		t.Fatal("not canceled")
	}
	x.want("two where one is free", x.l.OnSignalMany(i.Fence(), x.note, []uint64{1, 2}), ErrExhausted)
	x.add(i.Fence(), 77)
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.wantRan(0, 1, 2, 3, 4, 5, 6, 77)
	x.want("all again", x.l.ReserveCallbacks(n), nil)
	x.l.Close()
	x.want("by another Local", other.ReserveCallbacks(n), nil)
	other.Close()
	x.l = x.rt.Local()
}

// TestManyCanceled cancels all but one of many, in an order that needs sweeping.
func TestManyCanceled(t *testing.T) {
	const n = 5000
	x := newFixture(t, Config{Fences: 8, Callbacks: n})
	for round := range 3 {
		x.ran = nil
		i := x.arm()
		tickets := make([]Ticket, n)
		for k := range tickets {
			tickets[k] = x.add(i.Fence(), uint64(k))
		}
		for k := range tickets {
			k = k * 7919 % n // a prime: each once
			if k != 123 && !x.l.Cancel(tickets[k]) {
				t.Fatalf("callback %d is not to be canceled", k)
			}
		}
		x.want("Finish", x.l.Finish(i, nil), nil)
		x.wantRan(123)
		if round == 0 && x.rt.pool.Nodes() != n {
			t.Errorf("%d nodes", x.rt.pool.Nodes())
		}
	}
}

// TestCallbackRunsAgainOnAnotherFence adds itself to the next fence from inside.
func TestCallbackRunsAgainOnAnotherFence(t *testing.T) {
	x := newFixture(t, Config{Fences: 8, Callbacks: 2})
	const rounds = 1000
	inside, calls := false, uint64(0)
	var next Issuer
	var again Handler
	again = x.handler(func(l *Local, arg uint64, _ error) {
		if inside || arg != calls {
			t.Errorf("call %d: inside %v, argument %d", calls, inside, arg)
		}
		inside = true
		if calls++; calls < rounds {
			next = x.armBy(l)
			_ = must(l.OnSignal(next.Fence(), again, calls))
		}
		inside = false
	})
	next = x.arm()
	_ = must(x.l.OnSignal(next.Fence(), again, 0))
	for range rounds {
		x.want("Finish", x.l.Finish(next, nil), nil)
	}
	if calls != rounds {
		t.Errorf("%d calls", calls)
	}
}
