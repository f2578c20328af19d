package fencert

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

func TestContextCloseSignalsWhatIsPending(t *testing.T) {
	for name, result := range map[string]error{"nil": nil, "errno": errno(5), "table": errors.New("reset"), "closed": ErrClosed} {
		t.Run(name, func(t *testing.T) {
			x := newFixture(t, Config{Fences: 64, Errors: 32})
			other := must(x.rt.NewFenceContext("other", "line"))
			spare := must(x.l.Reserve())
			var issuers, others []Issuer
			for k := range 12 {
				if k%3 == 0 { // so that slots and seqnos don't run in parallel
					x.want("Finish", x.l.Finish(x.arm(), nil), nil)
				}
				i := x.arm()
				seqno, _ := i.Fence().Seqno()
				x.add(i.Fence(), seqno)
				issuers = append(issuers, i)
				others = append(others, must(x.l.NewFence(other)))
			}
			x.want("Signal", x.l.Signal(issuers[3], nil), nil)
			x.ran, x.err = nil, nil
			n, err := x.c.Close(result)
			if n != 11 || err != nil {
				t.Fatalf("Close: %d, %v", n, err)
			}
			want := result
			if want == nil {
				want = ErrCanceled
			}
			if len(x.ran) != 11 || !slices.IsSorted(x.ran) {
				t.Errorf("callbacks have run as %v", x.ran)
			}
			for _, err := range x.err {
				x.want("result", err, want)
			}
			for k, i := range issuers {
				x.want("Finish", x.l.Finish(i, nil), ErrSignaled)
				if k != 3 {
					x.want("Err", i.Fence().Err(), want)
				}
				if c, err := i.Fence().Context(); c != x.c || err != nil {
					t.Errorf("Context: %v, %v", c, err)
				}
			}
			x.armInClosed(spare, want)
			for k := range others {
				if others[k].Fence().Signaled() {
					t.Error("another context's fence is signaled")
				}
				x.want("Finish", x.l.Finish(others[k], nil), nil)
				x.want("Drop", x.l.Drop(issuers[k]), nil)
			}
			if n, err := x.c.Close(nil); n != 0 || err != ErrContextClosed || !errors.Is(err, ErrClosed) || errors.Is(ErrClosed, err) {
				t.Errorf("second Close: %d, %v", n, err)
			}
			x.rt.Collect()
			if _, ok := x.rt.contexts.Load(x.c.id); ok {
				t.Error("still registered")
			}
		})
	}
}

// armInClosed arms a reservation in the closed context of x.
func (x *fixture) armInClosed(r Reservation, want error) {
	x.Helper()
	born := x.l.Arm(r, x.c)
	f := born.Fence()
	if !f.Signaled() || !f.CallbacksDone() {
		x.Error("not born signaled")
	}
	h := must(x.l.Hold(f))
	x.want("Err", h.Err(), want)
	if c, err := f.Context(); c != x.c || err != nil || c.Driver() != "driver" {
		x.Errorf("Context: %v, %v", c, err)
	}
	x.want("Signal", x.l.Signal(born, nil), ErrSignaled)
	x.want("Drop", x.l.Drop(born), nil)
	x.want("Release", x.l.Release(h), nil)
	for _, make := range []func(*FenceContext) (Issuer, error){x.l.NewFence, x.rt.NewFence} {
		_, err := make(x.c)
		x.want("NewFence", err, ErrContextClosed)
	}
}

// TestContextCloseOfEachKind: with and without data, with one issuer and many; nothing leaks.
func TestContextCloseOfEachKind(t *testing.T) {
	x := newFixture(t, small)
	drops := map[uint64]int{}
	table := NewTable(x.rt, func(id *uint64) { drops[*id]++ })
	var ids uint64
	for name, options := range map[string][]ContextOption{
		"plain":        nil,
		"single":       {SingleIssuer()},
		"data":         {UserData(table)},
		"single, data": {SingleIssuer(), UserData(table)},
	} {
		x.c = must(x.rt.NewFenceContext("driver", name, options...))
		spare := must(x.l.Reserve())
		i, early := must(x.l.NewFence(x.c)), must(x.l.NewFence(x.c))
		if p := table.At(i); p != nil {
			ids++
			*p = ids
		}
		x.want("Finish", x.l.Finish(early, nil), nil)
		if n, err := x.c.Close(nil); n != 1 || err != nil {
			t.Errorf("%s: Close: %d, %v", name, n, err)
		}
		x.armInClosed(spare, ErrCanceled)
		x.want("Drop", x.l.Drop(i), nil)
	}
	for range graceTries {
		x.rt.Collect()
	}
	for id := range ids {
		if drops[id+1] != 1 {
			t.Errorf("the data of %d was dropped %d times", id+1, drops[id+1])
		}
	}
	// Beside the two that were set: two early ones, two armed after Close, and, in NewFence of a single issuer, one that
	// found the context closed.
	if drops[0] < 4 {
		t.Errorf("%d entries without data were dropped", drops[0])
	}
}

// TestContextCloseWithInterruptedCallbacks: neither a panic nor a Goexit keeps the others from being told.
func TestContextCloseWithInterruptedCallbacks(t *testing.T) {
	for _, b := range []int{panics, exits, exitsAndPanics} {
		t.Run(behaviourName(b), func(t *testing.T) {
			s := newScript(t, small)
			var issuers []Issuer
			for range 5 {
				issuers = append(issuers, s.fence(b, returns))
			}
			c := must(issuers[0].Fence().Context())
			if v, exited := panicOf(func() { _, _ = c.Close(nil) }); b != exits && v != "panic 1" || b == exits && !exited {
				t.Errorf("goes on as %v, exits %v", v, exited)
			}
			for k, i := range issuers {
				if !i.Fence().CallbacksDone() {
					t.Errorf("fence %d is not signaled", k)
				}
				s.want("Drop", s.l.Drop(i), nil)
			}
			if len(s.seen) != 10 {
				t.Errorf("%d of 10 callbacks have run", len(s.seen))
			}
			s.rt.Collect()
			if _, ok := s.rt.contexts.Load(c.id); ok {
				t.Error("still registered")
			}
		})
	}
}

func TestContextCloseWithPanicsForTheHook(t *testing.T) {
	var seen []any
	x := newFixture(t, Config{Fences: 8, OnPanic: func(v any) { seen = append(seen, v) }})
	h := x.handler(func(_ *Local, arg uint64, _ error) { panic(arg) })
	var issuers []Issuer
	for k := range uint64(3) {
		issuers = append(issuers, x.arm())
		_ = must(x.l.OnSignal(issuers[k].Fence(), h, k))
	}
	if n, err := x.c.Close(nil); n != 3 || err != nil || len(seen) != 3 {
		t.Errorf("%d, %v, the hook has seen %v", n, err, seen)
	}
	for _, i := range issuers {
		x.want("Drop", x.l.Drop(i), nil)
	}
}

func TestContextCloseAfterRuntimeClose(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	_ = x.rt.Close()
	if n, err := x.c.Close(nil); n != 0 || err != ErrClosed {
		t.Errorf("%d, %v", n, err)
	}
	x.want("Drop", x.l.Drop(i), nil)
	y := newFixture(t, small)
	r := must(y.l.Reserve())
	if n, err := y.c.Close(errno(3)); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	y.want("Close", y.rt.Close(), nil)
	born := y.l.Arm(r, y.c)
	y.want("Err", born.Fence().Err(), ErrClosed)
	y.want("Drop", y.l.Drop(born), nil)
}

// TestContextCloseInACallback works, though what it signals nests anew.
func TestContextCloseInACallback(t *testing.T) {
	x := newFixture(t, small)
	line := must(x.rt.NewFenceContext("driver", "line"))
	a, b := must(x.l.NewFence(line)), must(x.l.NewFence(line))
	x.add(b.Fence(), 2)
	h := x.handler(func(*Local, uint64, error) {
		n, err := line.Close(nil)
		if n != 1 || err != nil {
			t.Errorf("Close: %d, %v", n, err)
		}
	})
	_ = must(x.l.OnSignal(a.Fence(), h, 0))
	x.want("Finish", x.l.Finish(a, nil), nil)
	x.wantRan(2)
	x.want("Drop", x.l.Drop(b), nil)
}

// TestContextsAreForgotten: thousands opened and closed leave nothing, whether their fences end before or after.
func TestContextsAreForgotten(t *testing.T) {
	x := newFixture(t, Config{Fences: 64})
	most := 0
	var before []Issuer
	rounds := scaled(20_000)
	for k := range rounds {
		c := must(x.rt.NewFenceContext("driver", "short"))
		for range k % 3 {
			i := must(x.l.NewFence(c))
			if k%2 == 0 {
				x.want("Finish", x.l.Finish(i, nil), nil)
			} else {
				before = append(before, i)
			}
		}
		if _, err := c.Close(nil); err != nil {
			t.Fatal(err)
		}
		if len(before) > 20 {
			for _, i := range before {
				if got, err := i.Fence().Context(); err != nil || got.Timeline() != "short" {
					t.Fatalf("Context: %v", err)
				}
				x.want("Drop", x.l.Drop(i), nil)
			}
			before = nil
		}
		most = max(most, x.rt.contexts.Size())
	}
	for _, i := range before {
		x.want("Drop", x.l.Drop(i), nil)
	}
	if most > 100 {
		t.Errorf("%d contexts were registered at a time", most)
	}
	x.rt.Collect()
	if n := x.rt.contexts.Size(); n != 1 || x.rt.forgetting.newest.Load() != nil {
		t.Errorf("%d contexts are left", n)
	}
	if rounds <= 100 {
		t.Error("too few rounds to tell")
	}
}

// TestForgottenContextsCanBeCollected: a context that somebody keeps doesn't keep those that were closed with it.
func TestForgottenContextsCanBeCollected(t *testing.T) {
	x := newFixture(t, small)
	var freed atomic.Int32
	var kept []*FenceContext
	const all = 40
	for k := range all {
		c := must(x.rt.NewFenceContext("driver", "line"))
		i := must(x.l.NewFence(c))
		if _, err := c.Close(nil); err != nil {
			t.Fatal(err)
		}
		x.want("Drop", x.l.Drop(i), nil)
		if k%10 == 0 {
			kept = append(kept, c)
			continue
		}
		runtime.AddCleanup(c, func(int) { freed.Add(1) }, 0)
	}
	x.rt.Collect()
	eventually(t, "forgotten contexts are collected", func() bool { runtime.GC(); return freed.Load() == all-all/10 })
	runtime.KeepAlive(kept)
}

// TestArmAgainstContextClose: armers with two kinds of context, while these are closed: every fence is signaled once.
func TestArmAgainstContextClose(t *testing.T) {
	x := newFixture(t, Config{Fences: 1 << 12, Callbacks: 1 << 12})
	table := NewTable[uint64](x.rt, nil)
	var signals atomic.Int64
	count := x.handler(func(*Local, uint64, error) { signals.Add(1) })
	var armed, told, closed atomic.Int64
	for round := range scaled(300) {
		var options []ContextOption
		if round%2 == 0 {
			options = append(options, UserData(table))
		}
		c := must(x.rt.NewFenceContext("driver", "line", options...))
		before := int64(-1)
		if round%4 == 1 {
			before = int64(armed.Load())
		}
		var wg sync.WaitGroup
		for w := range 3 {
			wg.Go(func() {
				l := x.rt.Local()
				defer l.Close()
				for born := 0; born < 3; {
					runtime.Gosched() // to whoever closes, among others
					r, err := l.Reserve()
					if err != nil {
						runtime.Gosched()
						continue
					}
					i := l.Arm(r, c)
					_, err = l.OnSignal(i.Fence(), count, 0)
					switch {
					case err == nil:
						armed.Add(1)
					case err != ErrSignaled || !i.Fence().Signaled():
						t.Errorf("OnSignal: %v", err)
					default:
						born++
					}
					if got, err := i.Fence().Context(); got != c {
						t.Errorf("Context: %v", err)
					}
					if (w+born)%2 == 0 {
						if err := l.Finish(i, nil); err == nil {
							told.Add(1)
							continue
						} else if err != ErrSignaled {
							t.Errorf("Finish: %v", err)
						}
					} else {
						for !i.Fence().Signaled() {
							runtime.Gosched()
						}
						if err := i.Fence().Err(); err != ErrCanceled {
							t.Errorf("signaled with %v", err)
						}
					}
					x.want("Drop", l.Drop(i), nil)
				}
			})
		}
		for range round % 20 {
			runtime.Gosched()
		}
		for before >= 0 && armed.Load() < before+5 { // on a busy machine nobody may have come yet
			runtime.Gosched()
		}
		n, err := c.Close(nil)
		x.want("Close", err, nil)
		closed.Add(int64(n))
		wg.Wait()
	}
	if armed.Load() != signals.Load() {
		t.Errorf("%d callbacks added, %d ran", armed.Load(), signals.Load())
	}
	if told.Load() == 0 || closed.Load() == 0 {
		t.Errorf("%d finished, %d signaled by Close: one of the two never came", told.Load(), closed.Load())
	}
}
