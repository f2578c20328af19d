package cbqueue

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestStressLastGenerations uses nodes up from many goroutines, by all the ways a use can end: each has exactly as many uses as
// it has generations, each callback runs or is canceled once, and then all are retired.
func TestStressLastGenerations(t *testing.T) {
	for _, per := range []int{1, 2, 4, 8} {
		x := &lastUses{p: newPool(t, 64), outcome: make([]atomic.Int32, 1)}
		x.p.SetLastGeneration(100)
		for i := range x.lists {
			x.lists[i].word.Store(1 << LifeShift)
		}
		var wg sync.WaitGroup
		for w := range per * runtime.GOMAXPROCS(0) {
			wg.Go(func() { x.work(w) })
		}
		wg.Wait()
		// An add that finds its list closed when it has taken a node has used that too.
		ran, uses, late := int64(x.outcome[0].Load()/2), x.added.Load(), x.refused.Load()
		if uses > 64*99 || uses+late < 64*99 || ran+x.canceled.Load() != uses {
			t.Errorf("%d uses and %d refusals, want %d; %d ran, %d were canceled", uses, late, 64*99, ran, x.canceled.Load())
		}
	}
}

type lastUses struct {
	p       *Pool
	lists   [3]sharedList
	outcome []atomic.Int32 // as sharedList.close counts: all in one, 2 for each that ran

	added, refused, canceled atomic.Int64
}

func (x *lastUses) work(k int) {
	o := newOwner(x.p)
	defer o.Close()
	for ; x.p.Retired() < 64; k++ {
		s := &x.lists[k%len(x.lists)]
		life := s.word.Load() &^ (1<<LifeShift - 1)
		ticket, err := o.Add(&s.word, life, 7, 0)
		if err == ErrExhausted {
			o.Close() // what we keep another may need
			s.close(o, life, x.outcome)
			runtime.Gosched()
		}
		if err != nil {
			if err == ErrClosed {
				x.refused.Add(1)
			}
			continue
		}
		x.added.Add(1)
		if k%5 == 0 {
			s.close(o, life, x.outcome)
		} else if k%2 == 0 {
			ok, left := o.Cancel(&s.word, &s.anchor, life, ticket)
			if ok {
				x.canceled.Add(1)
			}
			if left != 0 {
				s.word.Store(life + 1<<LifeShift)
			}
		}
	}
}

// TestLastGenerationKnobBites: a pool has 2^40 - 1 generations, and as many as the knob says.
func TestLastGenerationKnobBites(t *testing.T) {
	p := newPool(t, 1)
	if p.last != lastGeneration {
		t.Errorf("the last generation is %d without the knob", p.last)
	}
	for _, knob := range []bool{false, true} {
		if knob {
			p.SetLastGeneration(60)
		}
		o, l := newOwner(p), newList(1)
		n := 0
		for ; n < 50; n++ {
			x, err := l.add(o, 0)
			if err != nil {
				break
			}
			l.cancel(o, x)
		}
		o.Close()
		if (n == 50) == knob || (p.Retired() == 1) != knob {
			t.Errorf("knob %v: %d uses, %d retired", knob, n, p.Retired())
		}
	}
}

// TestUsedUpNodesInABatch: where nodes are retired in the middle of a batch, the batch has others, or there is none of it.
func TestUsedUpNodesInABatch(t *testing.T) {
	p := newPool(t, 8)
	p.SetLastGeneration(7)
	o, l := newOwner(p), newList(1)
	x, err := l.add(o, 0) // so that nodes have used up different numbers of generations
	if err != nil || !l.cancel(o, x) {
		t.Fatal(err)
	}
	var tickets [3]Ticket
	added, ran, sum := 0, 0, uint64(0)
	for {
		args := []uint64{1, 20, 300}
		if err := o.AddMany(&l.word, l.life, 7, args, tickets[:]); err != nil {
			if err != ErrExhausted || p.Retired() < 6 {
				t.Errorf("%v, with %d retired", err, p.Retired())
			}
			break
		}
		added += 3
		order := []uint64{}
		if added%2 == 0 && !l.cancel(o, tickets[1]) {
			t.Error("not canceled")
		}
		l.close(o, 0, func(arg uint64) { ran++; sum += arg; order = append(order, arg) })
		if order[0] != 1 || order[len(order)-1] != 300 {
			t.Errorf("ran %v", order)
		}
		l.life = l.word.Load()
	}
	if batches := added / 3; added < 3*8 || ran != added-batches/2 || sum != uint64(321*batches-20*(batches/2)) {
		t.Errorf("%d were added, %d ran, their sum is %d", added, ran, sum)
	}
	o.Close()
	if n := free(p); n+int(p.Retired()) != 8 {
		t.Errorf("%d are free and %d retired, of 8", n, p.Retired())
	}
}
