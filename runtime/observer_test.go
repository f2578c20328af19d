package fencert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
)

// A recorder is an observer that writes down what it is told.
type recorder struct {
	mu     sync.Mutex
	events []string
}

func (r *recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, fmt.Sprintf(format, args...))
}

// take returns what was written down since the last take.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

func (r *recorder) observer() *Observer {
	return &Observer{
		Armed: func(e Event) { r.note("armed %s %d %v", e.Context.Timeline(), e.Seqno, e.Fence.Signaled()) },
		Signaled: func(e Event, result error) {
			r.note("signaled %s %d %v %v", e.Context.Timeline(), e.Seqno, result, e.Fence.Signaled())
		},
		Ended: func(e Event) { r.note("ended %s %d", e.Context.Timeline(), e.Seqno) },
		Wait: func(_ context.Context, f Fence) func(error) {
			seqno, _ := f.Seqno()
			r.note("waits %d", seqno)
			return func(result error) { r.note("has waited %d %v", seqno, result) }
		},
		Exhausted: func(what Resource) { r.note("exhausted %s", what) },
	}
}

func newObserved(t *testing.T, config Config) (*fixture, *recorder) {
	r := new(recorder)
	if config.Observer == nil {
		config.Observer = r.observer()
	}
	return newFixture(t, config), r
}

func (x *fixture) wantEvents(r *recorder, what string, want ...string) {
	x.Helper()
	if got := r.take(); !slices.Equal(got, want) {
		x.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestObserver(t *testing.T) {
	x, r := newObserved(t, Config{Fences: 1024})
	reset := errors.New("reset")
	i := x.arm()
	x.wantEvents(r, "Arm", "armed timeline 1 false")
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.wantEvents(r, "Finish", "signaled timeline 1 <nil> true", "ended timeline 1")

	i = must(x.l.NewFence(x.c))
	calls := x.handler(func(*Local, uint64, error) { r.note("callback") })
	_ = must(x.l.OnSignal(i.Fence(), calls, 0))
	_ = must(x.l.OnSignal(i.Fence(), calls, 0))
	h := must(x.l.Hold(i.Fence()))
	x.want("Signal", x.l.Signal(i, reset), nil)
	x.wantEvents(r, "Signal", "armed timeline 2 false", "signaled timeline 2 reset true", "callback", "callback")
	x.want("Signal", x.l.Signal(i, nil), ErrSignaled)
	x.want("Drop", x.l.Drop(i), nil)
	x.wantEvents(r, "Drop")
	x.want("Release", x.l.Release(h), nil)
	x.wantEvents(r, "Release", "ended timeline 2")

	i = must(x.rt.NewFence(x.c))
	_ = must(x.rt.OnSignal(i.Fence(), calls, 0))
	x.want("Drop", x.rt.Drop(i), nil)
	x.wantEvents(r, "Drop of a pending fence",
		"armed timeline 3 false", "signaled timeline 3 fencert: canceled: dropped without a signal true", "callback", "ended timeline 3")
	if s := x.rt.Stats(); s.ObserverPanics != 0 || s.Ended != 3 {
		t.Errorf("%+v", s)
	}
}

func TestObserverOfClose(t *testing.T) {
	x, r := newObserved(t, small)
	pending, room := x.arm(), must(x.l.Reserve())
	r.take()
	x.want("Close", x.rt.Close(), ErrLeaked)
	x.wantEvents(r, "Close", "signaled timeline 1 fencert: canceled: dropped without a signal true")
	born := x.l.Arm(room, x.c)
	x.wantEvents(r, "born signaled", "armed timeline 2 true", "signaled timeline 2 fencert: the runtime is closed true")
	x.want("Drop", x.l.Drop(born), nil)
	x.want("Drop", x.l.Drop(pending), nil)
	x.wantEvents(r, "dropped", "ended timeline 2", "ended timeline 1")
}

func TestObserverOfWaits(t *testing.T) {
	x, r := newObserved(t, small)
	i := x.arm()
	h := must(x.l.Hold(i.Fence()))
	ctx, cancel := context.WithCancel(context.Background())
	r.take()
	waited := make(chan error)
	go func() { waited <- i.Fence().Wait(ctx) }()
	eventually(t, "it waits", func() bool { return x.rt.Stats().Waiting == 1 })
	x.wantEvents(r, "begin", "waits 1")
	cancel()
	x.want("Wait", <-waited, context.Canceled)
	x.wantEvents(r, "end", "has waited 1 context canceled")
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.want("Wait", i.Fence().Wait(context.Background()), nil)
	x.wantEvents(r, "a fence that is done", "signaled timeline 1 <nil> true")
	x.want("Release", x.l.Release(h), nil)
}

func TestObserverOfWhatRanOut(t *testing.T) {
	x, r := newObserved(t, Config{Fences: 1, Callbacks: 1, Errors: 1, Readers: 1})
	i := x.arm()
	r.take()
	_, err := x.l.NewFence(x.c)
	x.want("NewFence", err, ErrExhausted)
	x.add(i.Fence(), 1)
	_, err = x.l.OnSignal(i.Fence(), x.note, 2)
	x.want("OnSignal", err, ErrExhausted)
	x.want("Pin", x.l.Pin(), nil)
	other := x.rt.Local()
	x.want("Pin", other.Pin(), ErrExhausted)
	x.l.Unpin()
	x.wantEvents(r, "ran out", "exhausted fences", "exhausted callbacks", "exhausted readers")
	other.Close()
	x.want("Finish", x.l.Finish(i, nil), nil)
}

// TestObserverInParts: each function may be nil, and without the first three fences aren't special.
func TestObserverInParts(t *testing.T) {
	r := new(recorder)
	whole := r.observer()
	for name, part := range map[string]struct {
		o       Observer
		special bool
		events  int
	}{
		"none":      {Observer{}, false, 0},
		"armed":     {Observer{Armed: whole.Armed}, true, 1},
		"signaled":  {Observer{Signaled: whole.Signaled}, true, 1},
		"ended":     {Observer{Ended: whole.Ended}, true, 1},
		"wait":      {Observer{Wait: whole.Wait}, false, 0},
		"exhausted": {Observer{Exhausted: whole.Exhausted}, false, 0},
		"no end":    {Observer{Wait: func(context.Context, Fence) func(error) { return nil }}, false, 0},
	} {
		config := small
		config.Observer = &part.o
		x := newFixture(t, config)
		i := x.arm()
		if special := i.fence.word.Load()&specialBit != 0; special != part.special {
			t.Errorf("%s: special %v", name, special)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time := make(chan error)
		go func() { time <- i.Fence().Wait(ctx) }()
		eventually(t, "it waits", func() bool { return x.rt.Stats().Waiting == 1 })
		cancel()
		<-time
		x.want("Finish", x.l.Finish(i, nil), nil)
		events := r.take()
		if name == "wait" {
			part.events = 2
		}
		if len(events) != part.events {
			t.Errorf("%s: %q", name, events)
		}
	}
}

// TestObserverPanics: what an observer does wrong doesn't reach the fence.
func TestObserverPanics(t *testing.T) {
	var caught []any
	config := small
	config.OnPanic = func(value any) { caught = append(caught, value) }
	config.Observer = &Observer{
		Armed:     func(Event) { panic("armed") },
		Signaled:  func(Event, error) { panic("signaled") },
		Ended:     func(Event) { panic("ended") },
		Exhausted: func(Resource) { panic("exhausted") },
		Wait:      func(context.Context, Fence) func(error) { panic("wait") },
	}
	x := newFixture(t, config)
	i := x.arm()
	x.add(i.Fence(), 1)
	h := must(x.l.Hold(i.Fence()))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x.want("Wait", i.Fence().Wait(ctx), context.Canceled)
	x.want("Finish", x.l.Finish(i, ErrFailed), nil)
	x.want("Err", h.Err(), ErrFailed)
	x.wantRan(1)
	x.want("Release", x.l.Release(h), nil)
	_ = x.l.ReserveCallbacks(1 << 20)
	want := []any{"armed", "wait", "signaled", "ended", "exhausted"}
	if !slices.Equal(caught, want) || x.rt.Stats().ObserverPanics != 5 {
		t.Errorf("caught %v, counted %d", caught, x.rt.Stats().ObserverPanics)
	}
	x.idle(x.l)
}

// TestObserverAllocatesNothing: being observed doesn't.
func TestObserverAllocatesNothing(t *testing.T) {
	if raceEnabled || debugging {
		t.Skip("the race detector allocates")
	}
	told := 0
	config := small
	config.Observer = &Observer{
		Armed: func(Event) { told++ }, Signaled: func(Event, error) { told++ }, Ended: func(Event) { told++ },
	}
	x := newFixture(t, config)
	life := func() {
		i := x.arm()
		_, _ = x.l.OnSignal(i.Fence(), x.note, 1)
		_ = x.l.Finish(i, nil)
		x.ran, x.err = x.ran[:0], x.err[:0]
	}
	life()
	if n := testing.AllocsPerRun(100, life); n != 0 || told == 0 {
		t.Errorf("%v allocations, told %d times", n, told)
	}
}

// TestStressObserver: each fence is told of once by each function, whoever signals and whoever drops it.
func TestStressObserver(t *testing.T) {
	type toldOf struct{ armed, signaled, ended int }
	var mu sync.Mutex
	told := make(map[uint64]toldOf)
	tell := func(seqno uint64, change func(*toldOf)) {
		mu.Lock()
		defer mu.Unlock()
		of := told[seqno]
		change(&of)
		told[seqno] = of
	}
	config := Config{Fences: 512, Errors: 64}
	config.Observer = &Observer{
		Armed: func(e Event) { tell(e.Seqno, func(of *toldOf) { of.armed++ }) },
		Signaled: func(e Event, result error) {
			tell(e.Seqno, func(of *toldOf) {
				if of.signaled++; of.armed != 1 || result != errStress && result != ErrCanceled {
					t.Errorf("signaled with %v, armed %d times", result, of.armed)
				}
			})
		},
		Ended: func(e Event) { tell(e.Seqno, func(of *toldOf) { of.ended++ }) },
	}
	x := newFixture(t, config)
	sent := make(chan Issuer)
	var work sync.WaitGroup
	work.Go(func() {
		l := x.rt.Local()
		defer l.Close()
		for i := range sent { // at the same time as its other copy
			_ = l.Signal(i, errStress)
		}
	})
	n := scaled(20_000)
	for range n {
		i := x.arm()
		sent <- i
		if err := x.l.Drop(i); err != nil {
			t.Errorf("Drop: %v", err)
		}
	}
	close(sent)
	work.Wait()
	if len(told) != n {
		t.Errorf("told of %d fences, want %d", len(told), n)
	}
	for seqno, of := range told {
		if of != (toldOf{1, 1, 1}) {
			t.Fatalf("seqno %d: %+v", seqno, of)
		}
	}
}
