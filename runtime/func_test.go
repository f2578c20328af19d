package fencert

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"weak"
)

// closuresFree checks that no closure is kept.
func (x *fixture) closuresFree() {
	x.Helper()
	fs := x.rt.closures()
	if n := count(fs.depot); n != int(fs.depot.Limit()) {
		x.Errorf("%d of %d records are free", n, fs.depot.Limit())
	}
	for i := range fs.depot.Touched() {
		if fs.record(i+1).Get() != nil {
			x.Errorf("record %d keeps a closure", i+1)
		}
	}
}

func TestOnSignalFunc(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	got := func(arg uint64) func(error) {
		return func(err error) { x.ran, x.err = append(x.ran, arg), append(x.err, err) }
	}
	x.add(i.Fence(), 1)
	stops := []func() bool{
		must(x.l.OnSignalFunc(i.Fence(), got(2))), must(x.rt.OnSignalFunc(i.Fence(), got(3))), must(OnSignalFunc(i.Fence(), got(4))),
	}
	x.add(i.Fence(), 5)
	stopped := must(x.l.OnSignalFunc(i.Fence(), got(6)))
	if !stopped() || stopped() {
		t.Error("stop answers true once")
	}
	x.want("Finish", x.l.Finish(i, ErrFailed), nil)
	x.wantRan(1, 2, 3, 4, 5)
	x.want("result", x.err[2], ErrFailed)
	for k, stop := range stops {
		if stop() {
			t.Errorf("stop %d after the call answers true", k)
		}
	}
	next := x.arm() // the same nodes and records again
	_ = must(x.l.OnSignalFunc(next.Fence(), got(7)))
	for _, stop := range append(stops, stopped) {
		if stop() {
			t.Error("an old stop has stopped another closure")
		}
	}
	x.want("Finish", x.l.Finish(next, nil), nil)
	x.wantRan(1, 2, 3, 4, 5, 7)
	x.closuresFree()
}

func TestOnSignalFuncErrors(t *testing.T) {
	x, y := newFixture(t, Config{Fences: 4, Callbacks: 4}), newFixture(t, small)
	fn := func(error) { t.Error("a refused closure was called") }
	signaled, foreign, open := x.arm(), y.arm(), x.arm()
	x.want("Signal", x.l.Signal(signaled, nil), nil)
	for _, c := range []struct {
		name string
		f    Fence
		fn   func(error)
		want error
	}{
		{"signaled", signaled.Fence(), fn, ErrSignaled}, {"zero", Fence{}, fn, ErrSignaled}, {"stub", Stub(), fn, ErrSignaled},
		{"nil closure", open.Fence(), nil, ErrConfig}, {"another runtime's", foreign.Fence(), fn, ErrForeign},
	} {
		if stop, err := x.l.OnSignalFunc(c.f, c.fn); err != c.want || stop != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if stop, err := x.rt.OnSignalFunc(c.f, c.fn); err != c.want || stop != nil {
			t.Errorf("%s, implicit: %v", c.name, err)
		}
		if c.want == ErrForeign {
			continue
		}
		if stop, err := OnSignalFunc(c.f, c.fn); err != c.want || stop != nil {
			t.Errorf("%s, package: %v", c.name, err)
		}
	}
	ran := 0
	for range 4 {
		_ = must(x.l.OnSignalFunc(open.Fence(), func(error) { ran++ }))
	}
	if _, err := x.l.OnSignalFunc(open.Fence(), fn); err != ErrExhausted {
		t.Errorf("the fifth of four: %v", err)
	}
	dead := x.rt.Local()
	dead.Close()
	if v, _ := panicOf(func() { _, _ = dead.OnSignalFunc(open.Fence(), fn) }); v != ErrConcurrentUse {
		t.Errorf("a closed Local: %v", v)
	}
	for _, i := range []Issuer{signaled, open} {
		_ = x.l.Drop(i)
	}
	if ran != 4 {
		t.Errorf("%d of 4 were called", ran)
	}
	x.want("Finish", y.l.Finish(foreign, nil), nil)
	x.closuresFree()
	again := x.arm()
	x.want("Close", x.rt.Close(), ErrLeaked)
	for _, f := range []Fence{again.Fence(), signaled.Fence()} {
		if _, err := OnSignalFunc(f, fn); err != ErrSignaled {
			t.Errorf("after Close: %v", err)
		}
		if _, err := x.l.OnSignalFunc(f, fn); err != ErrSignaled {
			t.Errorf("after Close: %v", err)
		}
	}
}

// TestOnSignalFuncInItself: a closure adds itself to another fence, stops another, and panics.
func TestOnSignalFuncInItself(t *testing.T) {
	caught := 0
	x := newFixture(t, Config{Fences: 8, Callbacks: 256, OnPanic: func(any) { caught++ }})
	a, b := x.arm(), x.arm()
	calls := 0
	var fn func(error)
	var later func() bool
	fn = func(error) {
		if calls++; calls == 1 {
			_ = must(x.rt.OnSignalFunc(b.Fence(), fn))
			if later() {
				t.Error("stopped a callback of a fence that is signaled")
			}
			panic("once")
		}
	}
	_ = must(x.l.OnSignalFunc(a.Fence(), fn))
	later = must(x.l.OnSignalFunc(a.Fence(), func(error) { calls += 10 }))
	x.want("Finish", x.l.Finish(a, nil), nil)
	x.want("Finish", x.l.Finish(b, nil), nil)
	if calls != 12 || caught != 1 {
		t.Errorf("called %d times, %d panics", calls, caught)
	}
	x.closuresFree()
}

// TestOnSignalFuncKeepsNothing: what a closure refers to is collected once it was called or stopped, though stop is kept.
func TestOnSignalFuncKeepsNothing(t *testing.T) {
	const n = 1000 // several segments
	x := newFixture(t, Config{Fences: 8, Callbacks: 4 * n})
	i := x.arm()
	var held [n]weak.Pointer[[64]int]
	var stops [n]func() bool
	var calls int
	for k := range n {
		big := new([64]int)
		held[k] = weak.Make(big)
		stops[k] = must(x.l.OnSignalFunc(i.Fence(), func(error) { calls++; big[0]++ }))
	}
	runtime.GC()
	for k := range held {
		if held[k].Value() == nil {
			t.Fatal("collected while it waits")
		}
		if k%2 == 0 && !stops[k]() {
			t.Fatal("not stopped")
		}
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	if calls != n/2 {
		t.Errorf("%d calls", calls)
	}
	eventually(t, "closures are collected", func() bool {
		runtime.GC()
		for k := range held {
			if held[k].Value() != nil {
				return false
			}
		}
		return true
	})
	runtime.KeepAlive(&stops)
	x.closuresFree()
}

// TestOnSignalFuncForever adds and stops on one fence that stays pending: nothing grows.
func TestOnSignalFuncForever(t *testing.T) {
	x := newFixture(t, Config{Fences: 8, Callbacks: 1024})
	i := x.arm()
	for range scaled(100_000) {
		stop, err := x.l.OnSignalFunc(i.Fence(), func(error) { t.Error("called") })
		if err != nil || !stop() {
			t.Fatalf("not added, or not stopped: %v", err)
		}
	}
	if n := x.rt.closures().depot.Touched(); n != 1 {
		t.Errorf("%d records for one closure at a time", n)
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.closuresFree()
}

// TestOnSignalFuncRace adds, stops and signals from several goroutines: each closure is called or was stopped, once.
func TestOnSignalFuncRace(t *testing.T) {
	x := newFixture(t, Config{})
	var called, stopped, refused atomic.Int64
	added := int64(0)
	for range scaled(4_000) {
		i := x.arm()
		var wg sync.WaitGroup
		var begun atomic.Bool
		for range 3 {
			added += 4
			wg.Go(func() {
				begun.Store(true)
				for range 4 {
					var once atomic.Int32
					stop, err := OnSignalFunc(i.Fence(), func(error) { called.Add(int64(once.Add(1))) })
					switch {
					case errors.Is(err, ErrSignaled):
						refused.Add(1)
					case err != nil:
						t.Errorf("OnSignalFunc: %v", err)
					case stop():
						stopped.Add(1)
					}
				}
			})
		}
		for !begun.Load() {
			runtime.Gosched()
		}
		x.want("Finish", x.l.Finish(i, nil), nil)
		wg.Wait()
	}
	if sum := called.Load() + stopped.Load() + refused.Load(); sum != added || stopped.Load() == 0 {
		t.Errorf("%d added: %d called, %d stopped, %d refused", added, called.Load(), stopped.Load(), refused.Load())
	}
	x.closuresFree()
}
