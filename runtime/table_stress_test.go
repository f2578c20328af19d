package fencert

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// A userRecord is user data that shows when it is used after its drop: both fields say the same until then.
type userRecord struct{ id, same uint64 }

// TestStressUserData: workers arm fences with data, show them to each other, read pinned, end lives in every way, and open
// and close contexts meanwhile. Each life's data is dropped once, never under a reader's eyes; the race detector sees the
// edge from the reader to the drop. No slot is lost.
func TestStressUserData(t *testing.T) {
	for _, perCPU := range []int{1, 2, 4, 8} {
		workers := perCPU * runtime.GOMAXPROCS(0)
		t.Run(fmt.Sprint("goroutines=", workers), func(t *testing.T) { stressUserData(t, workers, scaled(120_000)/workers) })
	}
}

type dataStress struct {
	*fixture
	table *Table[userRecord]
	drops []atomic.Int32 // by id
	next  atomic.Uint64
	board [16]atomic.Uint64 // Refs, some of them stale
	line  atomic.Pointer[FenceContext]

	read, exhausted, late atomic.Int64
}

func stressUserData(t *testing.T, workers, steps int) {
	x := &dataStress{fixture: newFixture(t, Config{Fences: 2048, Readers: 64}), drops: make([]atomic.Int32, workers*steps+1)}
	x.table = NewTable(x.rt, func(r *userRecord) {
		if r.id != r.same {
			t.Errorf("the data of %d is %d at its drop", r.id, r.same)
		}
		x.drops[r.id].Add(1)
		r.same = ^uint64(0)
	})
	x.open()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			l := x.rt.Local()
			defer l.Close()
			r := rand.New(rand.NewPCG(uint64(w), 2))
			var mine []Issuer
			c := x.line.Load()
			for range steps {
				switch k := r.IntN(8); {
				case k < 2:
					mine = x.armOne(l, c, mine)
				case k < 5:
					x.readOne(l, r)
				case len(mine) > 0:
					x.endOne(l, r, mine[0])
					mine = mine[1:]
				}
				if r.IntN(50) == 0 {
					c = x.line.Load() // which others close meanwhile
				}
				if r.IntN(1000) == 0 {
					_, err := x.open().Close(errno(9))
					x.want("Close", err, nil)
				}
			}
			for _, i := range mine {
				x.endOne(l, r, i)
			}
		})
	}
	wg.Wait()
	_, err := x.line.Load().Close(nil)
	x.want("Close", err, nil)
	for range graceTries {
		x.rt.Collect()
	}
	for id := range x.next.Load() {
		if n := x.drops[id+1].Load(); n != 1 {
			t.Fatalf("the data of %d was dropped %d times", id+1, n)
		}
	}
	t.Logf("%d lives, %d reads, %d times exhausted, %d closed contexts met",
		x.next.Load(), x.read.Load(), x.exhausted.Load(), x.late.Load())
	if x.next.Load() == 0 || x.read.Load() == 0 {
		t.Error("nothing was armed, or read")
	}
	if n := x.rt.contexts.Size(); n != 1 {
		t.Errorf("%d contexts are left", n)
	}
}

// open opens a context and returns the one before.
func (x *dataStress) open() *FenceContext {
	return x.line.Swap(must(x.rt.NewFenceContext("driver", "line", UserData(x.table))))
}

func (x *dataStress) armOne(l *Local, c *FenceContext, mine []Issuer) []Issuer {
	i, err := l.NewFence(c)
	switch err {
	case nil:
	case ErrContextClosed:
		x.late.Add(1)
		return mine
	default:
		x.want("NewFence", err, ErrExhausted)
		x.exhausted.Add(1)
		runtime.Gosched()
		return mine
	}
	id := x.next.Add(1)
	p := x.table.At(i)
	if *p != (userRecord{}) {
		x.Errorf("an entry begins as %v", *p)
	}
	*p = userRecord{id, id}
	x.board[id%uint64(len(x.board))].Store(uint64(i.Fence().Ref()))
	return append(mine, i)
}

func (x *dataStress) readOne(l *Local, r *rand.Rand) {
	x.want("Pin", l.Pin(), nil)
	defer l.Unpin()
	f := x.rt.Fence(Ref(x.board[r.IntN(len(x.board))].Load()))
	p, ok := x.table.Get(l, f)
	if !ok {
		return
	}
	x.read.Add(1)
	id := p.id
	for range r.IntN(3) {
		runtime.Gosched()
	}
	if p.id != id || p.same != id {
		x.Errorf("a pinned reader's data of %d has become %v", id, *p)
	}
}

func (x *dataStress) endOne(l *Local, r *rand.Rand, i Issuer) {
	var h Hold
	held := r.IntN(4) == 0
	if held {
		h = must(l.Hold(i.Fence()))
	}
	var err error
	if r.IntN(2) == 0 {
		err = l.Finish(i, nil)
	} else {
		err = l.Drop(i)
	}
	if err == ErrSignaled { // Close of the context was first
		err = l.Drop(i)
	}
	x.want("the end", err, nil)
	if held {
		x.want("Release", l.Release(h), nil)
	}
}
