package fencert

import (
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// frames is how deep the stack is.
func frames() int {
	var callers [4096]uintptr
	return runtime.Callers(0, callers[:])
}

// implicitChain arms n fences of which each signals the next by a call without a Local. ran is called in each callback.
func (x *fixture) implicitChain(n int, ran func(k int)) Issuer {
	issuers := make([]Issuer, n)
	step := x.handler(func(_ *Local, arg uint64, _ error) {
		k := int(arg)
		if k+1 < n {
			if err := x.rt.Finish(issuers[k+1], nil); err != nil {
				x.Errorf("Finish of link %d: %v", k+1, err)
			}
		}
		ran(k)
	})
	for k := range issuers {
		issuers[k] = x.arm()
		_ = must(x.l.OnSignal(issuers[k].Fence(), step, uint64(k)))
	}
	return issuers[0]
}

// noOverflow checks that all that was borrowed beyond the stripes is back.
func (x *fixture) noOverflow() {
	x.Helper()
	o := &x.rt.overflow
	if n := o.inUse.Load(); n != 0 {
		x.Errorf("%d Locals are in use still", n)
	}
	for k := range o.buckets {
		for g := o.buckets[k].Load(); g != nil; g = g.next {
			if g.goroutine.Load() != 0 || g.local != nil || g.lent {
				x.Error("a guest is left behind")
			}
		}
	}
}

// TestChainOfMillions is a chain of fences that are made as it goes, through the Local's own calls, on a small stack.
func TestChainOfMillions(t *testing.T) {
	n := uint64(5_000_000)
	if raceEnabled || testing.Short() {
		n = 200_000
	}
	if debugging {
		n = 5_000
	}
	defer debug.SetMaxStack(debug.SetMaxStack(256 << 10))
	x := newFixture(t, Config{Fences: 1024})
	var calls uint64
	var step Handler
	link := func(l *Local, k uint64) {
		i := must(l.NewFence(x.c))
		_ = must(l.OnSignal(i.Fence(), step, k))
		if err := l.Finish(i, nil); err != nil {
			t.Errorf("Finish of link %d: %v", k, err)
		}
	}
	step = x.handler(func(l *Local, k uint64, _ error) {
		if calls++; k+1 < n {
			link(l, k+1)
		}
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	link(x.l, 0)
	runtime.ReadMemStats(&after)
	if calls != n {
		t.Errorf("%d of %d callbacks have run", calls, n)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 && !raceEnabled && !debugging {
		t.Errorf("it allocated %d bytes", grown)
	}
	x.idle(x.l)
}

// TestLongImplicitChain is a long chain through calls without a Local: on a small stack, and each link is run once before the
// outermost Finish returns.
func TestLongImplicitChain(t *testing.T) {
	n := 200_000
	if raceEnabled || testing.Short() {
		n = 10_000
	}
	if debugging {
		n = 2_000
	}
	defer debug.SetMaxStack(debug.SetMaxStack(1 << 20))
	x := newFixture(t, Config{Fences: 2 * n})
	calls, deepest := 0, 0
	first := x.implicitChain(n, func(k int) {
		calls++
		if k%97 == 0 {
			deepest = max(deepest, frames())
		}
	})
	began := time.Now()
	x.want("Finish", x.rt.Finish(first, nil), nil)
	t.Logf("%v, %d frames", time.Since(began), deepest)
	if calls != n {
		t.Errorf("%d of %d callbacks have run", calls, n)
	}
	if most := 10 * (maxDepth + len(x.rt.stripes) + 2*int(x.rt.overflow.every)); deepest > most || deepest < maxDepth {
		t.Errorf("up to %d frames, want at most %d", deepest, most)
	}
	x.noOverflow()
}

// TestOverflowKnobBites: with the bound out of reach the same chain nests as deep as it is long.
func TestOverflowKnobBites(t *testing.T) {
	const n = 1000
	x := newFixture(t, Config{Fences: 2048})
	x.rt.overflow.every, x.rt.overflow.most = 1<<30, 1<<30
	deepest := 0
	x.want("Finish", x.rt.Finish(x.implicitChain(n, func(int) { deepest = max(deepest, frames()) }), nil), nil)
	if deepest < n {
		t.Errorf("%d frames only", deepest)
	}
	x.noOverflow()
}

// TestOverflowAlwaysAsks: where each call beyond the stripes looks where it is, callbacks nest maxDepth deep and no deeper.
func TestOverflowAlwaysAsks(t *testing.T) {
	const n = 1000
	for _, knob := range []struct{ every, most int32 }{{1, overflowMost}, {1 << 30, 0}} {
		x := newFixture(t, Config{Fences: 2048})
		x.rt.overflow.every, x.rt.overflow.most = knob.every, knob.most
		x.rt.stripes = x.rt.stripes[:4]
		calls, depth, deepest := 0, 0, 0
		var issuers [n]Issuer
		step := x.handler(func(_ *Local, k uint64, _ error) {
			calls++
			depth++
			deepest = max(deepest, depth)
			if k+1 < n {
				x.want("Finish", x.rt.Finish(issuers[k+1], nil), nil)
			}
			depth--
		})
		for k := range issuers {
			issuers[k] = x.arm()
			_ = must(x.l.OnSignal(issuers[k].Fence(), step, uint64(k)))
		}
		x.want("Finish", x.rt.Finish(issuers[0], nil), nil)
		if calls != n || deepest != maxDepth {
			t.Errorf("%d callbacks, up to %d inside each other", calls, deepest)
		}
		x.noOverflow()
	}
}

// TestImplicitChainOfClosures is a chain of closures, which are given no Local, with all the calls that closures make.
func TestImplicitChainOfClosures(t *testing.T) {
	n := scaled(8_000)
	defer debug.SetMaxStack(debug.SetMaxStack(1 << 20))
	x := newFixture(t, Config{})
	calls := 0
	var link func()
	link = func() {
		i := must(x.rt.NewFence(x.c))
		_ = must(OnSignalFunc(i.Fence(), func(error) {
			if calls++; calls < n {
				link()
			}
		}))
		x.want("Finish", x.rt.Finish(i, nil), nil)
	}
	link()
	if calls != n {
		t.Errorf("%d of %d have run", calls, n)
	}
	x.noOverflow()
	x.closuresFree()
}

// TestImplicitChainsAtOnce has several goroutines work off chains with few stripes among them, some links panicking, some
// ending their goroutine: each link runs once, on small stacks.
func TestImplicitChainsAtOnce(t *testing.T) {
	n := scaled(4_000)
	defer debug.SetMaxStack(debug.SetMaxStack(4 << 20))
	var panics atomic.Int64
	x := newFixture(t, Config{OnPanic: func(any) { panics.Add(1) }})
	x.rt.stripes = x.rt.stripes[:4]
	var wg sync.WaitGroup
	var calls, wanted atomic.Int64
	for g := range 4 {
		first := x.implicitChain(n, func(k int) {
			calls.Add(1)
			wanted.Add(-1)
			switch {
			case k%500 == 499:
				panic(k)
			case g == 3 && k%2000 == 1999:
				runtime.Goexit()
			}
		})
		wanted.Add(int64(n))
		wg.Go(func() { _ = x.rt.Finish(first, nil) })
	}
	wg.Wait()
	if wanted.Load() != 0 || calls.Load() != int64(4*n) {
		t.Errorf("%d of %d callbacks have run", calls.Load(), 4*n)
	}
	if n >= 500 && panics.Load() == 0 {
		t.Error("no panic came to the hook")
	}
	x.noOverflow()
}

// TestPanicHookSignals: the hook, which runs outside of callbacks, signals by implicit calls and panics anew.
func TestPanicHookSignals(t *testing.T) {
	const n = 200
	var x *fixture
	var left []Issuer
	calls := 0
	x = newFixture(t, Config{Fences: 2048, OnPanic: func(any) {
		if len(left) > 0 {
			i := left[0]
			left = left[1:]
			x.want("Finish", x.rt.Finish(i, nil), nil)
		}
	}})
	x.rt.overflow.every = 1
	panics := x.handler(func(*Local, uint64, error) { calls++; panic("again") })
	for range n {
		i := x.arm()
		_ = must(x.l.OnSignal(i.Fence(), panics, 0))
		left = append(left, i)
	}
	first := left[0]
	left = left[1:]
	x.want("Finish", x.rt.Finish(first, nil), nil)
	if calls != n {
		t.Errorf("%d of %d callbacks have run", calls, n)
	}
	x.noOverflow()
}

func TestGoroutineNumber(t *testing.T) {
	seen := map[uint64]bool{goroutineNumber(): true}
	if seen[0] || !seen[goroutineNumber()] {
		t.Fatalf("this goroutine has the numbers %v", seen)
	}
	for range 100 {
		var id uint64
		var wg sync.WaitGroup
		wg.Go(func() { id = goroutineNumber() })
		wg.Wait()
		if id == 0 || seen[id] {
			t.Fatalf("number %d twice", id)
		}
		seen[id] = true
	}
}

func TestSignalsUnderWay(t *testing.T) {
	x := newFixture(t, Config{Fences: 64, Callbacks: 256})
	var recurse func(n int, f func())
	recurse = func(n int, f func()) { // more frames than are looked at in one go
		if n == 0 {
			f()
			return
		}
		recurse(n-1, f)
	}
	first := x.chain(maxDepth, func(_ *Local, k int) {
		if k != 20 {
			return
		}
		recurse(300, func() {
			if !signalsUnderWay(21) || signalsUnderWay(22) {
				t.Error("not counted right")
			}
		})
	})
	if signalsUnderWay(1) {
		t.Error("none is")
	}
	x.want("Finish", x.l.Finish(first, nil), nil)
}
