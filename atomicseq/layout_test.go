package atomicseq

import (
	"testing"
	"unsafe"

	"github.com/fencert/fencert/internal/pad"
)

func TestLayout(t *testing.T) {
	for name, size := range map[string]uintptr{
		"Counter": unsafe.Sizeof(Counter{}), "IDs": unsafe.Sizeof(IDs{}), "Value": unsafe.Sizeof(Value{}),
	} {
		if size != 8 {
			t.Errorf("%s has %d bytes, its documentation says 8", name, size)
		}
	}
	var v PaddedValue
	if before := unsafe.Offsetof(v.Value); before < pad.Size {
		t.Errorf("%d bytes before the value", before)
	}
	if after := unsafe.Sizeof(v) - unsafe.Offsetof(v.Value) - unsafe.Sizeof(v.Value); after < pad.Size {
		t.Errorf("%d bytes after the value", after)
	}
}

func TestNothingAllocates(t *testing.T) {
	var c, owned Counter
	var v Value
	var n uint64
	for name, f := range map[string]func(){
		"Next":      func() { n, _ = c.Next() },
		"NextN":     func() { n, _ = c.NextN(8) },
		"NextOwned": func() { n, _ = owned.NextOwned() },
		"Last":      func() { n = c.Last() },
		"Advance":   func() { n++; v.Advance(n) },
		"failing":   func() { v.Advance(Max + 1) },
	} {
		if a := testing.AllocsPerRun(100, f); a != 0 {
			t.Errorf("%s allocates %v times", name, a)
		}
	}
}
