package fencert

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestStressCommitWindow has goroutines issue, complete in any order and twice, and wait. Each number is issued once and
// completed once; the value never passes what isn't complete, ends behind all, and each callback runs once, in order.
func TestStressCommitWindow(t *testing.T) {
	for _, c := range []struct{ size, perCPU int }{{2, 1}, {8, 2}, {64, 2}, {1024, 4}} {
		t.Run(fmt.Sprintf("size=%d/goroutines=%d", c.size, c.perCPU*runtime.GOMAXPROCS(0)), func(t *testing.T) {
			stressWindow(t, c.size, c.perCPU*runtime.GOMAXPROCS(0), scaled(40_000))
		})
	}
}

// A windowLedger is what each number has seen.
type windowLedger struct {
	w         *CommitWindow
	note      Handler
	completed []atomic.Uint32
	ran       []atomic.Uint32
	last      atomic.Uint64 // point that was delivered
	disorder  atomic.Uint64
}

func stressWindow(t *testing.T, size, workers, numbers int) {
	rt := must(New(Config{Fences: 64, Points: 4096, Waiters: 64}))
	g := &windowLedger{
		w:         must(NewCommitWindow(must(rt.NewTimeline("stress", "")), size)),
		completed: make([]atomic.Uint32, numbers+1), ran: make([]atomic.Uint32, numbers+1),
	}
	g.note = must(rt.Handler(func(_ *Local, n uint64, _ error) {
		g.ran[n].Add(1)
		if g.last.Swap(n) > n {
			g.disorder.Add(1)
		}
	}))
	var wg sync.WaitGroup
	failed := make(chan error, 2*workers)
	passed := make(chan uint64, size) // numbers that are completed by whoever takes them
	issuing := atomic.Int32{}
	issuing.Store(int32(workers))
	for k := range workers {
		wg.Go(func() {
			failed <- g.issueAll(numbers, k, passed)
			if issuing.Add(-1) == 0 {
				close(passed)
			}
		})
		wg.Go(func() { failed <- g.completeAll(rt, k, passed) })
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			t.Error(err)
		}
	}
	g.check(t, rt, numbers)
}

// issueAll issues until there are as many as that, and has others complete them.
func (g *windowLedger) issueAll(numbers, k int, passed chan<- uint64) error {
	r := rand.New(rand.NewPCG(1, uint64(k)))
	rt := g.w.timeline.runtime
	for {
		// Whoever comes to the last number stops before it.
		if int(g.w.Issued()) >= numbers-runtime.GOMAXPROCS(0)*8 {
			return nil
		}
		n, err := g.w.Issue(context.Background())
		if err != nil {
			return err
		}
		if n > g.w.timeline.Value()+g.w.size {
			return fmt.Errorf("%d was issued beyond the window", n)
		}
		if r.IntN(4) == 0 {
			if _, err := rt.OnSignal(g.w.timeline.At(n), g.note, n); err != nil {
				return err
			}
			g.ran[n].Add(1 << 16)
		}
		passed <- n
	}
}

// completeAll completes what it is passed, some of it late, and some of it twice.
func (g *windowLedger) completeAll(rt *Runtime, k int, passed <-chan uint64) error {
	r := rand.New(rand.NewPCG(2, uint64(k)))
	l := rt.Local()
	defer l.Close()
	var kept []uint64
	complete := func(n uint64) error {
		g.completed[n].Add(1) // before: the value may be there at once
		if err := l.Complete(g.w, n); err != nil {
			return fmt.Errorf("Complete(%d): %w", n, err)
		}
		if g.w.timeline.Value() == n-1 {
			return fmt.Errorf("%d is complete, and the value is left below it", n)
		}
		if r.IntN(8) == 0 {
			if err := g.w.Complete(n); err != ErrSignaled {
				return fmt.Errorf("Complete(%d) again: %w", n, err)
			}
		}
		return nil
	}
	for n := range passed {
		if v := g.w.timeline.Value(); v > 0 && g.completed[v].Load() == 0 {
			return fmt.Errorf("the value is %d, which isn't complete", v)
		}
		if r.IntN(2) == 0 && len(kept) == 0 { // one of them is completed after the next one; nobody waits for who keeps one
			select {
			case m, ok := <-passed:
				if ok {
					kept = append(kept, m)
				}
			default:
			}
		}
		if err := complete(n); err != nil {
			return err
		}
		for _, m := range kept {
			if err := complete(m); err != nil {
				return err
			}
		}
		kept = kept[:0]
	}
	return nil
}

func (g *windowLedger) check(t *testing.T, rt *Runtime, numbers int) {
	t.Helper()
	line := g.w.timeline
	last := g.w.Issued()
	if err := line.Flush(context.Background()); err != nil {
		t.Error(err)
	}
	if line.Value() != last || int(last) < numbers/2 {
		t.Errorf("the value is %d, issued were %d of %d", line.Value(), last, numbers)
	}
	for n := uint64(1); n <= last; n++ {
		if c, ran := g.completed[n].Load(), g.ran[n].Load(); c != 1 || ran != 0 && ran != 1<<16+1 {
			t.Fatalf("%d was completed %d times, callbacks %x", n, c, ran)
		}
	}
	if g.disorder.Load() != 0 {
		t.Errorf("%d callbacks out of order", g.disorder.Load())
	}
	settled(t, rt)
	if err := rt.Close(); err != nil {
		t.Error(err)
	}
}
