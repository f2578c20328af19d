package fencert

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
)

func TestSanitycheck(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	f := i.Fence()
	if f.Signaled() || f.CallbacksDone() || f.Err() != ErrPending {
		t.Errorf("armed: signaled %v, callbacks done %v, %v", f.Signaled(), f.CallbacksDone(), f.Err())
	}
	if n, err := f.Seqno(); n != 1 || err != nil {
		t.Errorf("seqno %d, %v", n, err)
	}
	if c, err := f.Context(); c != x.c || err != nil {
		t.Errorf("context %v, %v", c, err)
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
}

func TestSignaling(t *testing.T) {
	for _, how := range []struct {
		name   string
		signal func(x *fixture, i Issuer) error
		err    error // the result afterwards
	}{
		{"signal", func(x *fixture, i Issuer) error { return x.l.Signal(i, nil) }, nil},
		{"finish", func(x *fixture, i Issuer) error { return x.l.Finish(i, nil) }, ErrStale},
		{"implicit signal", func(x *fixture, i Issuer) error { return x.rt.Signal(i, nil) }, nil},
		{"implicit finish", func(x *fixture, i Issuer) error { return x.rt.Finish(i, nil) }, ErrStale},
	} {
		t.Run(how.name, func(t *testing.T) {
			x := newFixture(t, small)
			i := x.arm()
			f := i.Fence()
			x.want("signal", how.signal(x, i), nil)
			if !f.Signaled() || !f.CallbacksDone() {
				t.Errorf("signaled %v, callbacks done %v", f.Signaled(), f.CallbacksDone())
			}
			x.want("Err", f.Err(), how.err)
			x.want("Wait", f.Wait(context.Background()), how.err)
			if how.err == nil {
				x.want("Drop", x.l.Drop(i), nil)
			}
			x.want("Err after the drop", f.Err(), ErrStale)
			if !f.Signaled() || !f.CallbacksDone() {
				t.Error("a recycled fence is not signaled")
			}
		})
	}
}

func TestDoubleSignalIsTold(t *testing.T) {
	x := newFixture(t, small)
	first, second := errors.New("first"), errors.New("second")
	i := x.arm()
	x.want("first Signal", x.l.Signal(i, first), nil)
	for range 20 { // more than there are places for errors
		x.want("second Signal", x.l.Signal(i, second), ErrSignaled)
		x.want("second Signal", x.rt.Signal(i, second), ErrSignaled)
	}
	x.want("Err", i.Fence().Err(), first)
	x.want("Finish", x.l.Finish(i, second), ErrSignaled)
	x.want("Err after a Finish that came too late", i.Fence().Err(), first)
	x.want("Drop", x.l.Drop(i), nil)
	x.want("Signal after Drop", x.l.Signal(i, second), ErrStale)
	x.want("Drop after Drop", x.l.Drop(i), ErrStale)
	x.want("Finish after Drop", x.l.Finish(i, second), ErrStale)
}

func TestDropOfPendingIsCanceled(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	x.add(i.Fence(), 7)
	h := must(x.l.Hold(i.Fence()))
	x.want("Drop", x.l.Drop(i), nil)
	x.wantRan(7)
	x.want("result in the callback", x.err[0], ErrCanceled)
	x.want("Err", i.Fence().Err(), ErrCanceled)
	x.want("second Drop", x.l.Drop(i), ErrStale)
	x.want("Signal", x.l.Signal(i, nil), ErrStale)
	x.want("Release", x.l.Release(h), nil)
	x.want("Err", i.Fence().Err(), ErrStale)
}

// TestError has one case per kind of result code.
func TestError(t *testing.T) {
	custom := errors.New("custom")
	for _, want := range []error{
		nil, ErrFailed, ErrCanceled, ErrClosed, context.Canceled, context.DeadlineExceeded,
		ErrStale, ErrPending, ErrSignaled, ErrExhausted, // these have no code: they go through the table
		custom, fmt.Errorf("wrapped: %w", context.Canceled), uncomparable{1}, errno(1), errno(65535), errno(0), errno(65536),
	} {
		t.Run(strings.ReplaceAll(fmt.Sprint(want), "/", "_"), func(t *testing.T) {
			x := newFixture(t, small)
			same := func(what string, got error) {
				t.Helper()
				if fmt.Sprintf("%T %v", got, got) != fmt.Sprintf("%T %v", want, want) || !errors.Is(got, want) && comparable(want) {
					t.Errorf("%s: %T %v, want %T %v", what, got, got, want, want)
				}
			}
			i := x.arm()
			f := i.Fence()
			h := must(x.l.Hold(f))
			x.want("Err of a pending hold", h.Err(), ErrPending)
			x.add(f, 1)
			x.want("Signal", x.l.Signal(i, want), nil)
			same("in the callback", x.err[0])
			same("Err", f.Err())
			same("Hold.Err", h.Err())
			same("Wait", f.Wait(context.Background()))
			x.want("Drop", x.l.Drop(i), nil)
			same("Err, held", f.Err())
			same("Hold.Err after the drop", h.Err())
			x.want("Release", x.l.Release(h), nil)
			x.want("Err after Release", f.Err(), ErrStale)
			x.want("Hold.Err after Release", h.Err(), ErrStale)
		})
	}
}

type uncomparable []int

func (uncomparable) Error() string { return "uncomparable" }

func comparable(err error) bool {
	_, not := err.(uncomparable)
	return !not
}

func TestErrorsExhausted(t *testing.T) {
	x := newFixture(t, Config{Fences: 8, Errors: 2})
	result := func(k int) error { return fmt.Errorf("error %d", k) }
	var is [4]Issuer
	for k := range is {
		is[k] = x.arm()
		x.want("Signal", x.l.Signal(is[k], result(k)), nil)
	}
	for k, want := range []string{"error 0", "error 1", ErrFailed.Error(), ErrFailed.Error()} {
		if got := is[k].Fence().Err(); got.Error() != want {
			t.Errorf("fence %d: %v, want %v", k, got, want)
		}
	}
	if n := x.rt.Stats().LostErrors; n != 2 {
		t.Errorf("%d errors are counted as lost, want 2", n)
	}
	x.want("Drop", x.l.Drop(is[0]), nil)
	i := x.arm()
	x.want("Signal", x.l.Signal(i, result(9)), nil)
	if got := i.Fence().Err(); got.Error() != "error 9" {
		t.Errorf("after a place became free: %v", got)
	}
	for _, i := range append(is[1:], i) {
		x.want("Drop", x.l.Drop(i), nil)
	}
}

// TestRaceSignalCallback adds from one goroutine and signals from another, for many fences: each callback
// that was added runs once, after what its adder did, and never when the add was refused.
func TestRaceSignalCallback(t *testing.T) {
	const rounds = 20000
	x := newFixture(t, Config{Fences: 1024, Callbacks: 4096})
	var before, seen [rounds]int
	count := x.handler(func(_ *Local, arg uint64, _ error) { seen[arg] += before[arg] })
	fences := make(chan Fence)
	added := make([]bool, rounds)
	var wg sync.WaitGroup
	wg.Go(func() {
		l := x.rt.Local()
		defer l.Close()
		k := 0
		for f := range fences {
			before[k] = 1
			_, err := l.OnSignal(f, count, uint64(k))
			added[k] = err == nil
			if err != nil && err != ErrSignaled {
				t.Errorf("OnSignal: %v", err)
			}
			k++
		}
	})
	n := scaled(rounds)
	for k := range n {
		i := x.arm()
		fences <- i.Fence()
		atomicx.Pause(uint32(k%256*8 + 1))
		x.want("Finish", x.l.Finish(i, nil), nil)
	}
	close(fences)
	wg.Wait()
	late := 0
	for k := range n {
		if added[k] != (seen[k] == 1) {
			t.Fatalf("callback %d: added %v, ran %d times", k, added[k], seen[k])
		}
		if !added[k] {
			late++
		}
	}
	t.Logf("%d of %d came too late", late, n)
}
