package cbqueue

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
)

// TestStressExactlyOnce adds, cancels and closes on a few lists from many goroutines. Each callback that was added runs or
// is canceled, once, and at the end every node is free.
func TestStressExactlyOnce(t *testing.T) {
	rounds := 20_000
	if testing.Short() {
		rounds = 2_000
	}
	for _, per := range []int{1, 2, 4, 8} {
		for _, often := range []bool{false, true} {
			t.Run(fmt.Sprintf("goroutines=%dxCPUs/sweepOften=%v", per, often), func(t *testing.T) {
				stressLists(t, per*runtime.GOMAXPROCS(0), rounds/per, often)
			})
		}
	}
}

// A sharedList is a list whose life goes on when it is closed.
type sharedList struct {
	word   atomicx.Uint64
	anchor Anchor
}

func stressLists(t *testing.T, workers, rounds int, often bool) {
	nodes := 1024 * workers
	p := newPool(t, nodes)
	if often {
		p.SweepOften()
	}
	var lists [3]sharedList
	for i := range lists {
		lists[i].word.Store(1 << LifeShift)
	}
	outcome := make([]atomic.Int32, workers*rounds) // +1 added, +2 ran, +4 canceled
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			o := newOwner(p)
			defer o.Close()
			for k := range rounds {
				s := &lists[(k+w)%len(lists)]
				life := s.word.Load() &^ (1<<LifeShift - 1)
				arg := uint64(w*rounds + k)
				x, err := o.Add(&s.word, life, 7, arg)
				if err == nil {
					outcome[arg].Add(1)
				}
				switch {
				case err == nil && k%3 == 0:
					ok, left := o.Cancel(&s.word, &s.anchor, life, x)
					if ok {
						outcome[arg].Add(4)
					}
					if left != 0 {
						s.word.Store(life + 1<<LifeShift)
					}
				case k%5 == 0:
					s.close(o, life, outcome)
				}
			}
		})
	}
	wg.Wait()
	o := newOwner(p)
	for i := range lists {
		lists[i].close(o, lists[i].word.Load()&^(1<<LifeShift-1), outcome)
	}
	o.Close()
	for i := range outcome {
		if v := outcome[i].Load(); v != 0 && v != 1+2 && v != 1+4 {
			t.Fatalf("callback %d: outcome %d", i, v)
		}
	}
	if n := free(p); n != nodes {
		t.Errorf("%d of %d nodes are free", n, nodes)
	}
}

// close closes this life of the list, runs it, and starts the next.
func (s *sharedList) close(o *Owner, life uint64, outcome []atomic.Int32) {
	for {
		b := s.word.Load()
		if !Open(b, life) {
			return
		}
		v := Close(b, 0)
		if !s.word.CompareAndSwap(b, v) {
			continue
		}
		if v&Running != 0 {
			var r Run
			o.Claim(&r, b)
			for _, arg, ok := r.Next(o.pool.View()); ok; _, arg, ok = r.Next(o.pool.View()) {
				outcome[arg].Add(2)
			}
			if o.Release(&s.word, &s.anchor, &r, v) {
				return
			}
		}
		s.word.Store(life + 1<<LifeShift)
		return
	}
}
