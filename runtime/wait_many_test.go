package fencert

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"
)

// several arms n fences.
func (x *fixture) several(n int) (issuers []Issuer, fences []Fence) {
	x.Helper()
	for range n {
		i := x.arm()
		issuers, fences = append(issuers, i), append(fences, i.Fence())
	}
	return issuers, fences
}

func (x *fixture) finish(issuers ...Issuer) {
	x.Helper()
	for _, i := range issuers {
		x.want("Finish", x.l.Finish(i, nil), nil)
	}
}

func (x *fixture) wantAny(index int, want error, ctx context.Context, fences ...Fence) {
	x.Helper()
	if i, err := WaitAny(ctx, fences...); i != index || err != want {
		x.Errorf("WaitAny: %d, %v; want %d, %v", i, err, index, want)
	}
}

func TestWaitAnyAlreadySignaled(t *testing.T) {
	x := newFixture(t, small)
	ctx := context.Background()
	issuers, fences := x.several(4)
	stale := x.arm()
	x.finish(stale)
	ended, cancel := context.WithCancel(ctx)
	cancel()

	x.wantAny(-1, ErrNoFences, ctx)
	x.wantAny(-1, context.Canceled, ended, fences...)
	x.wantAny(1, ErrStale, ctx, fences[0], Fence{}, fences[1])
	x.wantAny(2, ErrStale, ended, fences[0], fences[1], stale.Fence())
	x.want("Signal", x.l.Signal(issuers[2], errno(3)), nil)
	x.want("Signal", x.l.Signal(issuers[1], ErrFailed), nil)
	x.wantAny(1, ErrFailed, ctx, fences...)
	x.wantAny(1, ErrFailed, ended, fences...)
	x.wantAny(1, errno(3), ctx, fences[0], fences[2], fences[2], fences[1])
	for _, i := range issuers {
		_ = x.l.Drop(i)
	}
}

// TestWaitAny has another goroutine signal one of several, each in turn, some of them twice in the list.
func TestWaitAny(t *testing.T) {
	for name, strategy := range strategies {
		t.Run(name, func(t *testing.T) {
			config := small
			config.Strategy = strategy
			x := newFixture(t, config)
			for k := range 12 {
				issuers, fences := x.several(3)
				table := errors.New("table")
				list := append(fences, fences...)
				type got struct {
					index int
					err   error
				}
				c := make(chan got)
				x.listed(fences[2], func() {
					i, err := WaitAny(context.Background(), list...)
					c <- got{i, err}
				})
				x.want("Finish", x.l.Finish(issuers[k%3], table), nil)
				if g := <-c; g != (got{k % 3, table}) {
					t.Errorf("WaitAny: %v, want %d, %v", g, k%3, table)
				}
				x.finish(issuers[(k+1)%3], issuers[(k+2)%3])
				if n := x.taken(); n != 0 {
					t.Fatalf("%d waiters are still taken", n)
				}
			}
		})
	}
}

func TestWaitAll(t *testing.T) {
	for name, strategy := range strategies {
		t.Run(name, func(t *testing.T) {
			config := small
			config.Strategy = strategy
			x := newFixture(t, config)
			ctx, cancel := context.WithCancel(context.Background())
			x.want("of none", WaitAll(ctx), nil)
			issuers, fences := x.several(3)
			x.want("Signal", x.l.Signal(issuers[0], nil), nil)
			c := make(chan error)
			x.listed(fences[2], func() { c <- WaitAll(ctx, fences[0], fences[1], fences[2], fences[1]) })
			x.want("Finish", x.l.Finish(issuers[2], errno(2)), nil)
			select {
			case err := <-c:
				t.Fatalf("WaitAll: %v, before all are signaled", err)
			case <-time.After(2 * time.Millisecond):
			}
			x.want("Finish", x.l.Finish(issuers[1], errno(1)), nil)
			x.want("WaitAll: the lowest that failed", <-c, errno(1))
			x.want("WaitAll of what is done", WaitAll(ctx, fences[0]), nil)
			x.want("WaitAll of stale ones", WaitAll(ctx, fences...), ErrStale)

			pending := x.arm()
			x.listed(pending.Fence(), func() { c <- WaitAll(ctx, fences[0], pending.Fence()) })
			cancel()
			x.want("WaitAll", <-c, context.Canceled)
			x.want("WaitAll", WaitAll(ctx, pending.Fence()), context.Canceled)
			x.want("signaled wins", WaitAll(ctx, fences[0]), nil)
			x.finish(pending)
			x.want("Drop", x.l.Drop(issuers[0]), nil)
		})
	}
}

// TestWaitAnyBesideASlowCallback: the lower fence is signaled and its callback runs; the other one is done.
func TestWaitAnyBesideASlowCallback(t *testing.T) {
	for _, early := range []bool{false, true} {
		x := newFixture(t, small)
		issuers, fences := x.several(2)
		inside, goOn := make(chan bool), make(chan bool)
		slow := x.handler(func(*Local, uint64, error) { inside <- true; <-goOn })
		_ = must(x.l.OnSignal(fences[0], slow, 0))
		c := make(chan int)
		wait := func() {
			i, err := WaitAny(context.Background(), fences...)
			x.want("WaitAny", err, errno(2))
			c <- i
		}
		signaled := make(chan error)
		finish := func() { signaled <- x.rt.Finish(issuers[0], errno(1)) }
		if early { // the wait begins while the callback runs
			go finish()
			<-inside
			x.listed(fences[1], wait)
		} else {
			x.listed(fences[1], wait)
			go finish()
			<-inside
		}
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		x.wantAny(0, errno(1), ended, fences...) // signaled wins, and nobody waits for the callback
		x.want("WaitAll", WaitAll(ended, fences[0]), errno(1))
		x.want("Finish", x.l.Finish(issuers[1], errno(2)), nil)
		if i := <-c; i != 1 {
			t.Errorf("WaitAny: %d", i)
		}
		all := make(chan error)
		go func() { all <- WaitAll(context.Background(), fences[0]) }()
		select {
		case err := <-all:
			t.Errorf("WaitAll: %v, while the callback runs", err)
		case <-time.After(2 * time.Millisecond):
		}
		close(goOn)
		x.want("Finish", <-signaled, nil)
		if err := <-all; err != errno(1) && err != ErrStale {
			t.Errorf("WaitAll: %v", err)
		}
		if n := x.taken(); n != 0 {
			t.Errorf("%d waiters are still taken", n)
		}
	}
}

// TestWaitAnyManyFences waits for ten thousand of two runtimes.
func TestWaitAnyManyFences(t *testing.T) {
	const n = 10_000
	x := newFixture(t, Config{Fences: n, Waiters: 1})
	y := newFixture(t, Config{Fences: n, Waiters: 1})
	a, fences := x.several(n / 2)
	b, others := y.several(n / 2)
	fences = append(fences, others...)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	x.wantAny(-1, context.DeadlineExceeded, ctx, fences...)
	c := make(chan error)
	y.listed(fences[n-1], func() {
		i, err := WaitAny(context.Background(), fences...)
		if i != n-1 {
			t.Errorf("WaitAny: %d", i)
		}
		c <- err
	})
	y.want("Signal", y.l.Signal(b[n/2-1], ErrFailed), nil)
	x.want("WaitAny", <-c, ErrFailed)
	y.listed(fences[n-2], func() { c <- WaitAll(context.Background(), fences...) })
	x.finish(a...)
	y.finish(b[:n/2-1]...)
	x.want("WaitAll", <-c, ErrFailed)
	y.want("Drop", y.l.Drop(b[n/2-1]), nil)
	if x.taken()+y.taken() != 0 {
		t.Error("waiters are still taken")
	}
}

// TestWaitAnyWithoutRoom waits where there are no records or no callbacks, and of one runtime only.
func TestWaitAnyWithoutRoom(t *testing.T) {
	for name, config := range map[string]Config{
		"waiters":   {Fences: 8, Callbacks: 512, Waiters: 1},
		"callbacks": {Fences: 8, Callbacks: 1, Waiters: 8},
	} {
		t.Run(name, func(t *testing.T) {
			x, y := newFixture(t, config), newFixture(t, small)
			taken := x.rt.waiters.take(0, 0)
			a, fences := x.several(3)
			b, others := y.several(2)
			fences = append(fences, others...)
			for k, i := range append(a, b...) {
				f := x
				if k >= 3 {
					f = y
				}
				h := must(f.l.Hold(i.Fence()))
				c := make(chan bool)
				go func() {
					x.wantAny(slices.Index(fences, i.Fence()), errno(k+1), context.Background(), fences...)
					fences[k] = fences[4] // signaled last
					c <- true
				}()
				time.Sleep(500 * time.Microsecond)
				x.want("Finish", f.l.Finish(i, errno(k+1)), nil)
				<-c
				x.want("Release", f.l.Release(h), nil)
			}
			taken.put()
		})
	}
}

// TestWaitAnyAcrossClose: of two runtimes one is closed.
func TestWaitAnyAcrossClose(t *testing.T) {
	x, y := newFixture(t, small), newFixture(t, small)
	a, fences := x.several(1)
	_, others := y.several(1)
	c := make(chan error)
	x.listed(others[0], func() {
		i, err := WaitAny(context.Background(), fences[0], others[0])
		if i != 1 {
			t.Errorf("WaitAny: %d", i)
		}
		c <- err
	})
	if err := y.rt.Close(); !errors.Is(err, ErrLeaked) {
		t.Errorf("Close: %v", err)
	}
	x.want("WaitAny", <-c, ErrCanceled)
	x.wantAny(1, ErrCanceled, context.Background(), fences[0], others[0])
	x.finish(a...)
}

// TestWaitAnyInALoopGrowsNothing gives up many times on fences that stay pending; there is room for few.
func TestWaitAnyInALoopGrowsNothing(t *testing.T) {
	x := newFixture(t, Config{Fences: 8, Callbacks: 1024, Waiters: 2})
	issuers, fences := x.several(4)
	before := runtime.NumGoroutine()
	done := make(chan bool)
	for range 2 {
		go func() {
			for k := range scaled(2000) {
				ctx, cancel := context.WithCancel(context.Background())
				if k%2 == 0 {
					time.AfterFunc(20*time.Microsecond, cancel)
				} else {
					go cancel()
				}
				if k%3 == 0 {
					x.want("WaitAll", WaitAll(ctx, fences...), context.Canceled)
				} else {
					x.wantAny(-1, context.Canceled, ctx, fences...)
				}
				cancel()
			}
			done <- true
		}()
	}
	<-done
	<-done
	if n := x.taken(); n != 0 {
		t.Errorf("%d waiters are still taken", n)
	}
	eventually(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= before })
	x.finish(issuers...)
}
