package fencert

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// A statsWorker does all that is counted, and counts it too.
type statsWorker struct {
	*fixture
	r    *rand.Rand
	l    *Local
	sent chan Issuer // fences that others finish

	armed, unreserved, added, canceled, waits uint64
}

// TestStressStats: while workers arm, hand over, signal, cancel, wait, open and close Locals, no count falls and each
// Stats fits together; at the end they are what the workers counted.
func TestStressStats(t *testing.T) {
	x := newFixture(t, Config{Fences: 4096, Callbacks: 8192, Errors: 64, Waiters: 16, Readers: 8})
	var ran atomic.Uint64
	count := x.handler(func(*Local, uint64, error) { ran.Add(1) })
	sent := make(chan Issuer, 64)
	workers := make([]*statsWorker, 4)
	var working, watching sync.WaitGroup
	for k := range workers {
		w := &statsWorker{fixture: x, r: rand.New(rand.NewPCG(1, uint64(k))), sent: sent}
		workers[k] = w
		working.Go(func() { w.work(scaled(2000), count) })
	}
	stop := make(chan struct{})
	for range 2 {
		watching.Go(func() { watchStats(t, x.rt, stop) })
	}
	working.Wait()
	close(stop)
	watching.Wait()
	close(sent)
	for i := range sent {
		x.want("Finish", x.l.Finish(i, nil), nil)
	}
	var sum statsWorker
	for _, w := range workers {
		sum.armed += w.armed
		sum.unreserved += w.unreserved
		sum.added += w.added
		sum.canceled += w.canceled
		sum.waits += w.waits
	}
	s := x.rt.Stats()
	if s.Armed != sum.armed || s.Signaled != s.Armed || s.Ended != s.Armed || s.Unreserved != sum.unreserved ||
		s.Reserved != s.Armed+s.Unreserved || s.Fences.InUse != 0 {
		t.Errorf("%+v\nwant %d armed, %d unreserved", s, sum.armed, sum.unreserved)
	}
	// Each wait is a callback too, unless it found the fence signaled.
	if s.CallbacksAdded != s.CallbacksRun+s.CallbacksCanceled || s.CallbacksCanceled < sum.canceled ||
		s.CallbacksRun < ran.Load() || s.CallbacksRun+s.CallbacksCanceled > ran.Load()+sum.canceled+sum.waits ||
		s.CallbacksAdded < sum.added || s.Waits > sum.waits || s.Waiting != 0 || s.Callbacks.InUse != 0 {
		t.Errorf("%+v\nwant %d added, %d run, %d canceled, and at most %d waits", s, sum.added, ran.Load(), sum.canceled, sum.waits)
	}
	if sum.armed == 0 || sum.unreserved == 0 || sum.canceled == 0 || ran.Load() == 0 || s.Waits == 0 {
		t.Errorf("something was never done: %+v", s)
	}
}

// watchStats compares each Stats with the one before and with itself.
func watchStats(t *testing.T, rt *Runtime, stop chan struct{}) {
	var last Stats
	for {
		select {
		case <-stop:
			return
		default:
		}
		s := rt.Stats()
		if s.Ended > s.Signaled || s.Signaled > s.Armed || s.Armed+s.Unreserved > s.Reserved ||
			s.CallbacksRun+s.CallbacksCanceled > s.CallbacksAdded {
			t.Errorf("doesn't fit together: %+v", s)
			return
		}
		for _, u := range []Usage{s.Fences, s.Callbacks} {
			if u.InUse < 0 || u.Magazines < 0 || u.Free < 0 || u.InUse+u.Magazines+u.Free+u.Retired != u.Size {
				t.Errorf("doesn't add up: %+v", u)
				return
			}
		}
		if s.Reserved < last.Reserved || s.Unreserved < last.Unreserved || s.Armed < last.Armed ||
			s.Signaled < last.Signaled || s.Ended < last.Ended || s.CallbacksAdded < last.CallbacksAdded ||
			s.CallbacksRun < last.CallbacksRun || s.CallbacksCanceled < last.CallbacksCanceled || s.Waits < last.Waits {
			t.Errorf("fell: %+v\nafter %+v", s, last)
			return
		}
		last = s
	}
}

func (w *statsWorker) work(rounds int, count Handler) {
	w.l = w.rt.Local()
	for k := range rounds {
		if k%50 == 0 {
			w.l.Close()
			w.l = w.rt.Local()
		}
		w.step(count)
	}
	w.l.Close()
}

func (w *statsWorker) step(count Handler) {
	switch w.r.IntN(6) {
	case 0:
		if w.l.Unreserve(must(w.l.Reserve())) {
			w.unreserved++
		}
	case 1: // implicit
		w.armed++
		w.want("Finish", w.rt.Finish(must(w.rt.NewFence(w.c)), nil), nil)
	case 2: // finished by whoever comes
		i := w.armBy(w.l)
		w.armed++
		w.fill(i, count)
		select {
		case w.sent <- i:
		default:
			w.want("Finish", w.l.Finish(i, nil), nil)
		}
	case 3:
		select {
		case i := <-w.sent:
			w.want("Signal", w.l.Signal(i, errors.New("table")), nil)
			w.want("Drop", w.l.Drop(i), nil)
		default:
		}
	case 4:
		i := must(w.l.NewFence(w.c))
		w.armed++
		w.fill(i, count)
		w.want("Drop", w.l.Drop(i), nil)
	case 5:
		i := must(w.l.NewFence(w.c))
		w.armed++
		ctx, cancel := context.WithCancel(context.Background())
		waited := make(chan struct{})
		w.waits++
		before := w.rt.Stats().Waits
		go func() {
			defer close(waited)
			_ = i.Fence().WaitWith(ctx, Park)
		}()
		for range w.r.IntN(2) * 50 { // sometimes it waits before it is signaled
			if w.rt.Stats().Waits > before {
				break
			}
			runtime.Gosched()
		}
		if w.r.IntN(2) == 0 {
			cancel()
		}
		w.want("Finish", w.l.Finish(i, nil), nil)
		<-waited
		cancel()
	}
}

// fill adds callbacks and cancels some.
func (w *statsWorker) fill(i Issuer, count Handler) {
	for range w.r.IntN(4) {
		t := must(w.l.OnSignal(i.Fence(), count, 0))
		w.added++
		if w.r.IntN(3) == 0 {
			if !w.l.Cancel(t) {
				w.Error("not canceled")
			}
			w.canceled++
		}
	}
}
