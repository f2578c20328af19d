package fencert

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/fencert/fencert/cbqueue"
)

var strategies = map[string]Strategy{"spinThenPark": SpinThenPark, "park": Park, "spin": Spin}

func TestWait(t *testing.T) {
	for name, strategy := range strategies {
		for _, result := range []error{nil, ErrFailed, errors.New("table")} {
			t.Run(fmt.Sprint(name, "/", result), func(t *testing.T) {
				x := newFixture(t, small)
				i := x.arm()
				var order []string
				note := x.handler(func(*Local, uint64, error) {
					time.Sleep(time.Millisecond)
					order = append(order, "callback")
				})
				waited := make(chan error)
				x.listed(i.Fence(), func() {
					err := i.Fence().WaitWith(context.Background(), strategy)
					order = append(order, "waiter")
					waited <- err
				})
				_ = must(x.l.OnSignal(i.Fence(), note, 0)) // after the waiter's own
				x.want("Finish", x.l.Finish(i, result), nil)
				if err := <-waited; err != result {
					t.Errorf("Wait: %v, want %v", err, result)
				}
				if len(order) != 2 || order[0] != "callback" {
					t.Errorf("in the order %v: waiters are woken after all callbacks", order)
				}
				x.want("Wait afterwards", i.Fence().WaitWith(context.Background(), strategy), ErrStale)
			})
		}
	}
}

// listed starts wait on a goroutine and returns when it is on the fence's list.
func (x *fixture) listed(f Fence, wait func()) {
	x.Helper()
	before, looking := f.word.Load()&cbqueue.HeadMask, x.rt.waiters.looking.Load()
	go wait()
	eventually(x, "a waiter", func() bool {
		return f.word.Load()&cbqueue.HeadMask != before || x.rt.waiters.looking.Load() != looking
	})
}

// taken is how many waiters' records are in use. Nobody may begin to wait meanwhile.
func (x *fixture) taken() int { return x.rt.config.Waiters - count(x.rt.waiters.depot) }

func TestWaitTimeout(t *testing.T) {
	cause := errors.New("cause")
	for name, strategy := range strategies {
		t.Run(name, func(t *testing.T) {
			x := newFixture(t, small)
			i := x.arm()
			start := time.Now()
			expired, cancel := context.WithTimeout(context.Background(), 2*time.Millisecond)
			defer cancel()
			x.want("Wait", i.Fence().WaitWith(expired, strategy), context.DeadlineExceeded)
			if d := time.Since(start); d < 2*time.Millisecond || d > 5*time.Second {
				t.Errorf("returned after %v", d)
			}
			x.want("Wait with an expired deadline", i.Fence().WaitWith(expired, strategy), context.DeadlineExceeded)
			canceled, cancelCause := context.WithCancelCause(context.Background())
			time.AfterFunc(time.Millisecond, func() { cancelCause(cause) })
			x.want("Wait", i.Fence().WaitWith(canceled, strategy), cause)
			x.want("Signal", x.l.Signal(i, ErrFailed), nil)
			for _, ctx := range []context.Context{expired, canceled, context.Background()} {
				x.want("signaled wins", i.Fence().WaitWith(ctx, strategy), ErrFailed)
			}
			x.want("Drop", x.l.Drop(i), nil)
			x.want("recycled", i.Fence().WaitWith(expired, strategy), ErrStale)
		})
	}
}

func TestManyWaiters(t *testing.T) {
	for name, strategy := range strategies {
		t.Run(name, func(t *testing.T) {
			const n = 20
			before := runtime.NumGoroutine()
			x := newFixture(t, Config{Fences: 8, Callbacks: 4096, Waiters: 2 * n})
			i := x.arm()
			table := errors.New("table")
			var wg sync.WaitGroup
			wg.Add(n)
			for range n {
				x.listed(i.Fence(), func() {
					defer wg.Done()
					if err := i.Fence().WaitWith(context.Background(), strategy); err != table {
						t.Errorf("Wait: %v", err)
					}
				})
			}
			x.want("Finish", x.l.Finish(i, table), nil)
			wg.Wait()
			eventually(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= before })
		})
	}
}

// TestWaitInALoopGrowsNothing gives up many times on a fence that stays pending; there is room for few.
func TestWaitInALoopGrowsNothing(t *testing.T) {
	for name, strategy := range strategies {
		t.Run(name, func(t *testing.T) {
			x := newFixture(t, Config{Fences: 8, Callbacks: 1024, Waiters: 2})
			i := x.arm()
			x.add(i.Fence(), 1)
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					for k := range scaled(4000) {
						ctx, cancel := context.WithCancel(context.Background())
						if k%2 == 0 {
							cancel()
						} else {
							go cancel()
						}
						if err := i.Fence().WaitWith(ctx, strategy); err != context.Canceled {
							t.Errorf("Wait: %v", err)
						}
						cancel()
					}
				})
			}
			wg.Wait()
			if n := x.taken(); n != 0 {
				t.Errorf("%d waiters are still taken", n)
			}
			x.want("Finish", x.l.Finish(i, nil), nil)
			x.wantRan(1)
		})
	}
}

// TestLeavingWhileACallbackRuns: the wait ends at once with the result, though a callback is slow.
func TestLeavingWhileACallbackRuns(t *testing.T) {
	for _, result := range []error{nil, ErrFailed, errors.New("table")} {
		for _, finish := range []bool{false, true} {
			for name, strategy := range strategies {
				t.Run(fmt.Sprintf("%v/finish=%v/%s", result, finish, name), func(t *testing.T) {
					leaving(t, result, finish, strategy)
				})
			}
		}
	}
}

func leaving(t *testing.T, result error, finish bool, strategy Strategy) {
	x := newFixture(t, small)
	i := x.arm()
	f := i.Fence()
	inside, goOn := make(chan bool), make(chan bool)
	slow := x.handler(func(*Local, uint64, error) { inside <- true; <-goOn })
	_ = must(x.l.OnSignal(f, slow, 0))
	ctx, cancel := context.WithCancel(context.Background())
	waited := make(chan error, 1)
	x.listed(f, func() { waited <- f.WaitWith(ctx, strategy) })
	signaled := make(chan error)
	go func() {
		if finish {
			signaled <- x.rt.Finish(i, result)
		} else {
			signaled <- x.rt.Signal(i, result)
		}
	}()
	<-inside
	if !f.Signaled() || f.CallbacksDone() {
		t.Errorf("in the callback: signaled %v, callbacks done %v", f.Signaled(), f.CallbacksDone())
	}
	cancel()
	select {
	case err := <-waited:
		if err != result {
			t.Errorf("Wait: %v, want %v", err, result)
		}
		waited = nil
	case <-time.After(2 * time.Second):
		t.Error("the wait sits behind a slow callback")
	}
	close(goOn)
	x.want("the signal", <-signaled, nil)
	if waited != nil {
		<-waited
	}
	if !finish {
		x.want("Drop", x.l.Drop(i), nil)
	}
	if n := x.taken(); n != 0 {
		t.Errorf("%d waiters are still taken", n)
	}
}

// TestWaitDuringCallbacks begins to wait when the fence is signaled and its callbacks run: it returns after them.
func TestWaitDuringCallbacks(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	inside := make(chan bool)
	slow := x.handler(func(*Local, uint64, error) { inside <- true; time.Sleep(20 * time.Millisecond) })
	_ = must(x.l.OnSignal(i.Fence(), slow, 0))
	signaled := make(chan error)
	go func() { signaled <- x.rt.Signal(i, ErrFailed) }()
	<-inside
	x.want("Wait", i.Fence().Wait(context.Background()), ErrFailed)
	if !i.Fence().CallbacksDone() {
		t.Error("Wait returned before the callbacks had run")
	}
	x.want("Signal", <-signaled, nil)
	x.want("Drop", x.l.Drop(i), nil)
}

// TestWaitWithoutRoom waits with more goroutines than there are records, or callbacks: they poll.
func TestWaitWithoutRoom(t *testing.T) {
	for name, config := range map[string]Config{
		"waiters":   {Fences: 8, Callbacks: 512, Waiters: 1},
		"callbacks": {Fences: 8, Callbacks: 1, Waiters: 8},
	} {
		for _, result := range []error{nil, errors.New("table")} {
			t.Run(fmt.Sprint(name, "/", result), func(t *testing.T) {
				x := newFixture(t, config)
				i := x.arm()
				h := must(x.l.Hold(i.Fence())) // some may come late
				var wg sync.WaitGroup
				for range 6 {
					wg.Go(func() {
						if err := i.Fence().Wait(context.Background()); err != result {
							t.Errorf("Wait: %v, want %v", err, result)
						}
					})
				}
				short, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
				defer cancel()
				x.want("Wait", i.Fence().Wait(short), context.DeadlineExceeded)
				x.want("Finish", x.l.Finish(i, result), nil)
				wg.Wait()
				x.want("Release", x.l.Release(h), nil)
			})
		}
	}
}

// TestWaitersOfOneSignaler: waiters and callbacks of nested signals are kept apart.
func TestWaitersOfOneSignaler(t *testing.T) {
	x := newFixture(t, Config{Fences: 64, Callbacks: 8192})
	const n = maxDepth + 8
	var fences [n]Issuer
	step := x.handler(func(l *Local, k uint64, _ error) {
		if k+1 < n {
			x.want("Finish", l.Finish(fences[k+1], errno(int(k+2))), nil)
		}
	})
	var wg sync.WaitGroup
	for k := range fences {
		fences[k] = x.arm()
		f := fences[k].Fence()
		wg.Add(2)
		for range 2 {
			x.listed(f, func() {
				defer wg.Done()
				if err := f.WaitWith(context.Background(), Park); err != errno(k+1) {
					t.Errorf("fence %d: %v", k, err)
				}
			})
		}
		_ = must(x.l.OnSignal(f, step, uint64(k)))
	}
	x.want("Finish", x.l.Finish(fences[0], errno(1)), nil)
	wg.Wait()
	x.idle(x.l)
}
