package bench

import (
	"context"
	"errors"
	"time"
)

func (t *trial[F, T]) hold() {
	w := t.worker(nil)
	for range 2 * conformFences {
		f := w.Arm()
		for range 2 {
			if !w.Hold(f) {
				t.Fatalf("Hold refused")
			}
		}
		w.Finish(f, errResult)
		other := w.Arm()
		w.Finish(other, nil)
		for range 2 {
			if err := w.Err(f); err != errResult {
				t.Fatalf("Err = %v while held, want %v", err, errResult)
			}
			w.Release(f)
		}
	}
}

// stale uses the handles of past lives while their slots live on.
func (t *trial[F, T]) stale() {
	if t.can.StaleErr == nil {
		return
	}
	type past struct {
		f      F
		ticket T
	}
	j := new(journal)
	w := t.worker(j.run)
	var lives []past
	for range 4 {
		f := w.Arm()
		p := past{f, t.must(w, f, 0)}
		w.Finish(f, nil)
		lives = append(lives, p)
	}
	// Enough to come round to the slots of these lives, wherever they went.
	var now []F
	for range conformFences {
		f := w.Arm()
		t.must(w, f, 1)
		now = append(now, f)
	}
	j.args = nil
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, p := range lives {
		if !w.Signaled(p.f) {
			t.Fatalf("a stale handle isn't signaled")
		}
		if _, ok := w.Add(p.f, 2); ok || w.AddMany(p.f, []uint64{3, 4}) != 0 {
			t.Fatalf("a stale handle takes callbacks")
		}
		if w.Cancel(p.f, p.ticket) {
			t.Fatalf("a stale handle cancels")
		}
		if w.Signal(p.f, errResult) || w.Finish(p.f, errResult) {
			t.Fatalf("a stale handle signals")
		}
		if w.Hold(p.f) {
			t.Fatalf("a stale handle can be held")
		}
		if err := w.Err(p.f); !errors.Is(err, t.can.StaleErr) {
			t.Fatalf("Err = %v of a stale handle, want %v", err, t.can.StaleErr)
		}
		for _, s := range t.can.Waits {
			if err := w.Wait(ctx, p.f, s); !errors.Is(err, t.can.StaleErr) {
				t.Fatalf("Wait = %v of a stale handle, want %v", err, t.can.StaleErr)
			}
		}
	}
	for _, f := range now {
		if w.Signaled(f) {
			t.Fatalf("a stale handle changed a later life")
		}
		w.Finish(f, nil)
	}
	want := make([]uint64, len(now))
	for i := range want {
		want[i] = 1
	}
	t.expect(j, want...)
}

// waits is what a conformance test waits before it looks for what should not have
// happened.
const waits = 2 * time.Millisecond

func (t *trial[F, T]) wait() {
	w, waiter := t.worker(nil), t.worker(nil)
	for _, s := range t.can.Waits {
		for _, result := range []error{nil, errResult} {
			f := w.Arm()
			got := make(chan error)
			go func() { got <- waiter.Wait(context.Background(), f, s) }()
			select {
			case err := <-got:
				t.Fatalf("Wait(%v) = %v before the signal", s, err)
			case <-time.After(waits):
			}
			w.Signal(f, result)
			if err := <-got; err != result {
				t.Fatalf("Wait(%v) = %v, want %v", s, err, result)
			}
			if err := waiter.Wait(context.Background(), f, s); err != result {
				t.Fatalf("Wait(%v) = %v after the signal, want %v", s, err, result)
			}
			w.Drop(f)
		}
	}
}

func (t *trial[F, T]) waitCanceled() {
	cause := errors.New("cause")
	w, waiter := t.worker(nil), t.worker(nil)
	for _, s := range t.can.Waits {
		f := w.Arm()
		ctx, cancel := context.WithCancelCause(context.Background())
		got := make(chan error)
		go func() { got <- waiter.Wait(ctx, f, s) }()
		time.Sleep(waits)
		cancel(cause)
		if err := <-got; err != cause {
			t.Fatalf("Wait(%v) = %v when canceled, want %v", s, err, cause)
		}
		if err := waiter.Wait(ctx, f, s); err != cause {
			t.Fatalf("Wait(%v) = %v with a canceled context, want %v", s, err, cause)
		}
		w.Signal(f, errResult)
		if err := waiter.Wait(ctx, f, s); err != errResult {
			t.Fatalf("Wait(%v) = %v: signaled doesn't win over a canceled context", s, err)
		}
		w.Drop(f)
	}
}

// waitThenCallbacks: whoever was parked finds that the callbacks have run.
func (t *trial[F, T]) waitThenCallbacks() {
	const patience = 100 * time.Millisecond // for a waiter that is woken, on a busy machine
	waiting, returned, early := make(chan struct{}), make(chan struct{}), false
	w, waiter := t.worker(func(uint64, error) {
		select {
		case <-returned:
			early = true
		case <-time.After(patience):
		}
	}), t.worker(nil)
	f := w.Arm()
	t.must(w, f, 1)
	go func() {
		close(waiting)
		_ = waiter.Wait(context.Background(), f, Park)
		close(returned)
	}()
	<-waiting
	time.Sleep(patience / 4) // until it is parked
	w.Signal(f, nil)
	<-returned
	if early {
		t.Fatalf("a parked waiter returned before the callbacks had run")
	}
	w.Drop(f)
}

// signaledWins: a parked waiter whose context is canceled when the fence is signaled
// already, but its waiters not yet woken, gets the result.
func (t *trial[F, T]) signaledWins() {
	ctx, cancel := context.WithCancel(context.Background())
	w, waiter := t.worker(func(uint64, error) {
		cancel()
		time.Sleep(waits)
	}), t.worker(nil)
	f := w.Arm()
	t.must(w, f, 1)
	got := make(chan error)
	go func() { got <- waiter.Wait(ctx, f, Park) }()
	time.Sleep(waits)
	w.Signal(f, errResult)
	if err := <-got; err != errResult {
		t.Fatalf("Wait = %v: signaled doesn't win over a canceled context", err)
	}
	w.Drop(f)
}
