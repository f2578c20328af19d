package fencert

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/fencert/fencert/arena"
)

// wantFlow compares the counts of fences and callbacks, in the order of Stats.
func (x *fixture) wantFlow(what string, want ...uint64) {
	x.Helper()
	s := x.rt.Stats()
	got := []uint64{s.Reserved, s.Unreserved, s.Armed, s.Signaled, s.Ended, s.CallbacksAdded, s.CallbacksRun, s.CallbacksCanceled}
	for k := range got {
		if got[k] != want[k] {
			x.Errorf("%s: %v, want %v", what, got, want)
			return
		}
	}
	if pending := int(want[2] - want[3]); s.Pending() != pending {
		x.Errorf("%s: pending %d", what, s.Pending())
	}
	if in := int(want[0] - want[1] - want[4]); s.Fences.InUse != in {
		x.Errorf("%s: %d fences in use, want %d", what, s.Fences.InUse, in)
	}
	if in := int(want[5] - want[6] - want[7]); s.Callbacks.InUse != in || s.PendingCallbacks() != in {
		x.Errorf("%s: %d callbacks in use, want %d", what, s.Callbacks.InUse, in)
	}
	for _, u := range []Usage{s.Fences, s.Callbacks} {
		if u.InUse+u.Magazines+u.Free+u.Retired != u.Size || u.Magazines < 0 || u.Free < 0 || u.Touched > u.Size {
			x.Errorf("%s: %+v doesn't add up", what, u)
		}
	}
}

func TestStatsFollow(t *testing.T) {
	x := newFixture(t, Config{Fences: 1024, Callbacks: 1024})
	x.wantFlow("new", 0, 0, 0, 0, 0, 0, 0, 0)
	r := must(x.l.Reserve())
	x.wantFlow("Reserve", 1, 0, 0, 0, 0, 0, 0, 0)
	x.l.Unreserve(r)
	x.l.Unreserve(r)
	x.wantFlow("Unreserve", 1, 1, 0, 0, 0, 0, 0, 0)
	i := x.arm()
	x.wantFlow("Arm", 2, 1, 1, 0, 0, 0, 0, 0)
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.want("Finish", x.l.Finish(i, nil), ErrStale)
	x.wantFlow("Finish", 2, 1, 1, 1, 1, 0, 0, 0)
	i = must(x.l.NewFence(x.c))
	x.want("Signal", x.l.Signal(i, nil), nil)
	x.want("Signal", x.l.Signal(i, nil), ErrSignaled)
	x.wantFlow("NewFence, Signal", 3, 1, 2, 2, 1, 0, 0, 0)
	h := must(x.l.Hold(i.Fence()))
	x.want("Drop", x.l.Drop(i), nil)
	x.wantFlow("held", 3, 1, 2, 2, 1, 0, 0, 0)
	x.want("Release", x.l.Release(h), nil)
	x.wantFlow("Release", 3, 1, 2, 2, 2, 0, 0, 0)

	i = must(x.rt.NewFence(x.c))
	first, second := x.add(i.Fence(), 1), x.add(i.Fence(), 2)
	x.add(i.Fence(), 3)
	x.want("OnSignalMany", x.l.OnSignalMany(i.Fence(), x.note, []uint64{4, 5, 6}), nil)
	x.wantFlow("added", 4, 1, 3, 2, 2, 6, 0, 0)
	if !x.l.Cancel(second) || !x.l.Cancel(first) || x.l.Cancel(first) {
		t.Error("not canceled once")
	}
	x.wantFlow("canceled", 4, 1, 3, 2, 2, 6, 0, 2)
	x.want("Drop of a pending fence", x.rt.Drop(i), nil)
	x.wantFlow("run", 4, 1, 3, 3, 3, 6, 4, 2)
	_, err := x.l.OnSignal(i.Fence(), x.note, 7)
	x.want("OnSignal", err, ErrSignaled)
	x.want("OnSignalMany", x.l.OnSignalMany(i.Fence(), x.note, []uint64{7}), ErrSignaled)
	x.wantFlow("refused", 4, 1, 3, 3, 3, 6, 4, 2)

	for k := range maxDepth + 2 { // nested, and put off
		_ = k
		next := i
		i = x.arm()
		_ = must(x.l.OnSignal(i.Fence(), x.handler(func(l *Local, _ uint64, _ error) { _ = l.Finish(next, nil) }), 0))
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	n := uint64(maxDepth + 2)
	x.wantFlow("a chain", 4+n, 1, 3+n, 3+n, 3+n, 6+n, 4+n, 2)
}

func TestStatsOfWhatRanOut(t *testing.T) {
	x := newFixture(t, Config{Fences: 4, Callbacks: 2, Waiters: 1, Readers: 1, Errors: 1})
	var all []Issuer
	for {
		i, err := x.l.NewFence(x.c)
		if err != nil {
			x.want("NewFence", err, ErrExhausted)
			break
		}
		all = append(all, i)
	}
	_, err := x.l.Reserve()
	x.want("Reserve", err, ErrExhausted)
	x.add(all[0].Fence(), 1)
	x.add(all[0].Fence(), 2)
	_, err = x.l.OnSignal(all[1].Fence(), x.note, 3)
	x.want("OnSignal", err, ErrExhausted)
	x.want("OnSignalMany", x.l.OnSignalMany(all[1].Fence(), x.note, []uint64{3}), ErrExhausted)
	x.want("ReserveCallbacks", x.l.ReserveCallbacks(3), ErrExhausted)
	x.want("Pin", x.l.Pin(), nil)
	other := x.rt.Local()
	x.want("a second reader", other.Pin(), ErrExhausted)
	x.l.Unpin()
	x.want("Signal", x.l.Signal(all[2], errors.New("kept")), nil)
	x.want("Signal", x.l.Signal(all[3], errors.New("lost")), nil)

	var waits sync.WaitGroup
	for range 2 {
		waits.Go(func() { x.want("Wait", all[1].Fence().WaitWith(context.Background(), Park), nil) })
	}
	eventually(t, "both wait", func() bool { return x.rt.Stats().Polling == 2 })
	s := x.rt.Stats()
	if s.ExhaustedFences != 2 || s.ExhaustedCallbacks < 3+1 || s.ExhaustedCallbacks > 3+2 || s.ExhaustedReaders != 1 || s.ExhaustedWaiters != 2 ||
		s.LostErrors != 1 || s.Locals != 2 || s.Contexts != 1 || s.Waiting != 2 || s.Fences.Free != 0 {
		t.Errorf("%+v", s)
	}
	x.want("Signal", x.l.Signal(all[1], nil), nil)
	waits.Wait()
	if s := x.rt.Stats(); s.Polling != 0 || s.Waiting != 0 {
		t.Errorf("nobody waits: %+v", s)
	}
	other.Close()
	for k, i := range all {
		if k == 0 {
			x.want("Finish", x.l.Finish(i, nil), nil)
		} else {
			x.want("Drop", x.l.Drop(i), nil)
		}
	}
}

func TestStatsOfWaits(t *testing.T) {
	x := newFixture(t, small)
	for _, strategy := range strategies {
		before := x.rt.Stats().Waits
		i, left := x.arm(), x.arm()
		h := must(x.l.Hold(i.Fence()))
		ctx, cancel := context.WithCancel(context.Background())
		var waits sync.WaitGroup
		waits.Go(func() { x.want("Wait", i.Fence().WaitWith(context.Background(), strategy), nil) })
		waits.Go(func() { x.want("Wait", left.Fence().WaitWith(ctx, strategy), context.Canceled) })
		eventually(t, "both wait", func() bool { return x.rt.Stats().Waiting == 2 })
		cancel()
		x.want("Finish", x.l.Finish(i, nil), nil)
		waits.Wait()
		x.want("Wait", i.Fence().Wait(context.Background()), nil) // doesn't
		if s := x.rt.Stats(); s.Waits != before+2 || s.Waiting != 0 {
			t.Errorf("%d waits, %d waiting", s.Waits-before, s.Waiting)
		}
		x.want("Release", x.l.Release(h), nil)
		x.want("Finish", x.l.Finish(left, nil), nil)
	}
}

// TestStatsOfRetired: a slot whose generations end is none of those in use.
func TestStatsOfRetired(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.l.slots.Close() // the magazine knows the generation, too
	i.fence.word.Store((arena.LastGeneration - 1) << arena.IndexBits)
	for range small.Fences {
		x.want("Finish", x.l.Finish(x.arm(), nil), nil)
	}
	n := uint64(small.Fences + 1)
	x.wantFlow("retired", n, 0, n, n, n, 0, 0, 0)
	if s := x.rt.Stats(); s.Fences.Retired != 1 || s.Callbacks.Retired != 0 {
		t.Errorf("%+v", s)
	}
	if u := usage(10, 10, 3, 9, 2); u != (Usage{Size: 10, Touched: 10, InUse: 3, Magazines: 4, Free: 1, Retired: 2}) {
		t.Errorf("%+v", u)
	}
	minusOne := ^uint64(0) // of numbers that were read one after another
	if u := usage(10, 8, minusOne, minusOne, 20); u != (Usage{Size: 10, Touched: 8, Retired: 10}) {
		t.Errorf("%+v", u)
	}
	if u := usage(10, 10, 12, 3, 0); u != (Usage{Size: 10, Touched: 10, InUse: 10}) {
		t.Errorf("%+v", u)
	}
}

// TestStatsOfLocals: what a Local has counted stays when it is closed, and when it is forgotten.
func TestStatsOfLocals(t *testing.T) {
	x := newFixture(t, small)
	work := func(l *Local) {
		i := x.armBy(l)
		_ = must(l.OnSignal(i.Fence(), x.note, 1))
		x.want("Finish", l.Finish(i, nil), nil)
	}
	for k := range uint64(5) {
		l := x.rt.Local()
		work(l)
		x.wantFlow("open", 2*k+1, 0, 2*k+1, 2*k+1, 2*k+1, 2*k+1, 2*k+1, 0)
		l.Close()
		x.wantFlow("closed", 2*k+1, 0, 2*k+1, 2*k+1, 2*k+1, 2*k+1, 2*k+1, 0)
		temporary := x.rt.newLocal() // as borrow makes when all stripes are taken
		work(temporary)
		temporary.giveBack()
		x.wantFlow("temporary", 2*k+2, 0, 2*k+2, 2*k+2, 2*k+2, 2*k+2, 2*k+2, 0)
	}
	if s := x.rt.Stats(); s.Locals != 1 {
		t.Errorf("%d Locals", s.Locals)
	}
	func() { work(x.rt.Local()) }()
	last := x.rt.Stats()
	eventually(t, "a forgotten Local is off the list", func() bool {
		runtime.GC()
		s := x.rt.Stats()
		if s.Reserved < last.Reserved || s.CallbacksRun < last.CallbacksRun || s.Ended < last.Ended {
			t.Fatalf("%+v after %+v", s, last)
		}
		return len(x.rt.locals.Load().live) == 1
	})
	x.wantFlow("forgotten", 11, 0, 11, 11, 11, 11, 11, 0)
}

// TestStatsOfAForgottenLocal: between the collector's finding it and its finalizer a Local can't be asked; what was
// reported stays.
func TestStatsOfAForgottenLocal(t *testing.T) {
	x := newFixture(t, small)
	x.want("Finish", x.l.Finish(x.arm(), nil), nil)
	x.wantFlow("before", 1, 0, 1, 1, 1, 0, 0, 0)
	p := x.rt.locals.Load()
	x.rt.locals.Store(&locals{ended: p.ended}) // as if its weak pointer were nil
	x.wantFlow("not to be found", 1, 0, 1, 1, 1, 0, 0, 0)
	x.rt.locals.Store(p)
}

func TestStatsAfterClose(t *testing.T) {
	x := newFixture(t, small)
	pending, reserved, unused := x.arm(), must(x.l.Reserve()), must(x.l.Reserve())
	x.add(pending.Fence(), 1)
	x.want("Close", x.rt.Close(), ErrLeaked)
	x.wantFlow("Close", 3, 0, 1, 1, 0, 1, 1, 0)
	if s := x.rt.Stats(); !s.Closed {
		t.Error("not closed")
	}
	born := x.l.Arm(reserved, x.c)
	x.wantFlow("born signaled", 3, 0, 2, 2, 0, 1, 1, 0)
	x.want("Drop", x.l.Drop(born), nil)
	x.want("Drop", x.l.Drop(pending), nil)
	x.l.Unreserve(unused)
	x.wantFlow("all over", 3, 1, 2, 2, 2, 1, 1, 0)
}

func TestStatsAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	x := newFixture(t, small)
	if n := testing.AllocsPerRun(50, func() { _ = x.rt.Stats() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
