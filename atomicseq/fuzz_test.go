package atomicseq

import (
	"errors"
	"testing"
)

// FuzzCounter: blocks of any size from any start lie within range, follow each other, and stop at the end.
func FuzzCounter(f *testing.F) {
	f.Add(uint64(1), uint64(1), uint64(1))
	f.Fuzz(func(t *testing.T, start, first, second uint64) {
		var c Counter
		err := c.StartAt(start)
		if (err == nil) != (start >= 1 && start <= Max) || err != nil && !errors.Is(err, ErrRange) {
			t.Fatalf("StartAt(%d): %v", start, err)
		}
		if err != nil {
			start = 1
		}
		last, ended := start-1, false
		for _, n := range []uint64{first, second, 1} {
			got, err := c.NextN(n)
			fits := n >= 1 && n <= MaxBlock
			switch {
			case fits && !ended && n <= Max-last:
				if err != nil || got != last+1 {
					t.Errorf("NextN(%d) after %d: %d, %v", n, last, got, err)
				}
				last += n
			default:
				if got != 0 || !errors.Is(err, ErrRange) {
					t.Errorf("NextN(%d) after %d, ended %v: %d, %v", n, last, ended, got, err)
				}
				if fits {
					last, ended = Max, true
				}
			}
			if c.Last() != last {
				t.Errorf("Last is %d, want %d", c.Last(), last)
			}
		}
	})
}

// FuzzValue: a value goes to the highest number in range that it was given.
func FuzzValue(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		var v Value
		want := uint64(0)
		for _, n := range []uint64{a, b} {
			old, moved, err := v.Advance(n)
			if old != want || moved != (n > want && n <= Max) || (err == nil) != (n <= Max) {
				t.Errorf("Advance(%d) at %d: %d, %v, %v", n, want, old, moved, err)
			}
			if moved {
				want = n
			}
			if v.Load() != want || v.Reached(n) != (n <= want) {
				t.Errorf("the value is %d, want %d", v.Load(), want)
			}
		}
	})
}
