package fencert

import (
	"testing"
	"unsafe"
)

func TestWholePages(t *testing.T) {
	memory := make([]byte, 4*hugePage+100)
	skip := int(-uintptr(unsafe.Pointer(&memory[0])) % hugePage)
	for _, c := range []struct{ from, to, want int }{
		{0, 0, 0},
		{skip, skip + hugePage - 1, 0},
		{skip, skip + hugePage, hugePage},
		{skip + 1, skip + 2*hugePage, hugePage},
		{skip + 1, skip + 2*hugePage - 1, 0},
		{skip, skip + 3*hugePage, 3 * hugePage},
	} {
		part := wholePages(memory[c.from:c.to])
		if len(part) != c.want {
			t.Errorf("%d bytes of [%d:%d] are whole pages, want %d", len(part), c.from-skip, c.to-skip, c.want)
		}
		if len(part) > 0 && uintptr(unsafe.Pointer(&part[0]))%hugePage != 0 {
			t.Error("not on the border of a page")
		}
	}
	if len(bytesOf([]uint64(nil))) != 0 || len(bytesOf(make([]uint64, 3))) != 24 {
		t.Error("bytesOf")
	}
}

// TestHugePagesWork: with and without, on any system, it is the same runtime.
func TestHugePagesWork(t *testing.T) {
	config := Config{Fences: 1 << 18, HugePages: true}
	if testing.Short() {
		config.Fences = 1 << 16
	}
	x := newFixture(t, config)
	for range 1000 {
		i := x.arm()
		x.add(i.Fence(), 1)
		x.want("Finish", x.l.Finish(i, nil), nil)
	}
	if len(x.ran) != 1000 {
		t.Errorf("%d callbacks ran", len(x.ran))
	}
}
