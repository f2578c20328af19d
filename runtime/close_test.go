package fencert

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestCloseSignalsWhatIsPending(t *testing.T) {
	x := newFixture(t, small)
	other := must(x.rt.NewFenceContext("other", "line"))
	quiet := must(x.rt.NewFenceContext("quiet", "line"))
	var issuers []Issuer
	for k := range 12 { // of two contexts in turn, and with slots in another order than seqnos
		r := must(x.l.Reserve())
		c := x.c
		if k%3 == 0 {
			c = other
		}
		i := x.l.Arm(r, c)
		seqno, _ := i.Fence().Seqno()
		x.add(i.Fence(), c.ID()<<32|seqno)
		issuers = append(issuers, i)
		if k%2 == 0 {
			x.want("Finish", x.l.Finish(x.l.Arm(must(x.l.Reserve()), quiet), nil), nil)
		}
	}
	x.want("Finish", x.l.Finish(issuers[1], nil), nil) // seqno 1 of x.c
	x.ran, x.err = nil, nil
	waited := make(chan error)
	go func() { waited <- issuers[5].Fence().WaitWith(context.Background(), Park) }()
	room := must(x.l.Reserve())

	err := x.rt.Close()
	var leaks *LeakError
	if !errors.Is(err, ErrLeaked) || !errors.As(err, &leaks) {
		t.Fatalf("Close: %v", err)
	}
	want := []Leak{{x.c, 7, 2}, {other, 4, 1}}
	if !slices.Equal(leaks.Leaks, want) {
		t.Errorf("leaks %+v", leaks.Leaks)
	}
	for _, part := range []string{"driver/timeline: 7, oldest seqno 2", "other/line: 4, oldest seqno 1"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q doesn't say %q", err, part)
		}
	}
	if len(x.ran) != 11 || !slices.IsSorted(x.ran) {
		t.Errorf("callbacks have run as %#x", x.ran)
	}
	for _, err := range x.err {
		x.want("result", err, ErrCanceled)
	}
	for k, i := range issuers {
		want := ErrCanceled
		if k == 1 {
			want = ErrStale
		}
		x.want("Err", i.Fence().Err(), want)
	}
	if err := <-waited; err != ErrCanceled {
		t.Errorf("Wait: %v", err)
	}
	x.afterClose(room, issuers[0])
}

// afterClose makes every call after Close of the runtime.
func (x *fixture) afterClose(room Reservation, i Issuer) {
	x.Helper()
	x.want("Close", x.rt.Close(), ErrClosed)
	fresh := x.rt.Local()
	for _, l := range []*Local{x.l, fresh} {
		_, err := l.Reserve()
		x.want("Reserve", err, ErrClosed)
	}
	_, err := x.rt.Reserve()
	x.want("implicit Reserve", err, ErrClosed)
	_, err = x.rt.NewFenceContext("a", "b")
	x.want("NewFenceContext", err, ErrClosed)
	_, err = x.rt.Handler(func(*Local, uint64, error) {})
	x.want("Handler", err, ErrClosed)

	born := x.l.Arm(room, x.c)
	f := born.Fence()
	if !f.Signaled() || !f.CallbacksDone() || f.Err() != ErrClosed {
		x.Errorf("armed after Close: signaled %v, %v", f.Signaled(), f.Err())
	}
	x.want("Wait", f.Wait(context.Background()), ErrClosed)
	_, err = x.l.OnSignal(f, x.note, 1)
	x.want("OnSignal", err, ErrSignaled)
	x.want("OnSignalMany", x.l.OnSignalMany(f, x.note, []uint64{1}), ErrSignaled)
	x.want("Signal", x.l.Signal(born, nil), ErrSignaled)
	h, err := x.l.Hold(f)
	x.want("Hold", err, nil)
	x.want("Drop", x.l.Drop(born), nil)
	x.want("Err", h.Err(), ErrClosed)
	x.want("Release", x.l.Release(h), nil)
	x.want("Err", f.Err(), ErrStale)

	x.want("Signal", x.l.Signal(i, nil), ErrSignaled)
	x.want("Finish", x.l.Finish(i, nil), ErrSignaled)
	x.want("Drop", x.l.Drop(i), nil)
	x.want("Drop", x.l.Drop(i), ErrStale)
	x.want("Pin", x.l.Pin(), nil)
	x.l.Unpin()
	fresh.Close()
}

func TestCloseOfAnEmptyRuntime(t *testing.T) {
	x := newFixture(t, small)
	f := x.arm()
	x.want("Finish", x.l.Finish(f, nil), nil)
	x.want("Close", x.rt.Close(), nil)
	x.want("Close", x.rt.Close(), ErrClosed)
	if _, err := x.l.Reserve(); err != ErrClosed {
		t.Errorf("Reserve: %v", err)
	}
	if rt, _ := find(f.Fence().word); rt != nil {
		t.Error("a closed runtime is still registered")
	}
}

func TestUnreserveAfterClose(t *testing.T) {
	x := newFixture(t, small)
	r := must(x.l.Reserve())
	x.want("Close", x.rt.Close(), nil)
	if !x.l.Unreserve(r) || x.l.Unreserve(r) {
		t.Error("not returned exactly once")
	}
	if v, _ := panicOf(func() { x.l.Arm(r, x.c) }); v != ErrArmed {
		t.Errorf("Arm of what was returned: %v", v)
	}
}

// TestResultsStayReadableAfterClose is about results with a code of their own and held ones from the table.
func TestResultsStayReadableAfterClose(t *testing.T) {
	x := newFixture(t, small)
	for _, result := range []error{nil, ErrFailed, errno(5), errors.New("table")} {
		i := x.arm()
		h := must(x.l.Hold(i.Fence()))
		x.want("Signal", x.l.Signal(i, result), nil)
		defer func() {
			x.want("Hold.Err after Close", h.Err(), result)
			if code(i.Fence().word.Load()) < codeTable {
				x.want("Err after Close", i.Fence().Err(), result)
			}
			x.want("Release", x.l.Release(h), nil)
		}()
	}
	x.want("Close", x.rt.Close(), nil)
}

// TestCloseDuringArming closes while others reserve, arm and finish: all that was armed ends signaled, and after
// Close there is no reserving.
func TestCloseDuringArming(t *testing.T) {
	for round := range scaled(200) {
		rt := must(New(Config{Fences: 256}))
		c := must(rt.NewFenceContext("a", "b"))
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				l := rt.Local()
				defer l.Close()
				for {
					r, err := l.Reserve()
					if err == ErrExhausted {
						runtime.Gosched()
						continue
					}
					if err != nil {
						if err != ErrClosed {
							t.Errorf("Reserve: %v", err)
						}
						return
					}
					i := l.Arm(r, c)
					f := i.Fence()
					if seqno, _ := f.Seqno(); seqno%3 == 0 {
						for !f.Signaled() { // Close signals it
							runtime.Gosched()
						}
						if err := f.Err(); err != ErrCanceled && err != ErrClosed {
							t.Errorf("signaled by Close with %v", err)
						}
						if err := l.Drop(i); err != nil {
							t.Errorf("Drop: %v", err)
						}
						continue
					}
					if err := l.Finish(i, nil); err == ErrSignaled {
						if err := l.Drop(i); err != nil {
							t.Errorf("Drop: %v", err)
						}
					} else if err != nil {
						t.Errorf("Finish: %v", err)
					}
				}
			})
		}
		for range round % 50 {
			runtime.Gosched()
		}
		if err := rt.Close(); err != nil && !errors.Is(err, ErrLeaked) {
			t.Fatal(err)
		}
		wg.Wait()
	}
}

// TestCloseWithInterruptedCallbacks: neither a panic nor a Goexit keeps the others from being told.
func TestCloseWithInterruptedCallbacks(t *testing.T) {
	for _, b := range []int{panics, exits, exitsAndPanics} {
		t.Run(behaviourName(b), func(t *testing.T) {
			s := newScript(t, small)
			var issuers []Issuer
			for range 5 {
				issuers = append(issuers, s.fence(b, returns))
			}
			if v, exited := panicOf(func() { _ = s.rt.Close() }); b != exits && v != "panic 1" || b == exits && !exited {
				t.Errorf("goes on as %v, exits %v", v, exited)
			}
			if s.rt.Close() != ErrClosed {
				t.Error("not closed")
			}
			if rt, _ := find(issuers[0].Fence().word); rt != nil {
				t.Error("a closed runtime is still registered")
			}
			for k, i := range issuers {
				if !i.Fence().CallbacksDone() {
					t.Errorf("fence %d is not signaled", k)
				}
			}
			if len(s.seen) != 10 {
				t.Errorf("%d of 10 callbacks have run", len(s.seen))
			}
		})
	}
}

// TestNoLifeBeginsAfterClose ends lives on a closed runtime in every way and asks for new ones.
func TestNoLifeBeginsAfterClose(t *testing.T) {
	for name, end := range map[string]func(l *Local, i Issuer, h Hold, r Reservation){
		"drop":      func(l *Local, i Issuer, _ Hold, _ Reservation) { _ = l.Drop(i) },
		"release":   func(l *Local, i Issuer, h Hold, _ Reservation) { _ = l.Drop(i); _ = l.Release(h) },
		"unreserve": func(l *Local, _ Issuer, _ Hold, r Reservation) { l.Unreserve(r) },
	} {
		rt, err := New(Config{Fences: 2})
		if err != nil {
			t.Fatal(err)
		}
		c, err := rt.NewFenceContext("driver", "timeline", SingleIssuer())
		if err != nil {
			t.Fatal(err)
		}
		l := rt.Local()
		i, err := l.NewFence(c)
		if err != nil {
			t.Fatal(err)
		}
		var h Hold
		if name == "release" {
			if h, err = l.Hold(i.Fence()); err != nil {
				t.Fatal(err)
			}
		}
		r, err := l.Reserve()
		if err != nil {
			t.Fatal(err)
		}
		_ = rt.Close()
		end(l, i, h, r)
		for range 3 {
			if _, err := l.Reserve(); !errors.Is(err, ErrClosed) {
				t.Errorf("%s: Reserve: %v", name, err)
			}
			if _, err := l.NewFence(c); !errors.Is(err, ErrClosed) {
				t.Errorf("%s: NewFence: %v", name, err)
			}
			if _, err := rt.NewFence(c); !errors.Is(err, ErrClosed) {
				t.Errorf("%s: NewFence without a Local: %v", name, err)
			}
		}
		l.Close()
	}
}
