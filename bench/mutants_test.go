package bench

import (
	"context"
	"fmt"
	"sync"
	"testing"
)

// TestChecksBite breaks one promise at a time and expects a check of the
// conformance test to notice: a check that passes everything certifies nothing.
func TestChecksBite(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			broken := subject[pooledFence, uint64]{
				label: "broken",
				can: Capability{Contract: true, Ordered: true, OnSignaler: true,
					StaleErr: ErrStale, Waits: []Strategy{Park, Spin}},
				open: func(s Sizes) World[pooledFence, uint64] {
					return mutantWorld{NewMutexPool(s), m.wrap}
				},
			}
			check := broken.checks()[m.caughtBy]
			if check == nil {
				t.Fatalf("no check is called %q", m.caughtBy)
			}
			if found := verdict(broken, check); found == "" {
				t.Errorf("check %s passed", m.caughtBy)
			}
		})
	}
}

type pooled = Worker[pooledFence, uint64]

type mutantWorld struct {
	World[pooledFence, uint64]
	wrap func(pooled) pooled
}

func (w mutantWorld) NewWorker(h Handler) pooled { return w.wrap(w.World.NewWorker(h)) }

// mutants are ways to break a correct implementation, each with the check that has
// to notice.
var mutants = []struct {
	name     string
	caughtBy string
	wrap     func(pooled) pooled
}{
	{"every_signal_wins", "signal_once", func(w pooled) pooled { return everySignalWins{w} }},
	{"result_lost", "signal_once", func(w pooled) pooled { return resultLost{w} }},
	{"callback_lost", "callbacks_in_order", func(w pooled) pooled { return callbackLost{w} }},
	{"callback_twice", "callbacks_in_order", func(w pooled) pooled { return callbackTwice{w} }},
	{"order_reversed", "callbacks_in_order", func(w pooled) pooled { return orderReversed{w} }},
	{"callbacks_elsewhere", "callbacks_in_order", func(w pooled) pooled { return elsewhere{w} }},
	{"late_add_accepted", "late_add", func(w pooled) pooled { return lateAddAccepted{w} }},
	{"cancel_does_nothing", "cancel", func(w pooled) pooled { return cancelNothing{w} }},
	{"cancel_twice", "late_cancel", func(w pooled) pooled { return cancelNothing{w} }},
	{"panic_swallowed", "panic", func(w pooled) pooled { return panicSwallowed{w} }},
	{"seqno_stuck", "seqno", func(w pooled) pooled { return seqnoStuck{w} }},
	{"hold_keeps_nothing", "hold", func(w pooled) pooled { return holdNothing{w} }},
	{"stale_unseen", "stale", func(w pooled) pooled { return staleUnseen{w} }},
	{"stale_nil", "stale", func(w pooled) pooled { return resultLost{w} }},
	{"wait_returns_at_once", "wait", func(w pooled) pooled { return waitNothing{w} }},
	{"canceled_wins", "wait_canceled", func(w pooled) pooled { return canceledWins{w} }},
	{"canceled_wins_parked", "signaled_wins", func(w pooled) pooled { return canceledWinsParked{w} }},
	{"woken_early", "wait_then_callbacks", func(w pooled) pooled { return wokenEarly{w} }},
	{"callback_lost_in_race", "race", func(w pooled) pooled { return callbackLost{w} }},
	{"two_winners_in_race", "race", func(w pooled) pooled { return everySignalWins{w} }},
	{"counts_nothing", "counting_worker", func(w pooled) pooled { return countsNothing{w} }},
}

type everySignalWins struct{ pooled }

func (w everySignalWins) Signal(f pooledFence, err error) bool {
	w.pooled.Signal(f, err)
	return true
}

type resultLost struct{ pooled }

func (w resultLost) Err(pooledFence) error { return nil }

type callbackLost struct{ pooled }

func (w callbackLost) Add(f pooledFence, arg uint64) (uint64, bool) {
	if arg%13 == 1 {
		return 0, !w.Signaled(f)
	}
	return w.pooled.Add(f, arg)
}

type callbackTwice struct{ pooled }

func (w callbackTwice) Add(f pooledFence, arg uint64) (uint64, bool) {
	w.pooled.Add(f, arg)
	return w.pooled.Add(f, arg)
}

type orderReversed struct{ pooled }

func (w orderReversed) AddMany(f pooledFence, args []uint64) (n int) {
	for i := range args {
		if _, ok := w.Add(f, args[len(args)-1-i]); ok {
			n++
		}
	}
	return n
}

type elsewhere struct{ pooled }

func (w elsewhere) Signal(f pooledFence, err error) (ok bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		ok = w.pooled.Signal(f, err)
	}()
	<-done
	return ok
}

type lateAddAccepted struct{ pooled }

func (w lateAddAccepted) Add(f pooledFence, arg uint64) (uint64, bool) {
	t, _ := w.pooled.Add(f, arg)
	return t, true
}

type cancelNothing struct{ pooled }

func (w cancelNothing) Cancel(pooledFence, uint64) bool { return true }

type panicSwallowed struct{ pooled }

func (w panicSwallowed) Signal(f pooledFence, err error) bool {
	defer func() { _ = recover() }()
	return w.pooled.Signal(f, err)
}

type seqnoStuck struct{ pooled }

func (w seqnoStuck) Seqno(pooledFence) uint64 { return 1 }

type holdNothing struct{ pooled }

func (w holdNothing) Hold(pooledFence) bool { return true }
func (w holdNothing) Release(pooledFence)   {}

type staleUnseen struct{ pooled }

// now returns a handle of the life that f's slot is in.
func (w staleUnseen) now(f pooledFence) pooledFence {
	return pooledFence{f.slot, f.slot.word.Load() | 1}
}

func (w staleUnseen) Add(f pooledFence, arg uint64) (uint64, bool) {
	return w.pooled.Add(w.now(f), arg)
}

type waitNothing struct{ pooled }

func (w waitNothing) Wait(context.Context, pooledFence, Strategy) error { return nil }

type canceledWins struct{ pooled }

func (w canceledWins) Wait(ctx context.Context, f pooledFence, s Strategy) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return w.pooled.Wait(ctx, f, s)
}

type canceledWinsParked struct{ pooled }

func (w canceledWinsParked) Wait(ctx context.Context, f pooledFence, s Strategy) error {
	err := w.pooled.Wait(ctx, f, s)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

type wokenEarly struct{ pooled }

func (w wokenEarly) Wait(ctx context.Context, f pooledFence, _ Strategy) error {
	return w.pooled.Wait(ctx, f, Spin)
}

type countsNothing struct{ pooled }

func (w countsNothing) Ran() (count, sum uint64) { return 0, 0 }

// A witness is a failer that remembers the first failure.
type witness struct {
	mu    sync.Mutex
	found string
}

// A failure is what Fatalf ends a check with.
type failure string

func (v *witness) Helper() {}

func (v *witness) Errorf(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.found == "" {
		v.found = fmt.Sprintf(format, args...)
	}
}

func (v *witness) Fatalf(format string, args ...any) {
	v.Errorf(format, args...)
	panic(failure(v.found))
}

// watch runs a check until it ends or fails.
func (v *witness) watch(check func()) {
	defer func() {
		if end := recover(); end != nil {
			if _, ok := end.(failure); !ok {
				panic(end)
			}
		}
	}()
	check()
}

// verdict returns what the check found wrong, or "".
func verdict[F comparable, T any](s subject[F, T], check func(*trial[F, T])) string {
	v := new(witness)
	v.watch(func() { s.try(v, check) })
	return v.found
}
