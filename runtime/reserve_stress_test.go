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

// TestStressReserveWait conserves fences: workers with a Local and without reserve, wait with and without patience, end
// fences in all ways, some on other goroutines, flush and close their Locals, while there is room for a few only. It
// ends only if nobody waits for ever, and settled counts what is left.
func TestStressReserveWait(t *testing.T) {
	var waits, gaveUp atomic.Uint64
	for _, fences := range []int{1, 5, 200} {
		config := kept
		config.Fences = fences
		x := newFixture(t, config)
		pass := make(chan Issuer, fences)
		var wg sync.WaitGroup
		for w := range 3 * runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				s := &reserveWorker{fixture: x, r: rand.New(rand.NewPCG(uint64(w), 2)), pass: pass, waits: &waits, gaveUp: &gaveUp}
				s.l = x.rt.Local()
				for range scaled(4000) {
					s.step()
				}
				s.l.Close()
			})
		}
		// What is passed on is ended here, by a goroutine that never waits for room itself.
		end := make(chan struct{})
		go func() {
			for i := range pass {
				x.want("Finish", x.rt.Finish(i, nil), nil)
			}
			close(end)
		}()
		wg.Wait()
		close(pass)
		<-end
	}
	if waits.Load() == 0 || gaveUp.Load() == 0 {
		t.Errorf("%d waits, %d of them given up", waits.Load(), gaveUp.Load())
	}
}

type reserveWorker struct {
	*fixture
	l             *Local
	r             *rand.Rand
	pass          chan Issuer
	waits, gaveUp *atomic.Uint64
}

var errImpatient = errors.New("impatient")

// step reserves and gives back once.
func (s *reserveWorker) step() {
	r, err := s.reserve()
	if err != nil {
		s.gaveUp.Add(1)
		s.want("ReserveWait", err, errImpatient)
		return
	}
	if s.r.IntN(8) == 0 {
		if !s.l.Unreserve(r) {
			s.Error("not returned")
		}
		return
	}
	i := s.l.Arm(r, s.c)
	var h Hold
	if s.r.IntN(4) == 0 {
		h = must(s.l.Hold(i.Fence()))
	}
	switch s.r.IntN(6) {
	case 0:
		s.want("Drop", s.l.Drop(i), nil)
	case 1:
		s.want("Finish", s.rt.Finish(i, nil), nil)
	case 2:
		s.pass <- i
	default:
		s.want("Finish", s.l.Finish(i, nil), nil)
	}
	if h.runtime != nil {
		s.want("Release", s.l.Release(h), nil)
	}
	switch s.r.IntN(64) {
	case 0:
		s.l.Flush()
	case 1:
		s.l.Close()
		s.l = s.rt.Local()
	}
}

func (s *reserveWorker) reserve() (Reservation, error) {
	r, err := s.l.Reserve()
	if err == nil {
		return r, nil
	}
	s.want("Reserve", err, ErrExhausted)
	s.waits.Add(1)
	ctx := context.Background()
	if s.r.IntN(3) == 0 {
		limited, cancel := context.WithCancelCause(ctx)
		if patience := s.r.IntN(40); patience < 20 {
			cancel(errImpatient)
		} else {
			defer time.AfterFunc(time.Duration(patience)*time.Microsecond, func() { cancel(errImpatient) }).Stop()
		}
		ctx = limited
	}
	if s.r.IntN(2) == 0 {
		return s.rt.ReserveWait(ctx)
	}
	return s.l.ReserveWait(ctx)
}

// TestStressReserveWaitAgainstClose: all who wait come back, with room or ErrClosed.
func TestStressReserveWaitAgainstClose(t *testing.T) {
	for round := range scaled(200) {
		rt := must(New(Config{Fences: 3}))
		c := must(rt.NewFenceContext("a", "b"))
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				l := rt.Local()
				defer l.Close()
				for {
					r, err := l.ReserveWait(context.Background())
					if err != nil {
						if err != ErrClosed {
							t.Errorf("ReserveWait: %v", err)
						}
						return
					}
					i := l.Arm(r, c)
					runtime.Gosched()
					if err := l.Finish(i, nil); err == ErrSignaled {
						_ = l.Drop(i)
					}
				}
			})
		}
		for range round % 20 {
			runtime.Gosched()
		}
		if err := rt.Close(); err != nil && !errors.Is(err, ErrLeaked) {
			t.Fatal(err)
		}
		wg.Wait()
	}
}
