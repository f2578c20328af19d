package fencert

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/fencert/fencert/epoch"
)

// TestPinningIsPassedOn: both kinds protect a reader.
func TestPinningIsPassedOn(t *testing.T) {
	for _, pinning := range []Pinning{PinAuto, PinPortable} {
		x := newFixture(t, Config{Fences: 8, Pinning: pinning})
		if light := x.rt.domain.Stats().Light; light && pinning == PinPortable {
			t.Error("PinPortable gives light pins")
		}
		ran := 0
		r := must(x.rt.Reclaimer(func(uint64) { ran++ }))
		reader := x.rt.Local()
		p := must(reader.Participant())
		p.Pin() // the same section as
		x.want("Retire", x.l.Retire(r, 1), nil)
		for range 5 {
			x.l.Collect()
		}
		if ran != 0 {
			t.Errorf("%v: reclaimed under a reader", pinning)
		}
		reader.Unpin()
		if x.l.Collect(); ran != 1 {
			t.Errorf("%v: %d reclaimed", pinning, ran)
		}
		reader.Close()
	}
}

// TestStalledReader: its section is reported, once, by the ID of its Local's Participant; retiring fails clearly, loses
// nothing, and works again after.
func TestStalledReader(t *testing.T) {
	var told []Stall
	x := newFixture(t, Config{Fences: 8, Retired: 5, StallAfter: time.Millisecond, OnStall: func(s Stall) { told = append(told, s) }})
	ran := 0
	r := must(x.rt.Reclaimer(func(uint64) { ran++ }))
	reader := x.rt.Local()
	x.want("Pin", reader.Pin(), nil)
	for i := range uint64(5) {
		x.want("Retire", x.l.Retire(r, i), nil)
	}
	eventually(t, "the reader is reported", func() bool {
		x.l.Collect()
		err := x.l.Retire(r, 9)
		x.want("Retire", err, ErrGarbageFull)
		x.want("Retire", err, ErrExhausted)
		return len(told) > 0
	})
	for range 10 {
		time.Sleep(time.Millisecond)
		x.l.Collect()
		x.want("Retire", x.l.Retire(r, 9), ErrGarbageFull)
	}
	if len(told) != 1 || told[0].Reader != must(reader.Participant()).ID() || told[0].Garbage != 5 || told[0].For < time.Millisecond {
		t.Errorf("told of %+v", told)
	}
	if ran != 0 {
		t.Errorf("%d reclaimed under the reader", ran)
	}
	reader.Unpin()
	x.l.Collect()
	x.want("Retire again", x.l.Retire(r, 9), nil)
	x.want("Barrier", x.l.Barrier(t.Context()), nil)
	if ran != 6 {
		t.Errorf("%d of 6 reclaimed", ran)
	}
	reader.Close()
}

func TestSynchronizeAndBarrier(t *testing.T) {
	x := newFixture(t, Config{Fences: 8})
	ran := 0
	r := must(x.rt.Reclaimer(func(uint64) { ran++ }))
	x.want("Barrier without garbage", x.l.Barrier(t.Context()), nil)
	reader := x.rt.Local()
	x.want("Pin", reader.Pin(), nil)
	ended := errors.New("ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(ended)
	x.want("Retire", x.l.Retire(r, 1), nil)
	x.want("Runtime.Synchronize", x.rt.Synchronize(ctx), ended)
	x.want("Synchronize", x.l.Synchronize(ctx), ended)
	x.want("Barrier", x.l.Barrier(ctx), ended)

	left := false // plain: the race detector checks that Synchronize orders it
	done := make(chan error)
	go func() {
		defer close(done)
		for _, wait := range []func(context.Context) error{x.rt.Synchronize, x.l.Synchronize, x.l.Barrier} {
			if err := wait(context.Background()); err != nil || !left {
				t.Errorf("returned %v, the reader has left: %v", err, left)
			}
		}
	}()
	time.Sleep(5 * time.Millisecond)
	left = true
	reader.Unpin()
	<-done
	if ran != 1 {
		t.Errorf("%d reclaimed", ran)
	}
	reader.Close()
}

// TestWaitingForReadersWhereItMustNot is told where it can be seen, and changes nothing.
func TestWaitingForReadersWhereItMustNot(t *testing.T) {
	x := newFixture(t, Config{Fences: 8})
	var inside, deep error
	r := must(x.rt.Reclaimer(func(uint64) { deep = x.l.Barrier(t.Context()) }))
	waits := map[string]func(*Local) error{
		"Synchronize": func(l *Local) error { return l.Synchronize(t.Context()) },
		"Barrier":     func(l *Local) error { return l.Barrier(t.Context()) },
	}
	for name, wait := range waits {
		x.want("Pin", x.l.Pin(), nil)
		x.want(name+" while pinned", wait(x.l), ErrPinned)
		x.l.Unpin()
		i := x.arm()
		h := x.handler(func(l *Local, _ uint64, _ error) { inside = wait(l) })
		_ = must(x.l.OnSignal(i.Fence(), h, 0))
		x.want("Finish", x.l.Finish(i, nil), nil)
		x.want(name+" in a callback", inside, ErrInCallback)
		x.want(name, wait(x.l), nil)
	}
	x.want("Retire", x.l.Retire(r, 1), nil)
	x.want("Barrier", x.l.Barrier(t.Context()), nil)
	x.want("Barrier in a reclaimer", deep, ErrInCallback)
	x.idle(x.l)
}

// TestForgottenLocalsLeaveGarbage: two Locals whose goroutines have ended, one pinned for ever. As long as they may be
// in use, nothing that the pinned one may see is reclaimed; once they are found, others reclaim it all.
func TestForgottenLocalsLeaveGarbage(t *testing.T) {
	x := newFixture(t, Config{Fences: 8, Readers: 3})
	ran := 0
	r := must(x.rt.Reclaimer(func(uint64) { ran++ }))
	x.want("Pin", x.l.Pin(), nil) // registers
	x.l.Unpin()
	keep := make(chan *Local, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		pinned, other := x.rt.Local(), x.rt.Local()
		if err := pinned.Pin(); err != nil {
			t.Error(err)
		}
		for i := range uint64(5) {
			x.want("Retire", pinned.Retire(r, i), nil)
			x.want("Retire", other.Retire(r, i), nil)
		}
		keep <- pinned
	}()
	<-ended
	for range 3 {
		runtime.GC() // finds the other one
		time.Sleep(time.Millisecond)
		if x.l.Collect(); ran != 0 {
			t.Fatalf("%d reclaimed though a section is open", ran)
		}
	}
	func() { runtime.KeepAlive(<-keep) }()
	eventually(t, "both are found, and what they left is reclaimed", func() bool {
		runtime.GC()
		x.l.Collect()
		return ran == 10
	})
	x.want("Barrier", x.l.Barrier(t.Context()), nil)
	if st := x.rt.domain.Stats(); st.Participants != 1 || st.Pinned != 0 || st.Retired != 0 || st.Orphans != 0 {
		t.Errorf("%+v", st)
	}
}

// TestCloseInAReclaimer gives the Local back all but its place as a reader, which comes with the garbage collector.
func TestCloseInAReclaimer(t *testing.T) {
	x := newFixture(t, Config{Fences: 8, Readers: 1})
	func() {
		l := x.rt.Local()
		r := must(x.rt.Reclaimer(func(uint64) { l.Close() }))
		x.want("Retire", l.Retire(r, 1), nil)
		for l.Collect() == 0 {
		}
		l = nil // the reclaimer keeps the variable
	}()
	eventually(t, "its place comes back", func() bool {
		runtime.GC()
		return x.l.Pin() == nil
	})
	x.l.Unpin()
}

func TestParticipant(t *testing.T) {
	x := newFixture(t, Config{Fences: 8, Readers: 1})
	p := must(x.l.Participant())
	if q := must(x.l.Participant()); q != p {
		t.Error("two participants of one Local")
	}
	p.Pin()
	x.want("Synchronize", x.l.Synchronize(t.Context()), ErrPinned)
	p.Unpin()
	if v, _ := panicOf(p.Unpin); v != epoch.ErrNotPinned {
		t.Errorf("Unpin without Pin: %v", v)
	}
	other := x.rt.Local()
	_, err := other.Participant()
	x.want("no place", err, ErrExhausted)
	other.Close()
}
