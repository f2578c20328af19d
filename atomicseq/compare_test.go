package atomicseq

import (
	"math"
	"testing"
)

func TestLater32(t *testing.T) {
	for _, c := range []struct {
		a, b uint32
		want bool
	}{
		{0, 0, false}, {1, 0, true}, {0, 1, false},
		{1, 0xffffffff, true}, {0xffffffff, 1, false}, {0, 0xffffffff, true},
		{0x7fffffff, 0, true}, {0, 0x7fffffff, false},
		{0x80000000, 0, false}, {0, 0x80000000, false}, // 2^31 apart: neither
		{0x80000001, 0, false}, {0, 0x80000001, true},
		{0x90000000, 0x10000000, false}, {0x10000000, 0x90000000, false},
	} {
		if got := Later32(c.a, c.b); got != c.want {
			t.Errorf("Later32(%#x, %#x) = %v", c.a, c.b, got)
		}
	}
}

func TestLater(t *testing.T) {
	for _, c := range []struct {
		a, b uint64
		want bool
	}{
		{0, 0, false}, {1, 0, true}, {0, 1, false}, {Max, 0, true}, {0, Max, false},
		{Max, Max - 1, true}, {1 << 32, 1<<32 - 1, true}, {Max, Max, false},
	} {
		if got := Later(c.a, c.b); got != c.want {
			t.Errorf("Later(%#x, %#x) = %v", c.a, c.b, got)
		}
	}
}

func TestExtend32(t *testing.T) {
	for _, c := range []struct {
		reference uint64
		low       uint32
		want      uint64
	}{
		{0, 0, 0}, {0, 1, 1}, {1 << 32, 0, 1 << 32}, {1 << 32, 0xffffffff, 1<<32 - 1},
		{1<<32 - 1, 1, 1<<32 + 1}, {5<<32 + 7, 3, 5<<32 + 3},
		{5 << 32, 0x80000000, 4<<32 + 0x80000000}, // 2^31 apart: the one below
		{5 << 32, 0x7fffffff, 5<<32 + 0x7fffffff}, // just above
		{5<<32 + 0x80000000, 0, 5 << 32},          // 2^31 apart again
		{0, 0x80000000, 0x80000000},               // nothing below zero
		{0, 0xffffffff, 0xffffffff},               // not -1
		{3, 0xfffffff0, 0xfffffff0},               //
		{Max, 0, Max - 0xffffffff},                // nothing above Max
		{Max, 0xffffffff, Max}, {Max, 0x7fffffff, Max - 0x80000000}, {Max - 1, 0xffffffff, Max},
	} {
		if got := Extend32(c.reference, c.low); got != c.want {
			t.Errorf("Extend32(%#x, %#x) = %#x, want %#x", c.reference, c.low, got, c.want)
		}
	}
}

// nearest is Extend32 by looking at the candidates of three laps.
func nearest(reference uint64, low uint32) uint64 {
	best, bestDistance := uint64(0), uint64(math.MaxUint64)
	lap := int64(reference >> 32)
	for _, l := range []int64{lap - 1, lap, lap + 1} { // the lower one wins a tie
		if l < 0 || l > Max>>32 {
			continue
		}
		n := uint64(l)<<32 | uint64(low)
		distance := max(n, reference) - min(n, reference)
		if distance < bestDistance {
			best, bestDistance = n, distance
		}
	}
	return best
}

func FuzzLater32(f *testing.F) {
	f.Add(uint32(1), uint32(0xffffffff))
	f.Add(uint32(0), uint32(1<<31))
	f.Fuzz(func(t *testing.T, a, b uint32) {
		ab, ba := Later32(a, b), Later32(b, a)
		if ab && ba {
			t.Fatalf("%#x and %#x are each later than the other", a, b)
		}
		// The steps from b up to a, counted in wider numbers.
		up := (uint64(a) + 1<<32 - uint64(b)) % (1 << 32)
		if want := up > 0 && up < 1<<31; ab != want {
			t.Fatalf("Later32(%#x, %#x) = %v, a is %d steps up", a, b, ab, up)
		}
		if ab == ba && a != b && up != 1<<31 {
			t.Fatalf("%#x and %#x: neither is later", a, b)
		}
	})
}

func FuzzLater(f *testing.F) {
	f.Add(uint64(0), uint64(Max))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		a, b = a&Max, b&Max
		if want := int64(a)-int64(b) > 0; Later(a, b) != want { // 63 bits: no overflow
			t.Fatalf("Later(%#x, %#x) = %v", a, b, !want)
		}
	})
}

func FuzzExtend32(f *testing.F) {
	f.Add(uint64(0), uint32(1<<31))
	f.Add(uint64(Max), uint32(0))
	f.Add(uint64(5<<32), uint32(1<<31))
	f.Fuzz(func(t *testing.T, reference uint64, low uint32) {
		reference &= Max
		got := Extend32(reference, low)
		if got != nearest(reference, low) {
			t.Fatalf("Extend32(%#x, %#x) = %#x, want %#x", reference, low, got, nearest(reference, low))
		}
		if Later32(low, uint32(reference)) && got < reference && reference <= Max-1<<31 {
			t.Fatalf("Extend32(%#x, %#x) = %#x goes back to a later number", reference, low, got)
		}
	})
}
