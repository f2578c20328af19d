//go:build explore

package atomicx

import "unsafe"

// A Tally is a number that one goroutine at a time changes and any other may read. Here it is a plain one, for threads of
// an exploration never run at once. Nothing is decided by a Tally, so only reading it for a report is a step, and changing
// it makes no more schedules.
type Tally struct{ v uint64 }

// Add adds n, which may be negative as two's complement.
func (t *Tally) Add(n uint64) { t.v += n }

// Set stores v.
func (t *Tally) Set(v uint64) { t.v = v }

// Load returns the number.
func (t *Tally) Load() uint64 { step(KindLoad, unsafe.Pointer(t)); return t.v }

// Own is Load for the owner.
func (t *Tally) Own() uint64 { return t.v }
