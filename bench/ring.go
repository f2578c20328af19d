package bench

import (
	"runtime"
	"sync/atomic"

	"github.com/fencert/fencert/internal/pad"
)

// ringSlots is the capacity of a ring, a power of two.
const ringSlots = 256

// A ring is a queue from one goroutine to another. It is part of the harness: rows that cross from one core to another pay for it with
// every implementation.
//
// Make one with newRing.
//
// Callers: one goroutine pushes, one pops. Progress: a full or empty ring makes
// its caller spin.
type ring[V any] struct {
	_     pad.Line
	head  atomic.Uint64 // next to pop; written by the popper
	_     pad.Line
	tail  atomic.Uint64 // next to push; written by the pusher
	_     pad.Line
	known struct {
		head uint64 // Owns: the pusher; the last head it saw
		_    pad.Line
		tail uint64 // Owns: the popper; the last tail it saw
		_    pad.Line
	}
	patience int
	slots    [ringSlots]V
}

func newRing[V any]() *ring[V] { return &ring[V]{patience: patience(2)} }

// push appends v. Publishes: the slot. Pairs with: the load of tail in pop.
func (r *ring[V]) push(v V) {
	tail := r.tail.Load()
	for tries := 1; tail-r.known.head == ringSlots; tries++ {
		if r.known.head = r.head.Load(); tail-r.known.head == ringSlots {
			relax(tries, r.patience)
		}
	}
	r.slots[tail%ringSlots] = v
	r.tail.Store(tail + 1)
}

// pop removes the oldest value. Pairs with: the store of tail in push, and by its
// own store of head with the load there, which hands the slot back.
func (r *ring[V]) pop() V {
	head := r.head.Load()
	for tries := 1; head == r.known.tail; tries++ {
		if r.known.tail = r.tail.Load(); head == r.known.tail {
			relax(tries, r.patience)
		}
	}
	v := r.slots[head%ringSlots]
	r.head.Store(head + 1)
	return v
}

// offer is push for those who have something else to do while the ring is full: false, and nothing was appended.
func (r *ring[V]) offer(v V) bool {
	tail := r.tail.Load()
	if tail-r.known.head == ringSlots {
		if r.known.head = r.head.Load(); tail-r.known.head == ringSlots {
			return false
		}
	}
	r.slots[tail%ringSlots] = v
	r.tail.Store(tail + 1) // as in push
	return true
}

// poll is pop for those who have something else to do while the ring is empty.
func (r *ring[V]) poll() (v V, ok bool) {
	head := r.head.Load()
	if head == r.known.tail {
		if r.known.tail = r.tail.Load(); head == r.known.tail {
			return v, false
		}
	}
	v = r.slots[head%ringSlots]
	r.head.Store(head + 1) // as in pop
	return v, true
}

// patience is how often one of that many busy goroutines may look before it has to
// let others run: always when not every one of them has a processor.
func patience(goroutines int) int {
	if runtime.GOMAXPROCS(0) < goroutines {
		return 1
	}
	return spinsBeforeYield
}

// relax is called between two looks at what another goroutine has to change.
func relax(tries, patience int) {
	if tries%patience == 0 {
		runtime.Gosched()
	}
}
