package wheel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestStressLastGenerations uses nodes up from many goroutines: each has exactly as many uses as it has generations, each
// callback runs or is canceled once, and then all are retired.
func TestStressLastGenerations(t *testing.T) {
	for _, per := range []int{1, 2, 4, 8} {
		x := &lastUses{}
		x.p, _ = NewPool(64, func(w *Wheel) {
			x.others.Go(func() {
				var o Owner
				o.Init(x.p)
				o.Adopt(w)
				x.deliver(&o)
				o.Close()
			})
		})
		x.p.SetLastGeneration(100)
		x.w.Init(x.p, 0)
		var wg sync.WaitGroup
		for k := range per * runtime.GOMAXPROCS(0) {
			wg.Go(func() { x.work(k) })
		}
		wg.Wait()
		x.others.Wait()
		// An add that finds its point passed when it has pushed has used a node too.
		uses, late := x.added.Load(), x.refused.Load()
		if uses > 64*99 || uses+late < 64*99 || x.ran.Load()+x.canceled.Load() != uses {
			t.Errorf("%d uses and %d refusals, want %d; %d ran, %d were canceled", uses, late, 64*99, x.ran.Load(), x.canceled.Load())
		}
	}
}

type lastUses struct {
	p      *Pool
	w      Wheel
	others sync.WaitGroup

	added, refused, ran, canceled atomic.Int64
}

func (x *lastUses) deliver(o *Owner) {
	for _, ok := o.Next(&x.w); ok; _, ok = o.Next(&x.w) {
		x.ran.Add(1)
	}
}

func (x *lastUses) work(k int) {
	var o Owner
	o.Init(x.p)
	defer o.Close()
	for ; x.p.Retired() < 64; k++ {
		v := x.w.Value()
		ticket, err := o.Add(&x.w, v+1+uint64(k%9), 1, 0)
		if err == nil {
			x.added.Add(1)
			if k%2 == 0 && o.Cancel(&x.w, ticket) {
				x.canceled.Add(1)
			}
		} else if err == ErrSignaled {
			x.refused.Add(1)
		} else {
			o.Close() // what we keep another may need
			o.Sweep(&x.w)
			runtime.Gosched()
		}
		if err == ErrExhausted || k%3 == 0 {
			if _, due := o.Advance(&x.w, v+1+uint64(k%4)); due {
				x.deliver(&o)
			}
		}
	}
}

// TestLastGenerationKnobBites: a pool has 2^40 - 1 generations, and as many as the knob says.
func TestLastGenerationKnobBites(t *testing.T) {
	for _, knob := range []bool{false, true} {
		w, o := newOwned(t, 1)
		if w.pool.last != lastGeneration {
			t.Errorf("the last generation is %d without the knob", w.pool.last)
		}
		if knob {
			w.pool.SetLastGeneration(10)
			o.Init(w.pool)
		}
		n := uint64(0)
		for ; n < 50; n++ {
			if _, err := o.Add(w, n+1, 7, 0); err != nil {
				break
			}
			if got := advanced(w, o, n+1); len(got) != 1 {
				t.Fatal(got)
			}
		}
		if (n == 50) == knob || (w.pool.Retired() == 1) != knob {
			t.Errorf("knob %v: %d uses, %d retired", knob, n, w.pool.Retired())
		}
	}
}
