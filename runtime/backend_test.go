package fencert

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

// A backed fixture has a context with a backend, whose hooks note their calls and then do what the test wants.
type backed struct {
	*fixture
	enabled   []uint64 // seqnos
	pending   bool     // what EnableSignaling answers
	onEnable  func(l *Local, f Fence)
	asked     []uint64
	onAsk     func(f Fence) (bool, error)
	deadlines []int64 // in seconds since New
	onTell    func(f Fence)
}

func newBacked(t *testing.T, config Config) *backed {
	t.Helper()
	x := &backed{fixture: newFixture(t, config), pending: true}
	x.c = must(x.rt.NewFenceContext("driver", "backed", WithBackend(x.backend())))
	return x
}

func (x *backed) backend() Backend {
	see := func(f Fence, seqno uint64) uint64 {
		if n, err := f.Seqno(); n != seqno || err != nil {
			x.Errorf("the hook of seqno %d is given a fence with %d, %v", seqno, n, err)
		}
		return seqno
	}
	return Backend{
		EnableSignaling: func(l *Local, f Fence, seqno uint64) bool {
			x.enabled = append(x.enabled, see(f, seqno))
			if x.onEnable != nil {
				x.onEnable(l, f)
			}
			return x.pending
		},
		Signaled: func(f Fence, seqno uint64) (bool, error) {
			x.asked = append(x.asked, see(f, seqno))
			if x.onAsk != nil {
				return x.onAsk(f)
			}
			return false, nil
		},
		SetDeadline: tellNoted(x, see),
	}
}

// done ends a fence that the backend may have signaled.
func (x *backed) done(i Issuer) {
	x.Helper()
	if i.Fence().Signaled() {
		x.want("Finish", x.l.Finish(i, nil), ErrSignaled)
		x.want("Drop", x.l.Drop(i), nil)
	} else {
		x.want("Finish", x.l.Finish(i, nil), nil)
	}
}

// adds are the calls that add to a fence or wait for it, by name.
var adds = map[string]func(x *backed, f Fence) error{
	"OnSignal":              func(x *backed, f Fence) error { _, err := x.l.OnSignal(f, x.note, 1); return err },
	"OnSignalMany":          func(x *backed, f Fence) error { return x.l.OnSignalMany(f, x.note, []uint64{1, 2}) },
	"implicit OnSignal":     func(x *backed, f Fence) error { _, err := x.rt.OnSignal(f, x.note, 1); return err },
	"implicit OnSignalMany": func(x *backed, f Fence) error { return x.rt.OnSignalMany(f, x.note, []uint64{1}) },
	"Wait":                  func(x *backed, f Fence) error { return x.waitBriefly(f) },
	"Wait without a waiter": func(x *backed, f Fence) error {
		all := make([]uint32, x.rt.config.Waiters)
		n := x.rt.waiters.depot.Take(all)
		defer x.rt.waiters.depot.Put(all[:n])
		return x.waitBriefly(f)
	},
	"Wait without a callback": func(x *backed, f Fence) error {
		hoarder := x.rt.newLocal()
		defer hoarder.giveBack()
		for k := range x.rt.stripes {
			x.rt.stripes[k].local.nodes.Close()
		}
		for hoarder.ReserveCallbacks(hoarder.nodes.Stock()+1) == nil {
		}
		return x.waitBriefly(f)
	},
}

// waitBriefly waits until the hook has been called, when the fence stays pending.
func (x *backed) waitBriefly(f Fence) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second) // for when no hook cancels it
	before := x.onEnable
	defer func() { x.onEnable = before; cancel() }()
	x.onEnable = func(l *Local, f Fence) {
		if before != nil {
			before(l, f)
		}
		cancel()
	}
	if len(x.enabled) > 0 { // nobody will cancel
		cancel()
	}
	if err := f.Wait(ctx); err != context.Canceled {
		return err
	}
	return nil
}

// TestEnableSignalingOnce: the first add or wait calls the hook, before it has added; no other call does.
func TestEnableSignalingOnce(t *testing.T) {
	for name, add := range adds {
		t.Run(name, func(t *testing.T) {
			x := newBacked(t, small)
			i := x.arm()
			f := i.Fence()
			x.polls(f)
			if len(x.enabled) != 0 {
				t.Fatal("a poll enables signaling")
			}
			x.onEnable = func(*Local, Fence) {
				if b := f.word.Load(); b&0xffffff != 0 {
					t.Error("the callback was added before the hook was called")
				}
			}
			x.want(name, add(x, f), nil)
			if !slices.Equal(x.enabled, []uint64{1}) {
				t.Fatalf("EnableSignaling was called for %v, want once for 1", x.enabled)
			}
			for again, add := range adds {
				x.want(again, add(x, f), nil)
			}
			x.polls(f)
			if len(x.enabled) != 1 {
				t.Errorf("EnableSignaling was called %d times", len(x.enabled))
			}
			x.done(i)
			_ = add(x, f)
			x.want("OnSignal", x.l.OnSignalMany(f, x.note, []uint64{1}), ErrSignaled)
			if len(x.enabled) != 1 {
				t.Error("EnableSignaling is called for a fence that is signaled")
			}
		})
	}
}

// polls makes the calls that don't want to know.
func (x *backed) polls(f Fence) {
	x.Helper()
	_, _, _, _ = f.Signaled(), f.CallbacksDone(), f.Err(), f.Ref()
	x.want("Check", x.l.Check(f), ErrPending)
	x.want("Fence.Check", f.Check(), ErrPending)
	x.want("OnSignalMany of none", x.l.OnSignalMany(f, x.note, nil), nil)
	x.want("Release", x.l.Release(must(x.l.Hold(f))), nil)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	x.want("Wait with an ended context.Context", f.Wait(ended), context.Canceled)
}

// TestEnableSignalingFindsItDone: the fence is signaled, with what was added meanwhile, and the add is told.
func TestEnableSignalingFindsItDone(t *testing.T) {
	for name, add := range adds {
		t.Run(name, func(t *testing.T) {
			x := newBacked(t, small)
			i := x.arm()
			x.pending = false
			x.onEnable = func(l *Local, f Fence) {
				_, err := x.l.OnSignal(f, x.note, 7)
				x.want("OnSignal in the hook", err, nil)
			}
			x.want("ReserveCallbacks", x.l.ReserveCallbacks(2), nil)
			err := add(x, i.Fence())
			if name[:4] == "Wait" {
				x.want(name, err, nil)
			} else {
				x.want(name, err, ErrSignaled)
			}
			x.wantRan(7)
			x.want("result", x.err[0], nil)
			x.want("Err", i.Fence().Err(), nil)
			x.want("Signal", x.l.Signal(i, ErrFailed), ErrSignaled)
			x.done(i)
			x.idle(x.l)
		})
	}
}

// TestInterruptedHooks: a hook that panics or exits leaves nothing behind, and counts as called.
func TestInterruptedHooks(t *testing.T) {
	calls := map[string]func(x *backed, f Fence) error{
		"Check":          func(x *backed, f Fence) error { return x.l.Check(f) },
		"Fence.Check":    func(x *backed, f Fence) error { return f.Check() },
		"SetDeadline":    func(x *backed, f Fence) error { return x.l.SetDeadline(f, x.rt.start) },
		"implicit SetDl": func(x *backed, f Fence) error { return x.rt.SetDeadline(f, x.rt.start) },
	}
	for name, add := range adds {
		calls[name] = add
	}
	for name, call := range calls {
		for _, exits := range []bool{false, true} {
			t.Run(fmt.Sprint(name, "/exits=", exits), func(t *testing.T) {
				x := newBacked(t, small)
				i := x.arm()
				interrupt := func() {
					if exits {
						runtime.Goexit()
					}
					panic("hook")
				}
				x.onEnable = func(l *Local, f Fence) { l.enter(); interrupt() } // as a call that panics may leave it
				x.onAsk = func(Fence) (bool, error) { interrupt(); return true, nil }
				x.onTell = func(Fence) { interrupt() }
				if v, exited := panicOf(func() { _ = call(x, i.Fence()) }); exited != exits || !exits && v != "hook" {
					t.Errorf("goes on as %v, exited %v", v, exited)
				}
				x.idle(x.l)
				if x.l.hooks != 0 || len(x.enabled)+len(x.asked)+len(x.deadlines) != 1 {
					t.Errorf("%d hooks under way; called %v, %v, %v", x.l.hooks, x.enabled, x.asked, x.deadlines)
				}
				if n := x.rt.slots[x.rt.index(i.fence.word)].holds.Load() & maxHolds; n > 1 {
					t.Errorf("%d holds are left", n-1)
				}
				if i.Fence().Signaled() {
					t.Error("signaled")
				}
				x.onEnable, x.onAsk, x.onTell, x.enabled = nil, nil, nil, nil
				x.add(i.Fence(), 1)
				if counts := len(x.asked)+len(x.deadlines) == 0; counts == (len(x.enabled) > 0) {
					t.Errorf("the next add has called EnableSignaling %d times", len(x.enabled))
				}
				x.done(i)
				x.wantRan(1)
			})
		}
	}
}

// TestHookSignals: a hook may signal its own fence and others, and use the Local for all but Close.
func TestHookSignals(t *testing.T) {
	x := newBacked(t, small)
	a, b := x.arm(), x.arm()
	x.onEnable = func(l *Local, f Fence) {
		x.onEnable = nil
		if v, _ := panicOf(l.Close); v != ErrConcurrentUse {
			t.Errorf("Close in a hook: %v", v)
		}
		x.want("Finish of another", l.Finish(b, nil), nil)
		x.want("Drop of its own", l.Drop(a), nil)
		h, err := l.Hold(f)
		x.want("Hold", err, nil) // it is held already
		x.want("Err", h.Err(), ErrCanceled)
		x.want("Release", l.Release(h), nil)
		c := must(l.NewFence(x.c))
		_, err = l.OnSignal(c.Fence(), x.note, 3)
		x.want("OnSignal of another", err, nil)
		x.want("Finish", l.Finish(c, nil), nil)
	}
	_, err := x.l.OnSignal(a.Fence(), x.note, 1)
	x.want("OnSignal", err, ErrSignaled)
	x.want("Err", a.Fence().Err(), ErrStale)
	x.wantRan(3)
	if !slices.Equal(x.enabled, []uint64{1, 3}) {
		t.Errorf("enabled %v", x.enabled)
	}
}

// TestHooksNest links fences whose hooks add to the next one: all hooks are called, at most 32 deep, whatever the
// hooks do.
func TestHooksNest(t *testing.T) {
	const n = 1000
	for _, interrupts := range []bool{false, true} {
		x := newBacked(t, Config{Fences: 2048})
		var issuers []Issuer
		for range n {
			issuers = append(issuers, x.arm())
		}
		depth, deepest, added := 0, 0, 0
		x.onEnable = func(l *Local, f Fence) {
			depth++
			defer func() { depth-- }()
			deepest = max(deepest, depth)
			if k := must(f.Seqno()); k < n {
				_, err := l.OnSignal(issuers[k].Fence(), x.note, k+1)
				x.want("OnSignal", err, nil)
				added++
				if interrupts && k%100 == 0 {
					panic(k)
				}
			}
		}
		v, _ := panicOf(func() { x.add(issuers[0].Fence(), 1); added++ })
		if (v != nil) != interrupts {
			t.Errorf("goes on as %v", v)
		}
		if len(x.enabled) != n || deepest != maxHooks || x.l.hooks != 0 || x.l.enables.first != 0 {
			t.Errorf("%d hooks were called, %d deep; %d under way", len(x.enabled), deepest, x.l.hooks)
		}
		for _, i := range issuers {
			x.done(i)
		}
		if len(x.ran) != added || added < n/2 || added < n && !interrupts {
			t.Errorf("%d of %d callbacks have run", len(x.ran), added)
		}
		x.idle(x.l)
	}
}

// TestHooksPutOff: what a hook says that was put off counts too, and one whose fence is signaled meanwhile isn't called.
func TestHooksPutOff(t *testing.T) {
	for name, finish := range map[string]bool{"done": false, "finished": true} {
		t.Run(name, func(t *testing.T) {
			x := newBacked(t, Config{Fences: 64})
			var issuers []Issuer
			for range maxHooks + 1 {
				issuers = append(issuers, x.arm())
			}
			last := issuers[maxHooks]
			x.onEnable = func(l *Local, f Fence) {
				k := must(f.Seqno())
				if x.pending = k <= maxHooks; !x.pending {
					return
				}
				_, err := l.OnSignal(issuers[k].Fence(), x.note, k+1)
				x.want("OnSignal", err, nil)
				if x.pending = true; k == maxHooks && finish {
					x.want("Finish", l.Finish(last, ErrFailed), nil)
				}
			}
			x.add(issuers[0].Fence(), 1)
			x.wantRan(maxHooks + 1)
			calls, result := maxHooks+1, error(nil)
			if finish {
				calls, result = maxHooks, ErrFailed
			} else {
				x.done(last)
			}
			x.want("result", x.err[0], result)
			if len(x.enabled) != calls {
				t.Errorf("%d hooks were called, want %d", len(x.enabled), calls)
			}
			x.want("Err", last.Fence().Err(), ErrStale)
			for _, i := range issuers[:maxHooks] {
				x.done(i)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	table := errors.New("from the table")
	for name, check := range map[string]func(x *backed, f Fence) error{
		"Local": func(x *backed, f Fence) error { return x.l.Check(f) },
		"Fence": func(_ *backed, f Fence) error { return f.Check() },
	} {
		t.Run(name, func(t *testing.T) {
			x := newBacked(t, small)
			i := x.arm()
			f := i.Fence()
			x.add(f, 1)
			x.want("Check", check(x, f), ErrPending)
			x.onAsk = func(f Fence) (bool, error) { x.want("Err", f.Err(), ErrPending); return true, table }
			x.want("Err", f.Err(), ErrPending)
			x.want("Check", check(x, f), table)
			x.wantRan(1)
			x.want("callback's result", x.err[0], table)
			x.want("Check", check(x, f), table)
			if len(x.asked) != 2 {
				t.Errorf("asked %d times, want 2", len(x.asked))
			}
			x.done(i)
			x.want("Check", check(x, f), ErrStale)
			x.want("Check of the zero Fence", check(x, Fence{}), ErrStale)

			i = x.arm() // the hook finishes it itself
			x.onAsk = func(Fence) (bool, error) { x.want("Finish", x.rt.Finish(i, table), nil); return true, nil }
			x.want("Check", check(x, i.Fence()), table)
			x.want("Err", i.Fence().Err(), ErrStale)

			plain := must(x.l.NewFence(must(x.rt.NewFenceContext("driver", "plain"))))
			x.want("Check without a backend", check(x, plain.Fence()), ErrPending)
			x.done(plain)
			deaf := must(x.l.NewFence(must(x.rt.NewFenceContext("driver", "deaf", WithBackend(Backend{})))))
			x.want("Check with an empty backend", check(x, deaf.Fence()), ErrPending)
			x.add(deaf.Fence(), 2)
			x.done(deaf)
		})
	}
	x, y := newBacked(t, small), newBacked(t, small)
	i := y.arm()
	x.want("Check of another runtime's", x.l.Check(i.Fence()), ErrForeign)
	y.done(i)
}

// TestCheckInItsOwnHook: one that asks itself, by the Local, is answered when 32 have asked.
func TestCheckInItsOwnHook(t *testing.T) {
	x := newBacked(t, small)
	i := x.arm()
	x.onAsk = func(f Fence) (bool, error) { return x.l.Check(f) == nil, nil }
	x.want("Check", x.l.Check(i.Fence()), ErrPending)
	if len(x.asked) != maxHooks {
		t.Errorf("asked %d times", len(x.asked))
	}
	x.done(i)
}

// TestHooksAfterClose: no hook is called any more.
func TestHooksAfterClose(t *testing.T) {
	x := newBacked(t, small)
	i := x.arm()
	r := must(x.l.Reserve())
	x.want("Close", x.rt.Close(), ErrLeaked)
	born := x.l.Arm(r, x.c)
	for _, f := range []Fence{i.Fence(), born.Fence()} {
		for _, err := range []error{x.l.Check(f), f.Check()} {
			if err != ErrCanceled && err != ErrClosed {
				t.Errorf("Check: %v", err)
			}
		}
		_, err := x.l.OnSignal(f, x.note, 1)
		x.want("OnSignal", err, ErrSignaled)
		x.want("SetDeadline", x.l.SetDeadline(f, x.rt.start), ErrSignaled)
		x.want("implicit SetDeadline", x.rt.SetDeadline(f, x.rt.start), ErrSignaled)
	}
	if len(x.enabled)+len(x.asked)+len(x.deadlines) != 0 {
		t.Errorf("called %v, %v, %v", x.enabled, x.asked, x.deadlines)
	}
	x.want("Drop", x.l.Drop(i), nil)
	x.want("Drop", x.l.Drop(born), nil)
}
