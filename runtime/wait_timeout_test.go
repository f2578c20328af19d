package fencert

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestWaitTimeoutCall(t *testing.T) {
	for name, strategy := range strategies {
		t.Run(name, func(t *testing.T) {
			config := small
			config.Strategy = strategy
			x := newFixture(t, config)
			i := x.arm()
			f := i.Fence()
			for _, d := range []time.Duration{0, -1, math.MinInt64} {
				x.want("WaitTimeout that polls", f.WaitTimeout(d), ErrTimeout)
			}
			start := time.Now()
			x.want("WaitTimeout", f.WaitTimeout(2*time.Millisecond), ErrTimeout)
			if d := time.Since(start); d < 2*time.Millisecond || d > 5*time.Second {
				t.Errorf("returned after %v", d)
			}
			waited := make(chan error)
			for _, d := range []time.Duration{math.MaxInt64, time.Hour} {
				go func() { waited <- f.WaitTimeout(d) }()
			}
			time.Sleep(time.Millisecond)
			x.want("Signal", x.l.Signal(i, ErrFailed), nil)
			x.want("WaitTimeout", <-waited, ErrFailed)
			x.want("WaitTimeout", <-waited, ErrFailed)
			x.want("signaled wins", f.WaitTimeout(0), ErrFailed)
			x.want("Drop", x.l.Drop(i), nil)
			x.want("recycled", f.WaitTimeout(0), ErrStale)
			x.want("of none", Fence{}.WaitTimeout(0), ErrStale)
			if n := x.taken(); n != 0 {
				t.Errorf("%d waiters are still taken", n)
			}
		})
	}
}

func TestErrTimeoutIsOne(t *testing.T) {
	var timeout interface{ Timeout() bool }
	if !errors.Is(ErrTimeout, context.DeadlineExceeded) || !errors.As(ErrTimeout, &timeout) || !timeout.Timeout() {
		t.Error("it isn't known as a timeout")
	}
	if isTimeout(context.DeadlineExceeded) || errors.Is(ErrTimeout, context.Canceled) {
		t.Error("it is taken for another error")
	}
}

func isTimeout(err error) bool { return errors.Is(err, ErrTimeout) }

func TestTryWait(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	f := i.Fence()
	x.want("TryWait", f.TryWait(), ErrPending)
	look := x.handler(func(*Local, uint64, error) {
		x.want("TryWait in a callback", f.TryWait(), ErrPending)
		x.want("a poll with WaitTimeout there", f.WaitTimeout(0), ErrFailed)
	})
	_ = must(x.l.OnSignal(f, look, 0))
	x.want("Signal", x.l.Signal(i, ErrFailed), nil)
	x.want("TryWait", f.TryWait(), ErrFailed)
	x.want("Drop", x.l.Drop(i), nil)
	x.want("TryWait", f.TryWait(), ErrStale)
	x.want("of none", Fence{}.TryWait(), ErrStale)
}

// TestWaitRefuses: what is wrong is told whether the fence is signaled or not.
func TestWaitRefuses(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	for range 2 {
		f := i.Fence()
		x.want("WaitWith", f.WaitWith(context.Background(), Spin+1), ErrConfig)
		var none context.Context
		for name, wait := range map[string]func(){
			"Wait":     func() { _ = f.Wait(none) },
			"WaitWith": func() { _ = f.WaitWith(none, Park) },
			"WaitAny":  func() { _, _ = WaitAny(none, f) },
			"WaitAll":  func() { _ = WaitAll(none, f) },
		} {
			if v, _ := panicOf(wait); v != ErrNilContext {
				t.Errorf("%s with a nil context panics with %v", name, v)
			}
		}
		_ = x.l.Finish(i, nil)
	}
}

// TestStressTimeouts lets timeouts and signals meet, with few records: each wait gets the result or ErrTimeout, and no
// wake-up of one wait reaches the next.
func TestStressTimeouts(t *testing.T) {
	x := newFixture(t, Config{Fences: 1 << 14, Waiters: 4, Strategy: Park})
	before := runtime.NumGoroutine()
	var wg, signalers sync.WaitGroup
	var results, timeouts [4]int
	for k := range results {
		wg.Go(func() {
			l := x.rt.Local()
			defer l.Close()
			for n := range scaled(4000) {
				i := x.armBy(l)
				h := must(l.Hold(i.Fence()))
				begin := make(chan bool)
				signalers.Go(func() { <-begin; _ = x.rt.Finish(i, errno(n%100+1)) })
				if n%40 != 0 { // else the time is surely up before
					close(begin)
				}
				for n%40 == 1 && !i.Fence().Signaled() { // and here it surely isn't
					runtime.Gosched()
				}
				switch err := i.Fence().WaitTimeout(time.Duration(n%40) * time.Microsecond); err {
				case ErrTimeout:
					timeouts[k]++
					if n%40 == 0 {
						close(begin)
					}
					x.want("Wait", i.Fence().Wait(context.Background()), errno(n%100+1))
				case errno(n%100 + 1):
					results[k]++
				default:
					t.Errorf("WaitTimeout: %v", err)
				}
				x.want("Release", l.Release(h), nil)
			}
		})
	}
	wg.Wait()
	signalers.Wait() // they have a Local each
	for k := range results {
		if results[k] == 0 || timeouts[k] == 0 {
			t.Errorf("%d results, %d timeouts: they didn't meet", results[k], timeouts[k])
		}
	}
	eventually(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= before })
}
