package epoch

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/fencert/fencert/internal/pad"
)

// TestLayout: what one participant writes at each Pin, and what all read at each Pin,
// lies at least a padding apart from everything else that is written.
func TestLayout(t *testing.T) {
	var s slot
	var d Domain
	var p Participant
	for _, c := range []struct {
		name string
		gap  uintptr
	}{
		{"before slot.word", unsafe.Offsetof(s.word)},
		{"behind slot.word", unsafe.Offsetof(s.state) - unsafe.Offsetof(s.word) - unsafe.Sizeof(s.word)},
		{"from slot.tail to the next slot.word", unsafe.Sizeof(s) - unsafe.Offsetof(s.ring) + unsafe.Offsetof(s.word)},
		{"before Domain.global", unsafe.Offsetof(d.global) - unsafe.Offsetof(d.grace) - unsafe.Sizeof(d.grace)},
		{"behind Domain.global", unsafe.Offsetof(d.used) - unsafe.Offsetof(d.global) - unsafe.Sizeof(d.global)},
		{"behind Domain.panics", unsafe.Sizeof(d) - unsafe.Offsetof(d.panics) - unsafe.Sizeof(d.panics)},
		{"before Participant.d", unsafe.Offsetof(p.d)},
		{"behind Participant", unsafe.Sizeof(p) - unsafe.Offsetof(p.collecting) - unsafe.Sizeof(p.collecting)},
	} {
		if c.gap < pad.Size {
			t.Errorf("%s: %d bytes, want at least %d", c.name, c.gap, pad.Size)
		}
	}
	// The documentation of Config promises these.
	if n := unsafe.Sizeof(s); n > 320 {
		t.Errorf("a slot has %d bytes", n)
	}
	if n := unsafe.Sizeof(entry{}); n > 24 {
		t.Errorf("an entry has %d bytes", n)
	}
}

// TestEntryHasNoPointers, so that the garbage collector never scans a ring.
func TestEntryHasNoPointers(t *testing.T) {
	for f := range reflect.TypeFor[entry]().Fields() {
		switch f.Type.Kind() {
		case reflect.Uint32, reflect.Uint64:
		default:
			t.Errorf("%s is a %v", f.Name, f.Type)
		}
	}
}
