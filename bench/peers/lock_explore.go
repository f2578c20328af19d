//go:build explore

package peers

import "github.com/fencert/fencert/internal/atomicx"

// A lock keeps one thread out while another is in, for the schedule explorer: a mutex would stop the scheduler itself.
type lock struct{ taken atomicx.Uint32 }

// Lock waits for its turn.
func (l *lock) Lock() {
	// ABA: none, two states. Progress: blocks, as it should.
	for !l.taken.CompareAndSwap(0, 1) {
		atomicx.Pause(1)
	}
}

// Unlock lets the next one in.
func (l *lock) Unlock() { l.taken.Store(0) }
