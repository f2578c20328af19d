package fencert

import (
	"errors"
	"runtime"
	"testing"
)

// chain arms n fences of which each signals the next in a callback, and returns the first. ran is called in
// each callback, with its place in the chain.
func (x *fixture) chain(n int, ran func(l *Local, k int)) Issuer {
	x.Helper()
	issuers := make([]Issuer, n)
	step := x.handler(func(l *Local, arg uint64, _ error) {
		k := int(arg)
		if k+1 < n {
			if err := l.Finish(issuers[k+1], nil); err != nil {
				x.Errorf("Finish of link %d: %v", k+1, err)
			}
		}
		ran(l, k)
	})
	for k := range issuers {
		issuers[k] = x.arm()
		_ = must(x.l.OnSignal(issuers[k].Fence(), step, uint64(k)))
	}
	return issuers[0]
}

func TestCallbackSignalsOthers(t *testing.T) {
	x := newFixture(t, small)
	a, b := x.arm(), x.arm()
	nested := x.handler(func(l *Local, arg uint64, err error) {
		x.want("nested Signal", l.Signal(b, ErrFailed), nil)
		if !b.Fence().CallbacksDone() {
			t.Error("the nested callbacks have not run when the nested Signal returns")
		}
		x.want("Signal of its own fence", l.Signal(a, nil), ErrSignaled)
	})
	x.add(b.Fence(), 1)
	_ = must(x.l.OnSignal(a.Fence(), nested, 0))
	x.add(a.Fence(), 2)
	x.want("Signal", x.l.Signal(a, nil), nil)
	x.wantRan(1, 2)
	x.want("result", x.err[0], ErrFailed)
	x.want("Drop", x.l.Drop(a), nil)
	x.want("Drop", x.l.Drop(b), nil)
	x.idle(x.l)
}

func TestDropInItsOwnCallback(t *testing.T) {
	x := newFixture(t, Config{Fences: 1, Callbacks: 4})
	table := errors.New("from the table")
	var i Issuer
	drop := x.handler(func(l *Local, _ uint64, err error) {
		x.want("result before the drop", err, table)
		x.want("Drop", l.Drop(i), nil)
		if _, err := l.Reserve(); err != ErrExhausted {
			t.Errorf("the slot is free while its callbacks run: %v", err)
		}
		x.want("second Drop", l.Drop(i), ErrStale)
	})
	for range 100 {
		i = x.arm()
		_ = must(x.l.OnSignal(i.Fence(), drop, 0))
		x.add(i.Fence(), 1)
		x.want("Signal", x.l.Signal(i, table), nil)
		x.want("result after the drop", x.err[len(x.err)-1], table)
		x.want("Err", i.Fence().Err(), ErrStale)
	}
}

// TestDeepChain is far deeper than maxDepth: the stack stays small, and all has run when the outermost
// Finish returns.
func TestDeepChain(t *testing.T) {
	n := 100_000
	if raceEnabled || testing.Short() {
		n = 10_000
	}
	if debugging { // each goroutine number costs a walk over the stack
		n = 3_000
	}
	x := newFixture(t, Config{Fences: n})
	calls, deepest := 0, 0
	stack := make([]uintptr, 10_000)
	first := x.chain(n, func(l *Local, k int) {
		calls++
		if k%97 == 0 {
			deepest = max(deepest, runtime.Callers(0, stack))
		}
		if int(l.depth) > maxDepth {
			t.Fatalf("link %d runs at depth %d", k, l.depth)
		}
	})
	x.want("Finish", x.l.Finish(first, nil), nil)
	if calls != n {
		t.Errorf("%d of %d callbacks have run", calls, n)
	}
	if deepest > 10*maxDepth || deepest < maxDepth {
		t.Errorf("up to %d frames, with %d signals inside each other", deepest, maxDepth)
	}
	x.idle(x.l)
}

// TestDeepestRuns: signals run their callbacks at once up to maxDepth, be they one or several, and are put off beyond it.
func TestDeepestRuns(t *testing.T) {
	for _, callbacks := range []int{1, 2} {
		const n = maxDepth + 1
		x := newFixture(t, Config{Fences: n, Callbacks: 8 * n})
		var ran, done []int
		issuers := make([]Issuer, n)
		nothing := x.handler(func(*Local, uint64, error) {})
		step := x.handler(func(l *Local, arg uint64, _ error) {
			k := int(arg)
			ran = append(ran, k)
			if k+1 < n {
				x.want("Finish", l.Finish(issuers[k+1], nil), nil)
			}
			done = append(done, k)
		})
		for k := range issuers {
			issuers[k] = x.arm()
			_ = must(x.l.OnSignal(issuers[k].Fence(), step, uint64(k)))
			for range callbacks - 1 {
				_ = must(x.l.OnSignal(issuers[k].Fence(), nothing, 0))
			}
		}
		x.want("Finish", x.l.Finish(issuers[0], nil), nil)
		for k := range n {
			if len(ran) != n || ran[k] != k {
				t.Fatalf("%d callbacks each: begun in the order %v", callbacks, ran)
			}
		}
		if done[0] != maxDepth-1 { // the last one was put off, and all others are inside each other
			t.Errorf("%d callbacks each: link %d ended first, not %d", callbacks, done[0], maxDepth-1)
		}
		x.idle(x.l)
	}
}

// TestPutOffInOrder signals many at the greatest depth: they are put off, and run in the order of their
// signals with their own results.
func TestPutOffInOrder(t *testing.T) {
	const n = 20
	x := newFixture(t, small)
	var many [n]Issuer
	for k := range many {
		many[k] = x.arm()
		x.add(many[k].Fence(), uint64(k))
	}
	first := x.chain(maxDepth, func(l *Local, k int) {
		if k < maxDepth-1 {
			return
		}
		for j := range many {
			x.want("Finish", l.Finish(many[j], errno(j+1)), nil)
			if f := many[j].Fence(); !f.Signaled() || f.CallbacksDone() {
				t.Errorf("put off: signaled %v, callbacks done %v", f.Signaled(), f.CallbacksDone())
			}
		}
		x.wantRan()
	})
	x.want("Finish", x.l.Finish(first, nil), nil)
	for k := range many {
		if x.ran[k] != uint64(k) || x.err[k] != errno(k+1) {
			t.Errorf("place %d: callback %d with %v", k, x.ran[k], x.err[k])
		}
		if !many[k].Fence().CallbacksDone() {
			t.Errorf("fence %d is not done", k)
		}
	}
	x.idle(x.l)
}
