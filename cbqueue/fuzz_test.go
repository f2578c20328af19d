package cbqueue

import (
	"errors"
	"testing"
)

// FuzzCancel cancels by any number as a Ticket. Only the one of a pending callback is accepted, once.
func FuzzCancel(f *testing.F) {
	f.Add(uint64(0))
	f.Fuzz(func(t *testing.T, number uint64) {
		p := newPool(t, 4)
		o, l := newOwner(p), newList(1)
		older, _ := l.add(o, 1)
		over, _ := l.add(o, 2)
		newest, _ := l.add(o, 3)
		if !l.cancel(o, over) {
			t.Fatal("not canceled")
		}
		x := Ticket(number)
		if p.Undecided(x) {
			t.Errorf("%#x is undecided", number)
		}
		want := x == older || x == newest
		if l.cancel(o, x) != want || l.cancel(o, x) {
			t.Errorf("%#x; the tickets are %#x, %#x", number, uint64(older), uint64(newest))
		}
		ran := 0
		l.close(o, 0, func(uint64) { ran++ })
		if want && ran != 1 || !want && ran != 2 {
			t.Errorf("%d ran", ran)
		}
		o.Close()
		if n := free(p); n != 4 {
			t.Errorf("%d of 4 nodes are free", n)
		}
	})
}

// FuzzReserve: any number of nodes may be asked for, and any size of pool.
func FuzzReserve(f *testing.F) {
	f.Add(1, 1)
	f.Fuzz(func(t *testing.T, size, n int) {
		if size > 1<<12 && size <= MaxNodes {
			return // it would be made, and costs memory
		}
		p, err := NewPool(size)
		if (err == nil) != (size >= 1 && size <= MaxNodes) || err != nil && !errors.Is(err, ErrSize) {
			t.Fatalf("NewPool(%d): %v", size, err)
		}
		if err != nil {
			return
		}
		o := newOwner(p)
		if err := o.Reserve(n); (err == nil) != (n >= 0 && n <= size) || err != nil && !errors.Is(err, ErrExhausted) {
			t.Errorf("Reserve(%d) of %d: %v", n, size, err)
		}
		o.Close()
		if got := free(p); got != size {
			t.Errorf("%d of %d nodes are free", got, size)
		}
	})
}
