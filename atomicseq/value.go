package atomicseq

import (
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// A Value is a number that only rises: how far a timeline, a log or a queue has come.
//
// The zero Value is at 0, which everything has reached. It must not be copied after
// first use.
// Callers: any goroutine may call any method; several may advance at a time.
// Ordering: what came before an Advance(n) is visible to whoever then sees n reached.
// Progress: Load and Reached wait-free; Advance lock-free.
// Errors: ErrRange for numbers beyond Max; nothing changes then.
//
// It has 8 bytes and no padding. Where one core advances and others poll, what lies
// on the same cache line is slowed down: use PaddedValue there.
type Value struct{ v atomicx.Uint64 }

// A PaddedValue is a Value that shares its cache lines with nothing. It takes a
// little over 2*pad.Size bytes, wherever it is placed.
type PaddedValue struct {
	_ pad.Line
	Value
	_ pad.Line
}

// Load returns the value. One load.
func (v *Value) Load() uint64 { return v.v.Load() }

// Reached tells whether the value is at least n. One load; true stays true.
func (v *Value) Reached(n uint64) bool {
	// Pairs with: the CAS in Advance.
	return v.v.Load() >= n
}

// Advance raises the value to n unless it is there already. It returns the value that
// it found, and whether it was this call that moved it: of all calls that pass a
// number, exactly one has old < number <= n and moved.
//
// Cost: one load when n is reached, else a load and a CAS. Lock-free: a retry means
// that another call raised the value in between.
func (v *Value) Advance(n uint64) (old uint64, moved bool, err error) {
	if n > Max {
		return v.v.Load(), false, ErrRange
	}
	for {
		old = v.v.Load()
		if old >= n {
			return old, false, nil
		}
		// Publishes: all that came before. Pairs with: Load and Reached (I5).
		// ABA: none, the value never comes back. Progress: see above.
		if v.v.CompareAndSwap(old, n) {
			return old, true, nil
		}
		atomicx.Pause(lostRace)
	}
}

// lostRace is how many PAUSE instructions the loser of a CAS waits before it looks
// again: long enough for the winner to be done with the line.
const lostRace = 16
