package cbqueue

import (
	"github.com/fencert/fencert/internal/atomicx"
)

// The states of a node, in the lowest bits of its word.
const (
	pending = iota
	tentative
	canceled
	claimed
	stateMask = 1<<3 - 1
)

// The split of a node's word.
const (
	handlerShift    = 3
	generationShift = 24

	// MaxHandler is the largest handler number.
	MaxHandler = 1<<(generationShift-handlerShift) - 1

	// MaxNodes is the most nodes of one Pool.
	MaxNodes = HeadMask

	lastGeneration = 1<<(64-generationShift) - 1
)

// A node is one callback: 24 bytes.
type node struct {
	word atomicx.Uint64
	arg  atomicx.Cell[uint64]
	next atomicx.Uint32
	aux  atomicx.Cell[uint32]
}

// A Ticket names one callback that was added. The zero Ticket names none. It stays safe to
// use after the callback has run and its node was used again.
type Ticket uint64

// MakeTicket names the callback in a node, from what TryNode returned.
func MakeTicket(i uint32, word uint64) Ticket {
	return Ticket(word&^(1<<generationShift-1) | uint64(i))
}

func (t Ticket) index() uint32 { return uint32(t & HeadMask) }

// names tells whether a node's word is still of the ticket's generation.
func (t Ticket) names(word uint64) bool { return (word^uint64(t))>>generationShift == 0 }

// An Anchor is what a list needs besides its word: 8 bytes, lent by the user for as long as
// the word exists. The zero Anchor is ready; it must not be copied.
type Anchor struct {
	// rest is the list that the runner left to the sweeper (Q6), and may hold the head of
	// a closed list whose running is put off. Owner: the runner; the sweeper after Q6.
	rest atomicx.Cell[uint32]
	// debt: bits[24:32] the life's lowest bits, bits[0:24] cancels until the next sweep is
	// worth its cost. A guess: races and reuse only make a sweep come sooner or later.
	debt atomicx.Uint32
}

// PutOff keeps the head of a closed list until its runner comes back for it with Rest. The runner calls it; one store.
func (a *Anchor) PutOff(closedWord uint64) { a.rest.Set(uint32(closedWord & HeadMask)) }

// Rest is the word given to PutOff, as far as Claim needs it. The runner calls it.
func (a *Anchor) Rest() uint64 { return uint64(a.rest.Get()) }
