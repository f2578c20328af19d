package atomicseq

import (
	"errors"
	"testing"
)

func TestCounterStartsAtOne(t *testing.T) {
	for name, next := range map[string]func(*Counter) (uint64, error){
		"Next":       (*Counter).Next,
		"NextOwned":  (*Counter).NextOwned,
		"NextN":      func(c *Counter) (uint64, error) { return c.NextN(1) },
		"QuickOwned": func(c *Counter) (uint64, error) { return c.QuickOwned(), nil },
	} {
		t.Run(name, func(t *testing.T) {
			var c Counter
			if c.Last() != 0 {
				t.Fatalf("Last of the zero Counter is %d", c.Last())
			}
			for want := uint64(1); want <= 3; want++ {
				if n, err := next(&c); n != want || err != nil {
					t.Fatalf("got %d, %v, want %d", n, err, want)
				}
				if c.Last() != want {
					t.Fatalf("Last is %d after %d", c.Last(), want)
				}
			}
		})
	}
}

func TestNextNReturnsTheFirstOfItsBlock(t *testing.T) {
	var c Counter
	if err := c.StartAt(10); err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct{ n, first, last uint64 }{{5, 10, 14}, {1, 15, 15}, {MaxBlock, 16, 15 + MaxBlock}} {
		first, err := c.NextN(s.n)
		if first != s.first || err != nil || c.Last() != s.last {
			t.Errorf("NextN(%d) = %d, %v, Last %d; want %d, Last %d", s.n, first, err, c.Last(), s.first, s.last)
		}
	}
}

func TestNextNRefusesBadBlocks(t *testing.T) {
	for _, n := range []uint64{0, MaxBlock + 1, Max, Max + 1, ^uint64(0)} {
		var c Counter
		if first, err := c.NextN(n); first != 0 || !errors.Is(err, ErrRange) {
			t.Errorf("NextN(%d) = %d, %v", n, first, err)
		}
		if n, err := c.Next(); n != 1 || err != nil {
			t.Errorf("a refused block used numbers up: %d, %v", n, err)
		}
	}
}

func TestCounterEndsAtMax(t *testing.T) {
	for name, next := range map[string]func(*Counter) (uint64, error){
		"Next":      (*Counter).Next,
		"NextOwned": (*Counter).NextOwned,
		"NextN":     func(c *Counter) (uint64, error) { return c.NextN(1) },
	} {
		t.Run(name, func(t *testing.T) {
			var c Counter
			if err := c.StartAt(Max); err != nil {
				t.Fatal(err)
			}
			if n, err := next(&c); n != Max || err != nil {
				t.Fatalf("the last number: %d, %v", n, err)
			}
			for range 3 {
				if n, err := next(&c); n != 0 || !errors.Is(err, ErrRange) {
					t.Fatalf("after the last number: %d, %v", n, err)
				}
				if c.Last() != Max {
					t.Fatalf("Last is %d", c.Last())
				}
			}
		})
	}
}

// TestBlockBeyondTheEndEndsTheCounter: the numbers that a failed block would have
// begun with are lost, not handed out by a later call (I1).
func TestBlockBeyondTheEndEndsTheCounter(t *testing.T) {
	var c Counter
	if err := c.StartAt(Max - 3); err != nil {
		t.Fatal(err)
	}
	if _, err := c.NextN(5); !errors.Is(err, ErrRange) {
		t.Fatalf("four numbers were left, five were given: %v", err)
	}
	if n, err := c.Next(); !errors.Is(err, ErrRange) {
		t.Fatalf("an ended counter gave %d", n)
	}
	if c.Last() != Max {
		t.Fatalf("Last of an ended counter is %d", c.Last())
	}
}

// TestFailuresDontCreep: however often an ended counter is asked for the largest
// block, its word stays where it is (I3); without the store in end it would wrap
// after 2^32 such calls.
func TestFailuresDontCreep(t *testing.T) {
	var c Counter
	if err := c.StartAt(Max); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		c.NextN(MaxBlock)
	}
	if got := c.last.Load(); got != Max+1 {
		t.Fatalf("the word of an ended counter is %#x", got)
	}
}

func TestStartAt(t *testing.T) {
	for _, n := range []uint64{0, Max + 1, ^uint64(0)} {
		var c Counter
		if err := c.StartAt(n); !errors.Is(err, ErrRange) {
			t.Errorf("StartAt(%d): %v", n, err)
		}
		if n, err := c.Next(); n != 1 || err != nil {
			t.Errorf("a refused StartAt moved the counter to %d, %v", n, err)
		}
	}
	for _, n := range []uint64{1, 2, 1 << 32, Max} {
		var c Counter
		if err := c.StartAt(n); err != nil {
			t.Errorf("StartAt(%d): %v", n, err)
		}
		if got, err := c.Next(); got != n || err != nil {
			t.Errorf("after StartAt(%d): %d, %v", n, got, err)
		}
	}
}

func TestIDsReserveZero(t *testing.T) {
	var ids IDs
	if ids.Last() != 0 {
		t.Fatalf("Last of the zero IDs is %d", ids.Last())
	}
	for want := uint64(1); want <= 3; want++ {
		if id, err := ids.Next(); id != want || err != nil || ids.Last() != want {
			t.Fatalf("id %d, %v, Last %d; want %d", id, err, ids.Last(), want)
		}
	}
	if err := ids.counter.StartAt(Max); err != nil {
		t.Fatal(err)
	}
	ids.Next()
	if id, err := ids.Next(); id != 0 || !errors.Is(err, ErrRange) {
		t.Fatalf("beyond the last id: %d, %v", id, err)
	}
}
