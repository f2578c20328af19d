package fencert

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// waitLedger counts what became of the waits of a stress test.
type waitLedger struct{ began, result, over atomic.Int64 }

// TestStressWaits has goroutines wait in all ways for the same fences of two runtimes while others signal them: each wait
// ends, once, with a result that a fence has, the lowest one's where that is known.
func TestStressWaits(t *testing.T) {
	for name, strategy := range strategies {
		t.Run(name, func(t *testing.T) {
			config := Config{Fences: 1 << 14, Waiters: 64, Strategy: strategy}
			x, y := newFixture(t, config), newFixture(t, config)
			var book waitLedger
			for round := range scaled(600) {
				stressWaits(x, y, &book, uint64(round))
			}
			if b, r, o := book.began.Load(), book.result.Load(), book.over.Load(); b != r+o || r == 0 || o == 0 {
				t.Errorf("%d waits, %d with a result, %d that were over", b, r, o)
			}
			if n := x.taken() + y.taken(); n != 0 {
				t.Errorf("%d waiters are still taken", n)
			}
		})
	}
}

func stressWaits(x, y *fixture, book *waitLedger, seed uint64) {
	a, fences := x.several(3)
	b, others := y.several(3)
	fences = append(fences, others...)
	var holds [6]Hold
	for k, f := range fences {
		holds[k] = must([]*fixture{x, y}[k/3].l.Hold(f))
	}
	poll := func() error {
		book.began.Add(1)
		err := fences[0].WaitTimeout(0)
		if err == ErrTimeout {
			book.over.Add(1)
		} else {
			book.result.Add(1)
		}
		return err
	}
	x.want("a poll before", poll(), ErrTimeout)
	var wg sync.WaitGroup
	for k := range 8 {
		wg.Go(func() { stressWaiter(x, book, fences, rand.New(rand.NewPCG(seed, uint64(k)))) })
	}
	for k, i := range append(a, b...) {
		wg.Go(func() {
			f := []*fixture{x, y}[k/3]
			f.want("Finish", f.rt.Finish(i, errno(k+1)), nil)
		})
	}
	wg.Wait()
	x.want("a poll after", poll(), errno(1))
	for k, h := range holds {
		f := []*fixture{x, y}[k/3]
		f.want("Release", f.l.Release(h), nil)
	}
}

// stressWaiter waits once, in a way that r chooses. Fence k has the result errno(k+1).
func stressWaiter(x *fixture, book *waitLedger, fences []Fence, r *rand.Rand) {
	k := r.IntN(len(fences))
	ctx, cancel := context.Background(), func() {}
	if r.IntN(2) == 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(r.IntN(50))*time.Microsecond)
	}
	defer cancel()
	book.began.Add(1)
	var err, want error
	switch r.IntN(4) {
	case 0:
		order := r.Perm(len(fences))
		list := make([]Fence, len(order))
		for i, o := range order {
			list[i] = fences[o]
		}
		// Seen before the call, so the answer can't be higher.
		bound := lowest(list, Fence.CallbacksDone)
		var i int
		if i, err = WaitAny(ctx, list...); i >= 0 {
			want = errno(order[i] + 1)
			if bound >= 0 && i > bound {
				x.Errorf("WaitAny: %d, but %d was done before", i, bound)
			}
		}
	case 1:
		err, want = WaitAll(ctx, fences[k:]...), errno(k+1)
		if err == want && lowest(fences[k:], func(f Fence) bool { return !f.Signaled() }) >= 0 {
			x.Errorf("WaitAll: %v before all were signaled", err)
		}
	case 2:
		err, want = fences[k].Wait(ctx), errno(k+1)
	case 3:
		err, want = fences[k].WaitTimeout(time.Duration(r.IntN(50))*time.Microsecond), errno(k+1)
	}
	switch err {
	case context.DeadlineExceeded, ErrTimeout:
		book.over.Add(1)
	case want:
		book.result.Add(1)
	default:
		x.Errorf("%v, want %v", err, want)
	}
}

// TestStressChunks parks many on one fence, some of whom leave while it is signaled.
func TestStressChunks(t *testing.T) {
	x := newFixture(t, Config{Fences: 1 << 12, Waiters: 200, Strategy: Park})
	var book waitLedger
	for round := range scaled(32) {
		i := x.arm()
		h := must(x.l.Hold(i.Fence()))
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		for k := range 40 {
			wg.Add(1)
			x.listed(i.Fence(), func() {
				defer wg.Done()
				book.began.Add(1)
				c := context.Background()
				if k%3 == 0 {
					c = ctx
				}
				switch err := i.Fence().Wait(c); {
				case err == errno(5):
					book.result.Add(1)
				case err == context.Canceled && c == ctx:
					book.over.Add(1)
				default:
					t.Errorf("Wait: %v", err)
				}
			})
		}
		if round%8 == 0 {
			cancel()
			time.Sleep(time.Millisecond) // some leave in time
		}
		wg.Go(cancel)
		for range round % 8 {
			runtime.Gosched()
		}
		x.want("Finish", x.l.Finish(i, errno(5)), nil)
		wg.Wait()
		x.want("Release", x.l.Release(h), nil)
		if n := x.taken(); n != 0 {
			t.Fatalf("%d waiters are still taken", n)
		}
	}
	if b, r, o := book.began.Load(), book.result.Load(), book.over.Load(); b != r+o || r == 0 || o == 0 {
		t.Errorf("%d waits, %d with a result, %d that were over", b, r, o)
	}
}
