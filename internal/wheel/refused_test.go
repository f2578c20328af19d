package wheel

import (
	"errors"
	"testing"
)

// TestRefusedBatches: what cannot be added as a whole leaves nothing behind.
func TestRefusedBatches(t *testing.T) {
	w, o := newOwned(t, 4)
	for _, c := range []struct {
		points  []uint64
		handler uint32
		args    int
		want    error
	}{
		{[]uint64{5}, MaxHandler + 1, 1, ErrRange},
		{[]uint64{MaxPoint + 1}, 1, 1, ErrRange},
		{[]uint64{5, 6}, 1, 3, ErrRange},
		{[]uint64{5}, 1, 5, ErrExhausted},
		{[]uint64{0}, 1, 1, ErrSignaled},
	} {
		if err := o.AddMany(w, c.points, c.handler, make([]uint64, c.args), nil); !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", c.points, err, c.want)
		}
	}
	mustAdd(t, w, o, 9, 1)
	if err := o.AddMany(w, []uint64{5}, 1, make([]uint64, 4), nil); !errors.Is(err, ErrExhausted) {
		t.Errorf("four more: %v", err)
	}
	if signaled, _ := w.Status(9); signaled {
		t.Error("point 9 is signaled")
	}
	if err := o.AddMany(w, []uint64{5}, 1, make([]uint64, 3), nil); err != nil {
		t.Errorf("three more: %v", err)
	}
	if n := len(advanced(w, o, 9)); n != 4 {
		t.Errorf("%d ran", n)
	}
}
