//go:build (!amd64 || race) && !explore

package atomicx

import "sync/atomic"

// A Tally is a number that one goroutine at a time changes and any other may read, to report it: see the one for amd64.
type Tally struct{ v atomic.Uint64 }

// Add adds n, which may be negative as two's complement. No read-modify-write: nobody else writes.
func (t *Tally) Add(n uint64) { t.v.Store(t.v.Load() + n) }

// Set stores v.
func (t *Tally) Set(v uint64) { t.v.Store(v) }

// Load returns the number.
func (t *Tally) Load() uint64 { return t.v.Load() }

// Own is Load for the owner.
func (t *Tally) Own() uint64 { return t.v.Load() }
