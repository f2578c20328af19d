//go:build amd64 && !race && !explore

package atomicx

import (
	"sync/atomic"
	"unsafe"
)

// A Tally is a number that one goroutine at a time changes and any other may read, to report it: a statistic. It is
// no means of synchronization: nothing may be decided by it, and so changing it is no step for the explorer.
//
// The zero Tally is 0. It must not be copied. Add, Set and Own: its owner, who hands over with synchronization. Load: any
// goroutine; what one owner changes is seen in that order. Wait-free; on amd64 Add is one instruction without a lock, and
// Set a plain MOV.
type Tally struct{ v atomic.Uint64 }

// Add adds n, which may be negative as two's complement.
//
// Safety: as StoreRelease64. The plain load is the owner's, and nobody else writes.
func (t *Tally) Add(n uint64) { *(*uint64)(unsafe.Pointer(t)) += n }

// Set stores v.
//
// Safety: as StoreRelease64.
func (t *Tally) Set(v uint64) { *(*uint64)(unsafe.Pointer(t)) = v }

// Load returns the number.
func (t *Tally) Load() uint64 { return t.v.Load() }

// Own is Load for the owner.
func (t *Tally) Own() uint64 { return t.v.Load() }
