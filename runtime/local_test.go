package fencert

import (
	"errors"
	"runtime"
	"testing"
)

// TestLocalAfterClose: every method of a closed Local panics, and changes nothing.
func TestLocalAfterClose(t *testing.T) {
	x := newFixture(t, small)
	room := must(x.l.Reserve())
	i, signaled := x.arm(), x.arm()
	ticket := x.add(i.Fence(), 1)
	h := must(x.l.Hold(i.Fence()))
	x.want("Signal", x.l.Signal(signaled, nil), nil)
	r := must(x.rt.Reclaimer(func(uint64) {}))
	dead := x.rt.Local()
	dead.Close()
	dead.Close()
	read := x.rt.Local()
	if err := read.Pin(); err != nil {
		t.Fatal(err)
	}
	read.Unpin()
	read.Close()
	for _, l := range []*Local{dead, read} {
		for _, c := range []struct {
			name string
			call func()
		}{
			{"Reserve", func() { _, _ = l.Reserve() }},
			{"Unreserve", func() { l.Unreserve(room) }},
			{"Arm", func() { l.Arm(room, x.c) }},
			{"OnSignal", func() { _, _ = l.OnSignal(i.Fence(), x.note, 2) }},
			{"OnSignalMany", func() { _ = l.OnSignalMany(i.Fence(), x.note, []uint64{2}) }},
			{"ReserveCallbacks", func() { _ = l.ReserveCallbacks(1) }},
			{"Cancel", func() { l.Cancel(ticket) }},
			{"Signal", func() { _ = l.Signal(i, nil) }},
			{"Finish", func() { _ = l.Finish(i, nil) }},
			{"Drop of a signaled fence", func() { _ = l.Drop(signaled) }},
			{"Drop of a pending fence", func() { _ = l.Drop(i) }},
			{"Pin", func() { _ = l.Pin() }},
			{"Retire", func() { _ = l.Retire(r, 1) }},
			{"Participant", func() { _, _ = l.Participant() }},
			{"Synchronize", func() { _ = l.Synchronize(t.Context()) }},
			{"Barrier", func() { _ = l.Barrier(t.Context()) }},
		} {
			if v, exited := panicOf(c.call); v == nil || exited {
				t.Errorf("%s on a closed Local doesn't panic", c.name)
			}
		}
	}
	if i.Fence().Signaled() || signaled.Fence().Err() != nil {
		t.Errorf("a closed Local changed something: %v, %v", i.Fence().Err(), signaled.Fence().Err())
	}
	x.wantRan()
	x.want("Drop", x.l.Drop(signaled), nil)
	x.want("Release", x.l.Release(h), nil)
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.want("Finish", x.l.Finish(x.l.Arm(room, x.c), nil), nil)
	x.wantRan(1)
	if x.l.Runtime() != x.rt || x.rt.Config().Fences != small.Fences {
		t.Error("another runtime's")
	}
}

// TestReleaseOnAClosedLocal must not lose the slot, whether it panics or works.
func TestReleaseOnAClosedLocal(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	h := must(x.l.Hold(i.Fence()))
	x.want("Finish", x.l.Finish(i, nil), nil)
	dead := x.rt.Local()
	dead.Close()
	if v, _ := panicOf(func() { _ = dead.Release(h) }); v != nil {
		x.want("Release again", x.l.Release(h), nil)
	}
	x.want("Err", i.Fence().Err(), ErrStale)
}

func TestLocalUsedByTwo(t *testing.T) {
	x := newFixture(t, small)
	x.l.enter() // another goroutine is in the middle of a call
	for _, call := range []func(){
		func() { _, _ = x.l.Reserve() }, func() { _ = x.l.ReserveCallbacks(1) }, func() { x.l.Close() },
	} {
		if v, _ := panicOf(call); v != ErrConcurrentUse {
			t.Errorf("panics with %v", v)
		}
	}
	x.l.leave()
	x.want("Finish", x.l.Finish(x.arm(), nil), nil)
}

func TestLocalCloseWhereItMustNot(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	closes := x.handler(func(l *Local, _ uint64, _ error) { l.Close() })
	_ = must(x.l.OnSignal(i.Fence(), closes, 0))
	x.add(i.Fence(), 1)
	if v, _ := panicOf(func() { _ = x.l.Finish(i, nil) }); v != ErrConcurrentUse {
		t.Errorf("Close in a callback: %v", v)
	}
	x.wantRan(1)
	x.idle(x.l)
	x.want("Pin", x.l.Pin(), nil)
	if v, _ := panicOf(x.l.Close); v != ErrConcurrentUse {
		t.Errorf("Close while pinned: %v", v)
	}
	x.idle(x.l)
	x.l.Unpin()
}

// TestForgottenLocal: what it held comes back once the collector has found it.
func TestForgottenLocal(t *testing.T) {
	x := newFixture(t, Config{Fences: 128, Callbacks: 8, Readers: 1}) // so that a Local keeps a slot
	func() {
		l := x.rt.Local()
		i := x.armBy(l)
		if err := l.Pin(); err != nil {
			t.Fatal(err)
		}
		if err := l.ReserveCallbacks(8); err != nil {
			t.Fatal(err)
		}
		x.want("Finish", l.Finish(i, nil), nil)
	}()
	var all []Reservation
	for {
		r, err := x.l.Reserve()
		if err != nil {
			x.want("Reserve", err, ErrExhausted)
			break
		}
		all = append(all, r)
	}
	if len(all) == 128 {
		t.Fatal("a Local keeps nothing to itself")
	}
	for _, r := range all[1:] {
		x.l.Unreserve(r)
	}
	r := all[0]
	eventually(t, "a forgotten Local gives back", func() bool {
		runtime.GC()
		all = all[:1]
		for {
			r, err := x.l.Reserve()
			if err != nil {
				break
			}
			all = append(all, r)
		}
		for _, r := range all[1:] {
			x.l.Unreserve(r)
		}
		return len(all) == 128
	})
	eventually(t, "its callbacks come back", func() bool { return x.l.ReserveCallbacks(8) == nil })
	eventually(t, "its place as a reader comes back", func() bool { return x.l.Pin() == nil })
	x.l.Unpin()
	x.l.Unreserve(r)
}

func TestPinRetireCollect(t *testing.T) {
	x := newFixture(t, Config{Fences: 8, Readers: 2})
	var reclaimed []uint64
	r := must(x.rt.Reclaimer(func(arg uint64) { reclaimed = append(reclaimed, arg) }))
	_, err := x.rt.Reclaimer(nil)
	x.want("Reclaimer(nil)", err, ErrConfig)
	if x.l.Collect() != 0 {
		t.Error("collected before anything was retired")
	}
	reader, third := x.rt.Local(), x.rt.Local()
	x.want("Pin", reader.Pin(), nil)
	x.want("Pin inside", reader.Pin(), nil)
	reader.Unpin()
	x.want("Retire", x.l.Retire(r, 7), nil)
	x.want("a third reader", third.Pin(), ErrExhausted)
	x.want("a third reader", third.Retire(r, 1), ErrExhausted)
	for range 10 {
		x.l.Collect()
	}
	if len(reclaimed) != 0 {
		t.Error("reclaimed under a reader's eyes")
	}
	reader.Unpin()
	for range 10 {
		x.l.Collect()
	}
	if len(reclaimed) != 1 || reclaimed[0] != 7 {
		t.Errorf("reclaimed %v", reclaimed)
	}
	reader.Close()
	x.want("a third reader", third.Pin(), nil)
	third.Unpin()
	third.Close()
}

func TestConfig(t *testing.T) {
	for _, c := range []Config{
		{Fences: -1}, {Fences: MaxFences + 1}, {Callbacks: -1}, {Callbacks: MaxCallbacks + 1}, {Errors: -1},
		{Errors: MaxErrors + 1}, {Waiters: -1}, {Waiters: MaxWaiters + 1}, {Readers: -1}, {Strategy: Spin + 1},
		{Retired: -1}, {Retired: MaxRetired + 1}, {Pinning: PinPortable + 1}, {StallAfter: -1},
	} {
		if rt, err := New(c); rt != nil || err == nil || !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: %v, %v", c, rt, err)
		}
	}
	rt, err := New(Config{Fences: 10})
	if err != nil {
		t.Fatal(err)
	}
	if c := rt.Config(); c.Callbacks != 10 || c.Errors < 1 || c.Waiters < 1 || c.Readers < 1 {
		t.Errorf("%+v", c)
	}
	_ = rt.Close()
}
