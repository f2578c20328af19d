package atomicseq

import (
	"errors"
	"testing"
)

func TestValue(t *testing.T) {
	var v Value
	for _, s := range []struct {
		n, old, after uint64
		moved         bool
	}{
		{0, 0, 0, false}, {5, 0, 5, true}, {5, 5, 5, false}, {3, 5, 5, false},
		{6, 5, 6, true}, {1 << 40, 6, 1 << 40, true}, {Max, 1 << 40, Max, true}, {Max, Max, Max, false},
	} {
		old, moved, err := v.Advance(s.n)
		if old != s.old || moved != s.moved || err != nil || v.Load() != s.after {
			t.Errorf("Advance(%d) = %d, %v, %v, then %d; want %d, %v, then %d",
				s.n, old, moved, err, v.Load(), s.old, s.moved, s.after)
		}
		if !v.Reached(s.n) || !v.Reached(s.after) || v.Reached(s.after+1) {
			t.Errorf("Reached is wrong about %d", s.after)
		}
	}
}

func TestZeroValueHasReachedZeroOnly(t *testing.T) {
	var v Value
	if !v.Reached(0) || v.Reached(1) || v.Load() != 0 {
		t.Errorf("%v %v %d", v.Reached(0), v.Reached(1), v.Load())
	}
}

func TestAdvanceBeyondMax(t *testing.T) {
	var v Value
	v.Advance(7)
	for _, n := range []uint64{Max + 1, ^uint64(0)} {
		if old, moved, err := v.Advance(n); old != 7 || moved || !errors.Is(err, ErrRange) {
			t.Errorf("Advance(%#x) = %d, %v, %v", n, old, moved, err)
		}
		if v.Load() != 7 {
			t.Errorf("Advance(%#x) left %d", n, v.Load())
		}
	}
}

func TestPaddedValueIsAValue(t *testing.T) {
	var v PaddedValue
	if _, moved, _ := v.Advance(2); !moved || !v.Reached(2) || v.Load() != 2 {
		t.Errorf("%d", v.Load())
	}
}
