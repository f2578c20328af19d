package wheel

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
)

// newOwned returns a wheel, and an Owner to use it.
func newOwned(tb testing.TB, nodes int) (*Wheel, *Owner) {
	p, err := NewPool(nodes, func(*Wheel) { tb.Error("handed over with one goroutine") })
	if err != nil {
		tb.Fatal(err)
	}
	w, o := new(Wheel), new(Owner)
	w.Init(p, 0)
	o.Init(p)
	return w, o
}

// deliver runs what is due and tells how many that was.
func deliver(w *Wheel, o *Owner) (n int) {
	for {
		if _, ok := o.Next(w); !ok {
			return n
		}
		n++
	}
}

// BenchmarkAtomicAdd is R, the unit.
func BenchmarkAtomicAdd(b *testing.B) {
	var x atomic.Uint64
	for b.Loop() {
		x.Add(1)
	}
}

func BenchmarkAdvanceNothingDue(b *testing.B) {
	for _, pending := range []int{0, 4096} {
		for _, step := range []uint64{1, 64, 4096, 1 << 20} {
			b.Run(fmt.Sprintf("pending=%d/step=%d", pending, step), func(b *testing.B) {
				w, o := newOwned(b, 8192)
				for k := range pending {
					o.Add(w, 1<<62+uint64(k)*step, 1, 0)
				}
				n := uint64(0)
				for b.Loop() {
					n += step
					if _, due := o.Advance(w, n); due {
						b.Fatal("something is due")
					}
				}
			})
		}
	}
}

func BenchmarkAddAdvanceOne(b *testing.B) {
	for _, pending := range []int{0, 4096, 65536} {
		b.Run(fmt.Sprintf("pending=%d", pending), func(b *testing.B) {
			w, o := newOwned(b, 1<<17)
			for k := range pending {
				o.Add(w, 1<<40+uint64(k)*977, 1, 0)
			}
			n, ran := uint64(0), 0
			for b.Loop() {
				n++
				o.Add(w, n, 1, n)
				if _, due := o.Advance(w, n); due {
					ran += deliver(w, o)
				}
			}
			if ran != int(n) {
				b.Fatalf("ran %d of %d", ran, n)
			}
		})
	}
}

// BenchmarkWindow has a number of points outstanding, the oldest of which is completed as one is added.
func BenchmarkWindow(b *testing.B) {
	for _, window := range []uint64{256, 65536} {
		b.Run(fmt.Sprintf("window=%d", window), func(b *testing.B) {
			w, o := newOwned(b, 1<<17)
			n, ran := uint64(0), 0
			for n < window {
				n++
				o.Add(w, n, 1, n)
			}
			for b.Loop() {
				n++
				o.Add(w, n, 1, n)
				if _, due := o.Advance(w, n-window); due {
					ran += deliver(w, o)
				}
			}
			if ran != int(n-window) {
				b.Fatalf("ran %d of %d", ran, n-window)
			}
		})
	}
}

func BenchmarkBatch(b *testing.B) {
	for _, batch := range []uint64{64, 4096} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			w, o := newOwned(b, 1<<17)
			n, ran := uint64(0), 0
			for b.Loop() {
				n++
				o.Add(w, n, 1, n)
				if n%batch == 0 {
					o.Advance(w, n)
					ran += deliver(w, o)
				}
			}
			if ran != int(n/batch*batch) {
				b.Fatalf("ran %d of %d", ran, n)
			}
		})
	}
}

func BenchmarkAddCancel(b *testing.B) {
	for _, pending := range []int{0, 65536} {
		b.Run(fmt.Sprintf("pending=%d", pending), func(b *testing.B) {
			w, o := newOwned(b, 1<<18)
			for k := range pending {
				o.Add(w, 1<<40+uint64(k)*977, 1, 0)
			}
			n := uint64(0)
			for b.Loop() {
				n++
				t, err := o.Add(w, 1000+n%1024, 1, n)
				if err != nil || !o.Cancel(w, t) {
					b.Fatal("not canceled", err)
				}
			}
		})
	}
}

// BenchmarkJump passes random points at once: one op is one point, added and delivered; release-ns is the second part.
func BenchmarkJump(b *testing.B) {
	for _, points := range []int{64, 4096, 65536} {
		b.Run(fmt.Sprintf("points=%d", points), func(b *testing.B) {
			w, o := newOwned(b, 1<<17)
			random := rand.New(rand.NewPCG(1, 2))
			base := uint64(0)
			for i := 0; i < b.N; i += points {
				b.StopTimer()
				for range points {
					o.Add(w, base+1+random.Uint64N(uint64(points)*16), 1, 0)
				}
				b.StartTimer()
				base += uint64(points) * 16
				if _, due := o.Advance(w, base); !due || deliver(w, o) != points {
					b.Fatal("not all were delivered")
				}
			}
		})
	}
}
