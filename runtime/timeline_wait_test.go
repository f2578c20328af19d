package fencert

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

func TestWaitForAPoint(t *testing.T) {
	for _, s := range []Strategy{SpinThenPark, Park, Spin} {
		config := small
		config.Strategy = s
		x := newFixture(t, config)
		line := must(x.rt.NewTimeline("", ""))
		var wg sync.WaitGroup
		for n := range uint64(40) { // more than there are waiters: the others poll
			wg.Go(func() {
				if err := line.Wait(context.Background(), n); err != nil || line.Value() < n {
					t.Errorf("Wait(%d): %v at %d", n, err, line.Value())
				}
			})
			wg.Go(func() { // canceled waits leave nothing behind
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(n)*10*time.Microsecond)
				defer cancel()
				if err := line.Wait(ctx, n); err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			})
		}
		for n := range uint64(40) {
			_ = line.Advance(n)
			time.Sleep(20 * time.Microsecond)
		}
		wg.Wait()
		x.want("Flush", line.Flush(context.Background()), nil)
		if p := line.Pending(); p != 0 {
			t.Errorf("%d callbacks are left", p)
		}
	}
}

func TestWaitForAPointEnds(t *testing.T) {
	x := newLined(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("enough")
	cancel(cause)
	x.want("Wait", x.t.Wait(ctx, 3), cause)
	x.want("WaitTimeout", x.t.At(3).WaitTimeout(time.Microsecond), ErrTimeout)
	x.want("WaitWith", x.t.At(3).WaitWith(ctx, Spin), cause)
	x.want("Flush", x.t.Flush(ctx), nil) // nothing is due
	x.advance(3)
	x.want("signaled wins", x.t.Wait(ctx, 3), nil)
	var none context.Context
	if v, _ := panicOf(func() { _ = x.t.Flush(none) }); v != ErrNilContext {
		t.Error(v)
	}
	if v, _ := panicOf(func() { _ = x.t.Wait(none, 5) }); v != ErrNilContext {
		t.Error(v)
	}
}

// TestWaitForPointsAndFences: both kinds together, of two runtimes.
func TestWaitForPointsAndFences(t *testing.T) {
	x, y := newLined(t), newLined(t)
	i := x.arm()
	fences := []Fence{i.Fence(), x.t.At(7), y.t.At(2)}
	any := make(chan int)
	all := make(chan error)
	go func() { k, _ := WaitAny(context.Background(), fences...); any <- k }()
	go func() { all <- WaitAll(context.Background(), fences...) }()
	time.Sleep(time.Millisecond)
	x.advance(8)
	if k := <-any; k != 1 {
		t.Errorf("WaitAny: %d", k)
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	select {
	case err := <-all:
		t.Error("all too early:", err)
	case <-time.After(time.Millisecond):
	}
	y.want("Close", y.t.Close(ErrFailed), nil)
	x.want("WaitAll", <-all, ErrFailed)
	if k, err := WaitAny(context.Background(), fences[2], fences[1]); k != 0 || err != ErrFailed {
		t.Error(k, err)
	}
}

func TestDoneOfAPoint(t *testing.T) {
	x := newLined(t)
	plain := x.t.Done(4)
	channel, stop := x.t.At(4).Done()
	canceled, stopIt := x.t.At(4).Done()
	if !stopIt() || stopIt() {
		t.Error("stop is true once")
	}
	for range small.Waiters { // more than there is room for
		defer func(c <-chan struct{}) { <-c }(x.t.Done(4))
	}
	select {
	case <-plain:
		t.Error("closed too early")
	case <-channel:
		t.Error("closed too early")
	default:
	}
	x.advance(4)
	<-plain
	<-channel
	if stop() {
		t.Error("stopped what is closed")
	}
	select {
	case <-canceled:
		t.Error("closed although it was stopped")
	default:
	}
	<-x.t.Done(4)
}

// TestWaitersOfManyPointsAreWokenTogether: more of them than one delivery wakes at a time.
func TestWaitersOfManyPointsAreWokenTogether(t *testing.T) {
	const waiters = 3*wakeEvery + 7
	config := small
	config.Points, config.Waiters, config.Strategy = 4*waiters, waiters, Park
	x := newFixture(t, config)
	line := must(x.rt.NewTimeline("", ""))
	var wg sync.WaitGroup
	for n := range uint64(waiters) {
		wg.Go(func() {
			if err := line.Wait(context.Background(), n+1); err != nil {
				t.Error(err)
			}
		})
	}
	for x.rt.Stats().Waiting < waiters {
		time.Sleep(100 * time.Microsecond)
	}
	if s := x.rt.Snapshot(); len(s.Timelines) != 1 || s.Timelines[0].Waiting != waiters || s.Timelines[0].Oldest != 1 {
		t.Errorf("%+v", s.Timelines)
	}
	x.want("Advance", x.l.Advance(line, waiters), nil)
	wg.Wait()
}
