package depot

import (
	"runtime"
	"sync"
	"testing"
)

func TestTakesEachIndexOnce(t *testing.T) {
	d := New(100)
	seen := map[uint32]bool{}
	buf := make([]uint32, 7)
	for n := d.Take(buf); n > 0; n = d.Take(buf) {
		for _, i := range buf[:n] {
			if i < 1 || i > 100 || seen[i] {
				t.Fatalf("index %d, seen %v", i, seen[i])
			}
			seen[i] = true
		}
	}
	if len(seen) != 100 || d.Touched() != 100 {
		t.Fatalf("%d indices, touched %d", len(seen), d.Touched())
	}
}

func TestPutThenTakeInStackOrder(t *testing.T) {
	d := New(10)
	buf := make([]uint32, 6)
	d.Take(buf)
	d.Put([]uint32{3, 1})
	d.Put([]uint32{5})
	d.Put(nil)
	got := make([]uint32, 4)
	if n := d.Take(got); n != 3 || got[0] != 5 || got[1] != 3 || got[2] != 1 {
		t.Fatalf("%d %v", n, got)
	}
	if n := d.Take(got); n != 4 || got[0] != 7 {
		t.Fatalf("after the used ones come fresh ones: %d %v", n, got)
	}
	if n := d.Take(got); n != 0 {
		t.Fatalf("an empty depot gave %d", n)
	}
}

func TestShut(t *testing.T) {
	d := New(10)
	buf := make([]uint32, 4)
	d.Take(buf)
	d.Put(buf[:2])
	if n := d.Shut(); n != 4 {
		t.Errorf("touched %d", n)
	}
	if n := d.Take(buf); n != 0 {
		t.Errorf("%d indices after Shut", n)
	}
	d.Put([]uint32{3})
	if n := d.Take(buf); n != 1 || buf[0] != 3 {
		t.Errorf("%d indices after Put", n)
	}
}

func TestGrow(t *testing.T) {
	d := NewGrowable(3, 10)
	buf := make([]uint32, 20)
	if n := d.Take(buf); n != 3 {
		t.Fatalf("%d of 3 indices", n)
	}
	if d.Grow(11) || d.Limit() != 3 || d.Most() != 10 {
		t.Errorf("grown beyond the end: %d of %d", d.Limit(), d.Most())
	}
	if !d.Grow(7) || !d.Grow(5) || d.Limit() != 7 {
		t.Errorf("limit %d, want 7", d.Limit())
	}
	if n := d.Take(buf); n != 4 || buf[0] != 4 || buf[3] != 7 {
		t.Errorf("%d more indices, %v", n, buf[:n])
	}
	if n := d.Shut(); n != 7 || d.Touched() != 7 {
		t.Errorf("Shut: %d, touched %d", n, d.Touched())
	}
	if !d.Grow(10) || d.Take(buf) != 0 {
		t.Error("growing opens it again")
	}
	if n := d.Shut(); n != 7 {
		t.Errorf("Shut again: %d", n)
	}
}

func TestTooManyIndicesPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	New(MaxIndex + 1)
}

func TestStressEachIndexHasOneOwner(t *testing.T) {
	rounds := 20000
	if testing.Short() {
		rounds = 2000
	}
	for _, workers := range []int{1, 2, 4, 8} {
		workers *= runtime.GOMAXPROCS(0)
		d := New(64)
		owner := make([]int32, 65) // plain on purpose: the race detector sees two owners
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				buf := make([]uint32, 1+w%5)
				for range rounds {
					n := d.Take(buf)
					for _, i := range buf[:n] {
						owner[i]++
						if owner[i] != 1 {
							t.Errorf("index %d has %d owners", i, owner[i])
						}
					}
					for _, i := range buf[:n] {
						owner[i]--
					}
					d.Put(buf[:n])
				}
			})
		}
		wg.Wait()
		all := make([]uint32, 65)
		if n := d.Take(all); n != int(d.Touched()) {
			// carve follows only when the stack is empty: count both.
			n += d.Take(all[n:])
			if n != 64 {
				t.Errorf("%d of 64 indices are left", n)
			}
		}
	}
}
