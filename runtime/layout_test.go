package fencert

import (
	"testing"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

func TestLayout(t *testing.T) {
	word := unsafe.Sizeof(uintptr(0))
	for _, c := range []struct {
		name      string
		got, want uintptr
	}{
		{"slot", unsafe.Sizeof(slot{}), 32},
		{"Ref", unsafe.Sizeof(Ref(0)), 8},
		{"Fence", unsafe.Sizeof(Fence{}), 8 + word},
		{"Issuer", unsafe.Sizeof(Issuer{}), 8 + word + unsafe.Sizeof(debugIssuer{})},
		{"Reservation", unsafe.Sizeof(Reservation{}), 8 + unsafe.Sizeof(uintptr(0))},
	} {
		if c.got != c.want && (word == 8 || c.got > 16) {
			t.Errorf("%s has %d bytes, want %d", c.name, c.got, c.want)
		}
	}
	var l Local
	if o := unsafe.Offsetof(l.runtime); o < pad.Size {
		t.Errorf("Local's fields begin %d bytes after its neighbour", o)
	}
	if o := unsafe.Offsetof(l.depth) - unsafe.Offsetof(l.runtime); o > pad.Size {
		t.Errorf("what every call of a Local looks at takes %d bytes", o)
	}
	if end := unsafe.Sizeof(l) - unsafe.Offsetof(l.participant); end < pad.Size {
		t.Errorf("Local's last field lies %d bytes before its neighbour", end)
	}
	var w waiter
	if o, n := unsafe.Offsetof(w.few)+unsafe.Sizeof(w.few[0]), unsafe.Sizeof(w); o > pad.Size || word == 8 && (o != 64 || n%64 != 0) {
		t.Errorf("what a signaler touches of a waiter takes %d bytes, of %d", o, n)
	}
	// What word32 and word64 rely on, in explore builds too.
	if n, m := unsafe.Sizeof(atomicx.Uint32{}), unsafe.Sizeof(atomicx.Uint64{}); n != 4 || m != 8 {
		t.Errorf("atomics of 32 and 64 bits have %d and %d bytes", n, m)
	}
	var window CommitWindow
	if gap, end := unsafe.Offsetof(window.issued)-unsafe.Offsetof(window.size), unsafe.Sizeof(window)-unsafe.Offsetof(window.issued); gap < pad.Size || end < pad.Size {
		t.Errorf("issued lies %d bytes behind what is only read, %d before the end", gap, end)
	}
	var rt Runtime
	if gap := unsafe.Offsetof(rt.results) - unsafe.Offsetof(rt.closed); gap < pad.Size {
		t.Errorf("%d bytes between what is read always and what is written", gap)
	}
	if size := unsafe.Sizeof(stripe{}); size < pad.Size {
		t.Errorf("stripes lie %d bytes apart", size)
	}
}

// TestSlotsStandApart: slot 1 doesn't share a line with what the allocator keeps in front of the array.
func TestSlotsStandApart(t *testing.T) {
	before := slotsBefore * unsafe.Sizeof(slot{})
	if before < pad.Size {
		t.Errorf("%d bytes in front", before)
	}
	if n := len(newSlots(10)); n != 11 {
		t.Errorf("%d slots, want 1 to 10 to be indices", n)
	}
}
