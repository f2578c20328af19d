package wheel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestStressExactlyOnce adds, cancels and advances from many goroutines. What was added runs, not before its value, or is
// canceled, exactly once; at the end every node is free.
func TestStressExactlyOnce(t *testing.T) {
	rounds := 40_000
	if testing.Short() {
		rounds = 4_000
	}
	for _, per := range []int{1, 2, 4, 8} {
		for _, often := range []bool{false, true} {
			t.Run(fmt.Sprintf("goroutines=%dxCPUs/sweepOften=%v", per, often), func(t *testing.T) {
				stress(t, per*runtime.GOMAXPROCS(0), rounds/per, often)
			})
		}
	}
}

type stressed struct {
	w       Wheel
	p       *Pool
	outcome []atomic.Int32 // by arg: +1 added, +16 ran, +256 canceled
	others  sync.WaitGroup
	t       *testing.T
}

func stress(t *testing.T, workers, rounds int, often bool) {
	x := &stressed{t: t, outcome: make([]atomic.Int32, workers*rounds)}
	nodes := 4096 * workers
	x.p, _ = NewPool(nodes, func(w *Wheel) {
		x.others.Go(func() {
			var o Owner
			o.Init(x.p)
			o.Adopt(w)
			x.deliver(&o)
			o.Close()
		})
	})
	if often {
		x.p.SweepOften()
		x.p.budget = 3
	}
	x.w.Init(x.p, 0)
	var wg sync.WaitGroup
	for k := range workers {
		wg.Go(func() { x.work(k, rounds) })
	}
	wg.Wait()
	x.others.Wait()
	x.end(nodes)
}

func (x *stressed) work(k, rounds int) {
	var o Owner
	o.Init(x.p)
	defer o.Close()
	r := rand.New(rand.NewPCG(uint64(k), 1))
	var kept []Ticket
	var args []uint64
	for i := range rounds {
		arg := uint64(k*rounds + i)
		v := x.w.Value()
		ticket, err := o.Add(&x.w, v+1+r.Uint64N(1<<(1+r.UintN(9))), 1, arg)
		if err == nil {
			x.outcome[arg].Add(1)
			if kept, args = append(kept, ticket), append(args, arg); len(kept) > 20 {
				j := r.IntN(len(kept))
				if o.Cancel(&x.w, kept[j]) {
					x.outcome[args[j]].Add(256)
				}
				kept, args = kept[:0], args[:0]
			}
		} else if err == ErrExhausted {
			runtime.Gosched() // whoever delivers has lost its processor; it works again afterwards
		} else if err != ErrSignaled {
			x.t.Errorf("add: %v", err)
		}
		if i%3 == 0 {
			if _, due := o.Advance(&x.w, v+1+r.Uint64N(8)); due {
				x.deliver(&o)
			}
		}
		if i%1000 == 0 {
			if err := o.Flush(&x.w); err != nil {
				x.t.Error(err)
			}
		}
	}
}

func (x *stressed) deliver(o *Owner) {
	for {
		c, ok := o.Next(&x.w)
		if !ok {
			return
		}
		if signaled, _ := x.w.Status(c.Point); !signaled {
			x.t.Errorf("point %d was delivered at %d", c.Point, x.w.Value())
		}
		x.outcome[c.Arg].Add(16)
	}
}

func (x *stressed) end(nodes int) {
	var o Owner
	o.Init(x.p)
	if _, due := o.CloseWheel(&x.w, 1); due {
		x.deliver(&o)
	}
	o.Close()
	ran, canceled := 0, 0
	for arg := range x.outcome {
		switch n := x.outcome[arg].Load(); n {
		case 0: // ErrSignaled
		case 1 + 16:
			ran++
		case 1 + 256:
			canceled++
		default:
			x.t.Fatalf("arg %d: %#x", arg, n)
		}
	}
	if ran == 0 || canceled == 0 {
		x.t.Errorf("%d ran, %d were canceled: nothing was tested", ran, canceled)
	}
	free := 0
	for buffer := make([]uint32, 1024); ; {
		n := x.p.depot.Take(buffer)
		if free += n; n == 0 {
			break
		}
	}
	if free != nodes {
		x.t.Errorf("%d of %d nodes are free", free, nodes)
	}
}
