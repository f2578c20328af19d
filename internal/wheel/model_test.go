package wheel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A model is a sorted slice of what waits.
type model struct {
	value   uint64
	closed  bool
	waiting []modelled
}

type modelled struct {
	point  uint64
	arg    uint64
	ticket Ticket
}

func (m *model) advance(n uint64) (due []modelled) {
	k := 0
	for k < len(m.waiting) && (m.closed || m.waiting[k].point <= n) {
		k++
	}
	due, m.waiting = slices.Clone(m.waiting[:k]), m.waiting[k:]
	return due
}

func (m *model) add(x modelled) {
	k, _ := slices.BinarySearchFunc(m.waiting, x, func(a, b modelled) int {
		if a.point <= b.point {
			return -1
		}
		return 1
	})
	m.waiting = slices.Insert(m.waiting, k, x)
}

// TestModel runs random programs against the model: dense and sparse points, small and huge.
// TestRound: rounded points keep their highest 35 bits and lose the others, without a jump where an exponent ends.
func TestRound(t *testing.T) {
	for k := mantissa - 2; k < 64; k++ {
		step := uint64(1) << max(k-mantissa+1, 0)
		lowest := uint64(1) << k
		for _, s := range []uint64{lowest, lowest + 12345*step, lowest + (lowest - step)} {
			if round(s) != round(s+step-1) {
				t.Errorf("%x rounds to %x, %x to %x", s, round(s), s+step-1, round(s+step-1))
			}
			if next := s + step; next > s && round(next) != round(s)+1 {
				t.Errorf("%x rounds to %x, the next one, %x, to %x", s, round(s), next, round(next))
			}
		}
	}
}

func TestModel(t *testing.T) {
	programs := 3000
	if testing.Short() {
		programs = 300
	}
	for seed := range uint64(programs) {
		runProgram(t, rand.New(rand.NewPCG(seed, 7)))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func runProgram(t *testing.T, r *rand.Rand) {
	p, _ := NewPool(300, func(*Wheel) { t.Error("handed over with one goroutine") })
	if r.IntN(2) == 0 {
		p.SweepOften()
	}
	m := model{value: r.Uint64() >> (1 + r.UintN(63))}
	var w Wheel
	var o Owner
	w.Init(p, m.value)
	o.Init(p)
	span := uint64(1) << r.UintN(40)
	arg := uint64(0)
	for range 200 {
		near := min(m.value+r.Uint64N(span)+r.Uint64N(2), MaxPoint)
		switch r.UintN(8) {
		case 0, 1, 2, 3:
			if r.UintN(10) == 0 {
				near = m.value + r.Uint64N(MaxPoint-m.value+1)
			}
			arg++
			x, err := o.Add(&w, near, 1, arg)
			if (err == nil) != (near > m.value && !m.closed) && err != ErrExhausted {
				t.Errorf("add %d at %d: %v", near, m.value, err)
			}
			if err == nil {
				m.add(modelled{near, arg, x})
			}
		case 4, 5:
			if k := len(m.waiting); k > 0 {
				k = r.IntN(k)
				if !o.Cancel(&w, m.waiting[k].ticket) {
					t.Errorf("not canceled")
				}
				m.waiting = slices.Delete(m.waiting, k, k+1)
			}
		case 6:
			if m.closed {
				near = m.value
			}
			moved, due := o.Advance(&w, near)
			if moved != (near > m.value) {
				t.Errorf("advance %d to %d: %v", m.value, near, moved)
			}
			m.value = max(m.value, near)
			compare(t, &w, &o, due, m.advance(near))
		default:
			if r.UintN(40) == 0 {
				_, due := o.CloseWheel(&w, 1)
				m.closed = true
				compare(t, &w, &o, due, m.advance(0))
			} else if point, ok, _ := o.Oldest(&w); ok != (len(m.waiting) > 0) || ok && point != m.waiting[0].point {
				t.Errorf("oldest %d, %v", point, ok)
			}
		}
	}
	if n := o.Pending(&w); n < len(m.waiting) || n > 300 {
		t.Errorf("%d pending of %d", n, len(m.waiting))
	}
	_, due := o.CloseWheel(&w, 1)
	m.closed = true
	compare(t, &w, &o, due, m.advance(0))
	free := o.Stock()
	for buffer := make([]uint32, 300); ; {
		n := p.depot.Take(buffer)
		if n == 0 {
			break
		}
		free += n
	}
	if free != 300 {
		t.Errorf("%d of 300 nodes are free", free)
	}
}

// compare looks that what is delivered is what the model has, whatever the order on one point.
func compare(t *testing.T, w *Wheel, o *Owner, due bool, want []modelled) {
	t.Helper()
	last, left := uint64(0), map[uint64]uint64{}
	for _, x := range want {
		left[x.arg] = x.point
	}
	for due {
		c, ok := o.Next(w)
		if !ok {
			break
		}
		if left[c.Arg] != c.Point || c.Point < last || c.Handler != 1 {
			t.Errorf("delivered %+v after %d", c, last)
		}
		last = c.Point
		delete(left, c.Arg)
	}
	if len(left) > 0 {
		t.Errorf("not delivered: %v", left)
	}
}

// FuzzPlace checks what the order of delivery rests on: buckets are ordered as their points are, and base may move up to
// the first bucket without moving anybody.
func FuzzPlace(f *testing.F) {
	for _, s := range []uint64{0, 1, 63, 64, 4095, 4096, 1 << 62, MaxPoint, MaxPoint | closed} {
		f.Add(s, s+1, uint64(0), uint64(1))
		f.Add(uint64(MaxPoint), s, s/2, s/3)
	}
	f.Fuzz(func(t *testing.T, a, b, base, to uint64) {
		a, b = max(a, base), max(b, base)
		if a > b {
			a, b = b, a
		}
		la, da := place(a, base)
		lb, db := place(b, base)
		if la >= levels || da >= fanOut || la > lb || la == lb && da > db {
			t.Fatalf("%x at %d, %d; %x at %d, %d; base %x", a, la, da, b, lb, db, base)
		}
		sa := start(base, la, da)
		if sa > a || la == 0 && sa != a || start(base, lb, db) < sa {
			t.Fatalf("%x lies in a bucket that begins at %x", a, sa)
		}
		if la == lb && da == db && la > 0 { // taking the bucket spreads it
			if l, _ := place(a, max(sa, base)); l >= la {
				t.Fatalf("%x stays at level %d", a, l)
			}
		}
		if to >= base && to < sa {
			if l, d := place(a, to); l != la || d != da {
				t.Fatalf("base %x to %x moves %x from %d, %d to %d, %d", base, to, a, la, da, l, d)
			}
		}
		if round(a) > round(b) || round(a) >= nothing || a < 1<<mantissa && round(a) != a {
			t.Fatalf("%x rounds to %x, %x to %x", a, round(a), b, round(b))
		}
	})
}
