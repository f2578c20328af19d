package fencert

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

// kept lets Locals keep slots: up to 64, in batches of 16.
var kept = Config{Fences: 1024, Callbacks: 1024, Errors: 8, Waiters: 8, Readers: 8}

// drain reserves all there is.
func (x *fixture) drain() (all []Reservation) {
	x.Helper()
	for {
		r, err := x.l.Reserve()
		if err != nil {
			x.want("Reserve", err, ErrExhausted)
			return all
		}
		all = append(all, r)
	}
}

func (x *fixture) unreserve(all []Reservation) {
	x.Helper()
	for _, r := range all {
		if !x.l.Unreserve(r) {
			x.Error("not returned")
		}
	}
}

// A waited is what a ReserveWait on a goroutine of its own came to.
type waited struct {
	r   Reservation
	err error
}

// waiting starts a ReserveWait and returns once it has queued.
func (x *fixture) waiting(ctx context.Context) <-chan waited {
	x.Helper()
	before := x.queued()
	result := make(chan waited, 1)
	go func() {
		r, err := x.rt.ReserveWait(ctx)
		result <- waited{r, err}
	}()
	eventually(x, "it waits", func() bool { return x.queued() > before })
	return result
}

func (x *fixture) queued() int { return x.rt.arena.Waiters() }

// TestReserveWait: whatever gives room back hands it to who waits, when the next thing that happens is nothing.
func TestReserveWait(t *testing.T) {
	for name, give := range map[string]func(x *fixture, i Issuer, h Hold, r Reservation){
		"Finish":          func(x *fixture, i Issuer, h Hold, _ Reservation) { _ = x.l.Release(h); _ = x.l.Finish(i, nil) },
		"Drop":            func(x *fixture, i Issuer, h Hold, _ Reservation) { _ = x.l.Release(h); _ = x.l.Drop(i) },
		"Release":         func(x *fixture, i Issuer, h Hold, _ Reservation) { _ = x.l.Finish(i, nil); _ = x.l.Release(h) },
		"Unreserve":       func(x *fixture, _ Issuer, _ Hold, r Reservation) { x.l.Unreserve(r) },
		"implicit Finish": func(x *fixture, i Issuer, h Hold, _ Reservation) { _ = x.l.Release(h); _ = x.rt.Finish(i, nil) },
		"Grow":            func(x *fixture, _ Issuer, _ Hold, _ Reservation) { _ = x.rt.Grow(1025) },
	} {
		t.Run(name, func(t *testing.T) {
			config := kept
			config.GrowTo = 2000
			x := newFixture(t, config)
			all := x.drain()
			i := x.l.Arm(all[0], x.c)
			h := must(x.l.Hold(i.Fence()))
			w := x.waiting(context.Background())
			if len(w) > 0 {
				t.Fatal("it didn't wait")
			}
			give(x, i, h, all[1])
			got := <-w
			x.want("ReserveWait", got.err, nil)
			x.want("Finish", x.l.Finish(x.l.Arm(got.r, x.c), nil), nil)
			if name != "Unreserve" {
				all = append(all[:1], all...)
			}
			_, _ = x.l.Release(h), x.l.Drop(i)
			x.unreserve(all[2:])
			if name == "Grow" {
				x.rt.config.Fences = 1025 // what settled expects
			}
		})
	}
}

// TestReserveWaitTakesWhatLocalsKeep: a Local that flushes or closes, or ends one fence, gives all it keeps to who waits.
func TestReserveWaitTakesWhatLocalsKeep(t *testing.T) {
	for name, give := range map[string]func(*fixture, *Local, Issuer){
		"Flush":  func(_ *fixture, l *Local, _ Issuer) { l.Flush() },
		"Close":  func(_ *fixture, l *Local, _ Issuer) { l.Close() },
		"Finish": func(x *fixture, l *Local, i Issuer) { x.want("Finish", l.Finish(i, nil), nil) },
	} {
		x := newFixture(t, kept)
		keeper := x.rt.Local()
		i := x.armBy(keeper)
		keeps := keeper.slots.Held()
		all := x.drain()
		if keeps == 0 || len(all)+1+keeps != kept.Fences {
			t.Fatalf("the keeper keeps %d, %d were reserved", keeps, len(all))
		}
		var w []<-chan waited
		for range keeps {
			w = append(w, x.waiting(context.Background()))
		}
		give(x, keeper, i)
		for _, w := range w {
			got := <-w
			x.want(name, got.err, nil)
			x.l.Unreserve(got.r)
		}
		if name != "Finish" {
			x.want("Finish", x.l.Finish(i, nil), nil)
		}
		x.unreserve(all)
		keeper.Close()
	}
}

// TestReserveWaitInOrder: first come, first served, and a Reserve doesn't overtake.
func TestReserveWaitInOrder(t *testing.T) {
	x := newFixture(t, small)
	all := x.drain()
	var queue []<-chan waited
	for range 5 {
		queue = append(queue, x.waiting(context.Background()))
	}
	for k, w := range queue {
		x.l.Unreserve(all[k])
		got := <-w
		x.want("ReserveWait", got.err, nil)
		for _, later := range queue[k+1:] {
			if len(later) > 0 {
				t.Error("a later one was served first")
			}
		}
		if k < 4 {
			_, err := x.l.Reserve()
			x.want("Reserve while others wait", err, ErrExhausted)
		}
		all[k] = got.r
	}
	x.unreserve(all)
}

func TestReserveWaitEnds(t *testing.T) {
	x := newFixture(t, small)
	cause := errors.New("cause")
	ctx, cancel := context.WithCancelCause(context.Background())
	ended, end := context.WithCancelCause(context.Background())
	end(cause)

	r, err := x.l.ReserveWait(ended) // room wins
	x.want("ReserveWait with room", err, nil)
	x.l.Unreserve(r)
	all := x.drain()
	for _, wait := range []func(context.Context) (Reservation, error){x.l.ReserveWait, x.rt.ReserveWait} {
		_, err = wait(ended)
		x.want("ReserveWait with an ended context", err, cause)
		short, stop := context.WithTimeout(context.Background(), time.Millisecond)
		_, err = wait(short)
		x.want("ReserveWait with a deadline", err, context.DeadlineExceeded)
		stop()
	}
	x.idle(x.l)
	w, stays := x.waiting(ctx), x.waiting(context.Background())
	cancel(cause)
	got := <-w
	x.want("ReserveWait canceled", got.err, cause)
	eventually(t, "it is unlinked", func() bool { return x.queued() == 1 })
	x.unreserve(all[:1])
	got = <-stays
	x.want("the one that stays", got.err, nil)
	all[0] = got.r
	x.unreserve(all)
}

// TestReserveWaitAndClose: who waits while the runtime is closed is told, and so is who comes later.
func TestReserveWaitAndClose(t *testing.T) {
	x := newFixture(t, small)
	x.drain()
	first, second := x.waiting(context.Background()), x.waiting(context.Background())
	x.want("Close", x.rt.Close(), nil)
	for _, w := range []<-chan waited{first, second} {
		got := <-w
		x.want("ReserveWait during Close", got.err, ErrClosed)
	}
	_, err := x.l.ReserveWait(context.Background())
	x.want("ReserveWait after Close", err, ErrClosed)
	_, err = x.rt.ReserveWait(context.Background())
	x.want("implicit ReserveWait after Close", err, ErrClosed)
}

// TestReserveWaitInACallback doesn't wait.
func TestReserveWaitInACallback(t *testing.T) {
	x := newFixture(t, small)
	all := x.drain()
	i := x.l.Arm(all[0], x.c)
	var err error
	waits := x.handler(func(l *Local, _ uint64, _ error) { _, err = l.ReserveWait(context.Background()) })
	_ = must(x.l.OnSignal(i.Fence(), waits, 0))
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.want("ReserveWait in a callback", err, ErrExhausted)
	x.unreserve(all[1:])
}

// TestReserveWaitUsesItsLocal: another goroutine that uses it meanwhile is found.
func TestReserveWaitUsesItsLocal(t *testing.T) {
	x := newFixture(t, small)
	l := x.rt.Local()
	all := x.drain()
	w := make(chan waited, 1)
	go func() {
		r, err := l.ReserveWait(context.Background())
		w <- waited{r, err}
	}()
	eventually(t, "it waits", func() bool { return x.queued() == 1 })
	if v, _ := panicOf(l.Flush); v != ErrConcurrentUse {
		t.Errorf("Flush of a Local that waits: %v", v)
	}
	x.l.Unreserve(all[0])
	got := <-w
	x.want("ReserveWait", got.err, nil)
	l.Unreserve(got.r)
	l.Close()
	x.unreserve(all[1:])
}

// TestExhaustionAsksTheStripes: what Locals keep that calls borrow is no reason for ErrExhausted.
func TestExhaustionAsksTheStripes(t *testing.T) {
	x := newFixture(t, kept)
	count := func() (slots, nodes int) {
		for i := range x.rt.stripes {
			slots += x.rt.stripes[i].local.slots.Held()
			nodes += x.rt.stripes[i].local.nodes.Stock()
		}
		return slots, nodes
	}
	for range 10 {
		var all []Issuer
		for range 100 {
			i := must(x.rt.NewFence(x.c))
			_ = must(x.rt.OnSignal(i.Fence(), x.note, 1))
			all = append(all, i)
		}
		for _, i := range all {
			x.want("Finish", x.rt.Finish(i, nil), nil)
		}
		runtime.Gosched()
	}
	slots, nodes := count()
	if slots == 0 || nodes == 0 {
		t.Fatalf("stripes keep %d slots and %d callbacks", slots, nodes)
	}
	all := x.drain()
	if len(all) != kept.Fences {
		t.Errorf("%d of %d fences before ErrExhausted", len(all), kept.Fences)
	}
	if slots, _ := count(); slots != 0 {
		t.Errorf("stripes keep %d", slots)
	}
	x.want("ReserveCallbacks", x.l.ReserveCallbacks(kept.Callbacks), nil)
	x.want("ReserveCallbacks", x.l.ReserveCallbacks(0), nil)
	x.l.Flush()
	x.unreserve(all[:1])
	x.want("Finish", x.rt.Finish(must(x.rt.NewFence(x.c)), nil), nil)
	if slots, _ := count(); slots != 0 {
		t.Errorf("fences are scarce, and stripes keep %d", slots)
	}
	x.unreserve(all[1:])
}

// TestWaitingAsksTheStripes: who queues looks once more at what borrowed Locals have kept meanwhile.
func TestWaitingAsksTheStripes(t *testing.T) {
	x := newFixture(t, kept)
	x.want("Finish", x.rt.Finish(must(x.rt.NewFence(x.c)), nil), nil)
	stripes := 0
	for i := range x.rt.stripes {
		stripes += x.rt.stripes[i].local.slots.Held()
	}
	if stripes == 0 {
		t.Fatal("the stripes keep nothing")
	}
	var all []Reservation
	for range kept.Fences - stripes { // the last Reserve that finds something
		all = append(all, must(x.l.Reserve()))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	r, err := x.rt.awaitRoom(ctx)
	x.want("waiting", err, nil)
	x.unreserve(append(all, r))
}

func TestFlush(t *testing.T) {
	x := newFixture(t, Config{Fences: 1024, Callbacks: 1024, Errors: keepPlaces})
	l := x.rt.Local()
	i := x.armBy(l)
	_ = must(l.OnSignal(i.Fence(), x.note, 1))
	x.want("Finish", l.Finish(i, errors.New("table")), nil)
	x.want("ReserveCallbacks", l.ReserveCallbacks(3), nil)
	if l.slots.Held() == 0 || l.nodes.Stock() < 3 || l.place == 0 {
		t.Fatalf("keeps %d, %d, %d", l.slots.Held(), l.nodes.Stock(), l.place)
	}
	l.Flush()
	if l.slots.Held() != 0 || l.nodes.Stock() != 3 || l.place != 0 {
		t.Errorf("keeps %d, %d, %d", l.slots.Held(), l.nodes.Stock(), l.place)
	}
	i = x.armBy(l) // it stays usable
	_ = must(l.OnSignal(i.Fence(), x.note, 1))
	inside := x.handler(func(l *Local, _ uint64, _ error) { l.Flush() })
	_ = must(l.OnSignal(i.Fence(), inside, 1))
	_ = must(l.OnSignal(i.Fence(), x.note, 2))
	x.want("Finish", l.Finish(i, nil), nil)
	x.wantRan(1, 1, 2)
	x.idle(l)
	l.Close()
}
