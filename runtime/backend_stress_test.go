package fencert

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestHookAllocations: no call of a hook allocates, nor does a timestamp.
func TestHookAllocations(t *testing.T) {
	if raceEnabled || debugging {
		t.Skip("the race detector allocates")
	}
	x := newFixture(t, small)
	calls := 0
	count := x.handler(func(*Local, uint64, error) { calls++ })
	c := must(x.rt.NewFenceContext("driver", "backed", Timestamps(), WithBackend(Backend{
		EnableSignaling: func(*Local, Fence, uint64) bool { calls++; return true },
		Signaled:        func(Fence, uint64) (bool, error) { calls++; return false, nil },
		SetDeadline:     func(Fence, uint64, time.Time) { calls++ },
	})))
	use := func() {
		i := must(x.l.NewFence(c))
		f := i.Fence()
		must(x.l.OnSignal(f, count, 1))
		x.want("Check", x.l.Check(f), ErrPending)
		x.want("SetDeadline", x.l.SetDeadline(f, x.rt.start), nil)
		x.want("Signal", x.l.Signal(i, nil), nil)
		must(f.ArmedAt())
		must(f.SignaledAt())
		x.want("Drop", x.l.Drop(i), nil)
		x.want("Finish", x.l.Finish(must(x.l.NewFence(c)), nil), nil)
	}
	use()
	if n := testing.AllocsPerRun(200, use); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if calls == 0 {
		t.Error("nothing was called")
	}
}

// A stressedLife is what became of one fence of TestStressBackend, by its seqno.
type stressedLife struct {
	enabled, asked, added, ran atomic.Int32
	stamp                      atomic.Int64
}

// stressBackend answers at random, and checks that its fences are the ones meant.
func stressBackend(t *testing.T, lives []stressedLife) Backend {
	see := func(f Fence, seqno uint64) *stressedLife {
		if n, err := f.Seqno(); n != seqno || err != nil {
			t.Errorf("the hook of seqno %d is given a fence with %d, %v", seqno, n, err)
		}
		return &lives[seqno]
	}
	return Backend{
		EnableSignaling: func(_ *Local, f Fence, seqno uint64) bool {
			if see(f, seqno).enabled.Add(1) != 1 {
				t.Errorf("EnableSignaling of seqno %d is called twice", seqno)
			}
			return rand.IntN(4) != 0
		},
		Signaled: func(f Fence, seqno uint64) (bool, error) {
			return see(f, seqno).asked.Add(1) > 2, ErrFailed
		},
		SetDeadline: func(f Fence, seqno uint64, _ time.Time) { see(f, seqno) },
	}
}

// TestStressBackend has fences with a backend and timestamps added to, waited for, asked about and hurried while they are
// finished and their slots armed again. Each hook is given its fence, enabling is called once, each callback runs once.
func TestStressBackend(t *testing.T) {
	rounds, workers := scaled(20_000), 3
	x := newFixture(t, Config{Fences: 1 << 12, Callbacks: 1 << 14})
	lives := make([]stressedLife, rounds+1)
	c := must(x.rt.NewFenceContext("driver", "backed", Timestamps(), WithBackend(stressBackend(t, lives))))
	count := x.handler(func(_ *Local, seqno uint64, _ error) { lives[seqno].ran.Add(1) })
	var fence atomic.Uint64 // the Ref of the present one
	var end atomic.Bool
	var waits, uses atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			l := x.rt.Local()
			defer l.Close()
			for !end.Load() {
				f := x.rt.Fence(Ref(fence.Load()))
				seqno, err := f.Seqno()
				if err == nil {
					stressUse(t, l, f, &lives[seqno], count, seqno, &waits)
					uses.Add(1)
				}
				runtime.Gosched()
			}
		})
	}
	for range rounds {
		i := must(x.l.NewFence(c))
		fence.Store(uint64(i.Fence().Ref()))
		for until := uses.Load() + rand.Int64N(12); uses.Load() < until; {
			runtime.Gosched()
		}
		if err := x.l.Finish(i, nil); err == ErrSignaled {
			x.want("Drop", x.l.Drop(i), nil)
		} else {
			x.want("Finish", err, nil)
		}
	}
	end.Store(true)
	wg.Wait()
	var enabled, added int
	for k := range lives {
		e := &lives[k]
		if e.ran.Load() != e.added.Load() {
			t.Fatalf("fence %d: %d callbacks added, %d ran", k, e.added.Load(), e.ran.Load())
		}
		enabled += int(e.enabled.Load())
		added += int(e.added.Load())
	}
	t.Logf("%d hooks, %d callbacks, %d waits", enabled, added, waits.Load())
	if enabled == 0 || added == 0 || waits.Load() == 0 {
		t.Error("one of the cases never came")
	}
}

// stressUse makes one call at random.
func stressUse(t *testing.T, l *Local, f Fence, e *stressedLife, count Handler, seqno uint64, waits *atomic.Int64) {
	switch rand.IntN(17) / 4 {
	case 0:
		if _, err := l.OnSignal(f, count, seqno); err == nil {
			e.added.Add(1)
		} else if err != ErrSignaled {
			t.Errorf("OnSignal: %v", err)
		}
	case 4:
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Microsecond)
		if err := f.Wait(ctx); err != nil && err != ErrFailed && err != ErrStale && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait: %v", err)
		}
		cancel()
		waits.Add(1)
	case 2:
		if err := l.Check(f); err != nil && err != ErrFailed && err != ErrStale && err != ErrPending {
			t.Errorf("Check: %v", err)
		}
	case 3:
		if err := l.SetDeadline(f, time.Now()); err != nil && err != ErrSignaled {
			t.Errorf("SetDeadline: %v", err)
		}
	case 1:
		at, err := f.SignaledAt()
		if err == nil && !e.stamp.CompareAndSwap(0, at.UnixNano()) && e.stamp.Load() != at.UnixNano() {
			t.Errorf("two timestamps of fence %d", seqno)
		} else if err != nil && err != ErrPending && err != ErrStale {
			t.Errorf("SignaledAt: %v", err)
		}
	}
}
