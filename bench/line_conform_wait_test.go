package bench

import (
	"context"
	"errors"
	"sync"
	"time"
)

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

func (t *lineTrial[L, T]) done() {
	w, l := t.worker(nil), t.line()
	three, five, again := w.Done(l, 3), w.Done(l, 5), w.Done(l, 5)
	t.advance(w, l, 2)
	if isClosed(three) || isClosed(five) {
		t.Fatalf("closed before the point is reached")
	}
	t.advance(w, l, 3)
	if !isClosed(three) || isClosed(five) {
		t.Fatalf("not closed at the point, or closed before")
	}
	if !isClosed(w.Done(l, 3)) || !isClosed(w.Done(l, 1)) {
		t.Fatalf("not closed although the point is reached")
	}
	t.advance(w, l, 1000)
	if !isClosed(five) || !isClosed(again) {
		t.Fatalf("not closed behind the point")
	}
}

// asleep is long enough for a goroutine to park, and short enough to wait for.
const asleep = 2 * time.Millisecond

func (t *lineTrial[L, T]) wait() {
	w, l := t.worker(nil), t.line()
	cancelable, cancel := context.WithCancel(context.Background())
	defer cancel()
	var value uint64
	for _, ctx := range []context.Context{context.Background(), cancelable} {
		woken := make(chan error, 1)
		point := value + 5
		go func() { woken <- w.Wait(ctx, l, point) }()
		for value++; value < point; value += 2 {
			t.advance(w, l, value)
			time.Sleep(asleep)
			if len(woken) != 0 {
				t.Fatalf("Wait(%d) returned at %d", point, value)
			}
		}
		t.advance(w, l, value)
		if err := <-woken; err != nil {
			t.Fatalf("Wait = %v", err)
		}
		if err := w.Wait(ctx, l, point); err != nil {
			t.Fatalf("Wait = %v for a point that is reached", err)
		}
	}
}

func (t *lineTrial[L, T]) waitCanceled() {
	w, l := t.worker(nil), t.line()
	cause := errors.New("cause")
	for range 3 { // what a canceled wait leaves behind harms no later one
		ctx, cancel := context.WithCancelCause(context.Background())
		canceled := make(chan error, 1)
		go func() { canceled <- w.Wait(ctx, l, 10) }()
		time.Sleep(asleep)
		cancel(cause)
		if err := <-canceled; err != cause {
			t.Fatalf("Wait = %v, want the cause of its context", err)
		}
	}
	woken := make(chan error, 1)
	go func() { woken <- w.Wait(context.Background(), l, 10) }()
	time.Sleep(asleep)
	t.advance(w, l, 10)
	if err := <-woken; err != nil {
		t.Fatalf("Wait = %v", err)
	}
}

func (t *lineTrial[L, T]) reachedWins() {
	w, l := t.worker(nil), t.line()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	t.advance(w, l, 10)
	if err := w.Wait(ctx, l, 10); err != nil {
		t.Fatalf("Wait = %v for a point that is reached", err)
	}
}

// waitInRace: goroutines wait for one point after the other while another goroutine advances by one or more.
func (t *lineTrial[L, T]) waitInRace() {
	const points, waiters = 400, 4
	w, l := t.worker(nil), t.line()
	var waiting sync.WaitGroup
	for id := range uint64(waiters) {
		waiting.Go(func() {
			for n := id; n < points; n += id + 1 {
				if err := w.Wait(context.Background(), l, n); err != nil {
					t.Errorf("Wait = %v", err)
				}
				if v := w.Value(l); v < n {
					t.Errorf("Wait(%d) returned at %d", n, v)
				}
			}
		})
	}
	advancer := t.worker(nil)
	for n := uint64(0); n < points; {
		n += 1 + n%3
		advancer.Advance(l, n)
		if n%16 == 0 {
			time.Sleep(50 * time.Microsecond)
		}
	}
	waiting.Wait()
}
