package fencert

import (
	"context"
	"runtime"
	"slices"
	"testing"
)

// TestNestedAdvance: it publishes at once, and its callbacks follow.
func TestNestedAdvance(t *testing.T) {
	x := newLined(t)
	h := x.handler(func(l *Local, arg uint64, _ error) {
		x.ran = append(x.ran, arg)
		x.want("Advance", l.Advance(x.t, 10), nil)
		if !x.t.At(10).Signaled() || x.t.At(9).CallbacksDone() {
			t.Error("published, and not delivered")
		}
		_, err := l.CancelWait(Ticket{})
		x.want("CancelWait", err, ErrInCallback)
		x.add(x.t.At(11), 11)
		x.ran = append(x.ran, arg+1)
	})
	must(x.l.OnSignal(x.t.At(1), h, 1))
	x.on(9)
	x.advance(1)
	x.wantRan(1, 2, 9)
	if !x.t.At(9).CallbacksDone() || x.t.At(11).CallbacksDone() {
		t.Error("CallbacksDone")
	}
	x.advance(11)
	x.wantRan(1, 2, 9, 11)
	x.idle(x.l)
}

// TestLinkedTimelines: each one's callback advances the next, far deeper than signals nest; fences stand in between.
func TestLinkedTimelines(t *testing.T) {
	for _, implicit := range []bool{false, true} {
		config := small
		config.Fences, config.Callbacks = 1000, 1000
		x := newFixture(t, config)
		const links = 500
		lines := make([]*Timeline, links)
		issuers := make([]Issuer, links)
		next := x.handler(func(l *Local, k uint64, _ error) {
			x.ran = append(x.ran, k)
			switch {
			case k == links:
			case k%3 == 0 && implicit:
				x.want("Finish", x.rt.Finish(issuers[k], nil), nil)
			case k%3 == 0:
				x.want("Finish", l.Finish(issuers[k], nil), nil)
			case implicit:
				x.want("Advance", lines[k].Advance(1), nil)
			default:
				x.want("Advance", l.Advance(lines[k], 1), nil)
			}
		})
		for k := range lines {
			lines[k], issuers[k] = must(x.rt.NewTimeline("", "")), x.arm()
			f := lines[k].At(1)
			if k%3 == 0 {
				f = issuers[k].Fence()
			}
			must(x.l.OnSignal(f, next, uint64(k+1)))
		}
		x.want("Finish", x.l.Finish(issuers[0], nil), nil)
		if len(x.ran) != links || !slices.IsSorted(x.ran) {
			t.Errorf("ran %v", x.ran)
		}
		for k, i := range issuers {
			if k%3 != 0 {
				x.want("Finish", x.l.Finish(i, nil), nil)
			}
		}
		x.idle(x.l)
	}
}

// TestPanicOnATimeline: one callback panics, one exits; all run, and the first panic goes on.
func TestPanicOnATimeline(t *testing.T) {
	x := newLined(t)
	bad := x.handler(func(_ *Local, arg uint64, _ error) { x.ran = append(x.ran, arg); panic(arg) })
	exit := x.handler(func(_ *Local, arg uint64, _ error) { x.ran = append(x.ran, arg); runtime.Goexit() })
	fill := func() {
		x.ran, x.err = nil, nil
		v := x.t.Value()
		x.add(x.t.At(v+1), 1)
		must(x.l.OnSignal(x.t.At(v+2), bad, 2))
		x.add(x.t.At(v+3), 3)
		must(x.l.OnSignal(x.t.At(v+4), exit, 4))
		must(x.l.OnSignal(x.t.At(v+5), bad, 5))
		x.add(x.t.At(v+6), 6)
	}
	for _, advance := range []func(n uint64) error{
		func(n uint64) error { return x.l.Advance(x.t, n) },
		x.t.Advance,
	} {
		fill()
		done := make(chan any)
		go func() {
			defer func() { done <- recover() }()
			_ = advance(x.t.Value() + 6)
		}()
		if v := <-done; v != uint64(2) && v != nil { // Goexit over the panic leaves nil
			t.Errorf("panics with %v", v)
		}
		x.wantRan(1, 2, 3, 4, 5, 6)
		x.idle(x.l)
		x.want("Flush", x.t.Flush(context.Background()), nil)
	}
	x.ran, x.err = nil, nil
	must(x.l.OnSignal(x.t.At(100), bad, 100))
	x.add(x.t.At(101), 101)
	if v, _ := panicOf(func() { _ = x.t.Close(nil) }); v != uint64(100) {
		t.Errorf("Close panics with %v", v)
	}
	x.wantRan(100, 101)
}

// TestPanicOfAPointGoesToTheHook, also where nobody's goroutine delivers.
func TestPanicOfAPointGoesToTheHook(t *testing.T) {
	config := small
	var got []any
	config.OnPanic = func(v any) { got = append(got, v) }
	x := newFixture(t, config)
	line := must(x.rt.NewTimeline("", ""))
	must(x.l.OnSignal(line.At(1), x.handler(func(*Local, uint64, error) { panic("a") }), 0))
	x.add(line.At(2), 2)
	x.want("Advance", x.l.Advance(line, 2), nil)
	x.wantRan(2)
	if len(got) != 1 || got[0] != "a" {
		t.Error(got)
	}
}

// TestClosureOnAPoint is OnSignalFunc for points.
func TestClosureOnAPoint(t *testing.T) {
	x := newLined(t)
	ran := 0
	stop := must(x.l.OnSignalFunc(x.t.At(3), func(error) { ran++ }))
	must(OnSignalFunc(x.t.At(4), func(error) { ran += 10 }))
	if !stop() || stop() {
		t.Error("stop is true once")
	}
	x.advance(4)
	if ran != 10 {
		t.Error(ran)
	}
	if _, err := OnSignalFunc(x.t.At(4), func(error) {}); err != ErrSignaled {
		t.Error(err)
	}
}

// TestHandlerMadeInACallback: it is found by the delivery that is under way.
func TestHandlerMadeInACallback(t *testing.T) {
	x := newLined(t)
	must(x.l.OnSignal(x.t.At(1), x.handler(func(l *Local, _ uint64, _ error) {
		late := x.handler(func(_ *Local, arg uint64, _ error) { x.ran = append(x.ran, arg) })
		must(l.OnSignal(x.t.At(2), late, 22))
		x.want("Advance", l.Advance(x.t, 2), nil)
	}), 0))
	x.advance(1)
	x.wantRan(22)
}
