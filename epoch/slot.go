package epoch

import (
	"math/bits"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// pinned is the bit of slot.word that says so.
const pinned = 1

// Who owns a slot. Register: free or orphan to owned. Unregister: owned to free or
// orphan. A collector: orphan to sweeping, and back or to free.
const (
	slotFree = iota
	slotOwned
	slotOrphan
	slotSweeping
)

// A slot is a place for one participant and for what it has retired.
//
// Plain: ring, head and tail are the owner's (I5).
type slot struct {
	_    pad.Line
	word atomicx.Uint64 // by itself: the owner writes it at each Pin, collectors read it
	_    pad.Line

	state atomicx.Uint32
	// pending is tail - head for Stats; only the owner writes it, behind the fact, so that
	// who reads it sees what the ring was then (I10).
	pending atomicx.Uint64
	head    atomicx.Cell[uint64] // entries taken out, ever
	tail    atomicx.Cell[uint64] // entries put in, ever
	ring    []atomicx.Cell[entry]
}

// An entry is one retired object.
type entry struct {
	epoch uint64
	arg   uint64
	f     ReclaimerID
}

// prepare makes the ring, once. The caller owns the slot.
func (s *slot) prepare(n int) {
	if s.ring == nil {
		s.ring = make([]atomicx.Cell[entry], 1<<bits.Len(uint(n-1)))
	}
}

// at is the place of the i-th entry ever.
func (s *slot) at(i uint64) *atomicx.Cell[entry] { return &s.ring[i&uint64(len(s.ring)-1)] }

// push adds e unless n entries are waiting. The caller owns the slot.
func (s *slot) push(e entry, n int) bool {
	tail := s.tail.Get()
	waiting := tail - s.head.Get()
	if waiting >= uint64(n) {
		s.settle()
		return false
	}
	s.at(tail).Set(e)
	s.tail.Set(tail + 1)
	s.settle()
	return true
}

// take moves the entries that are due at epoch now into b, oldest first, as many as
// fit. The caller owns the slot.
func (s *slot) take(b *batch, now, grace uint64) {
	head, tail := s.head.Get(), s.tail.Get()
	for b.n < len(b.entries) && head != tail {
		e := s.at(head).Get()
		if e.epoch+grace > now { // I3: too early; I7: and so are all behind it
			break
		}
		b.entries[b.n] = e
		b.n++
		head++
	}
	if b.n > 0 {
		s.head.Set(head)
	}
	s.settle()
}

// settle ends every use of the ring. The caller owns the slot.
func (s *slot) settle() {
	// Publishes: the ring as it is, to who takes a forgotten participant's slot (I10); nobody else acts on it.
	atomicx.StoreRelease64(&s.pending, s.tail.Get()-s.head.Get())
}

// empty tells whether nothing waits. The caller owns the slot.
func (s *slot) empty() bool { return s.head.Get() == s.tail.Get() }
