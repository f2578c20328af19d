package wheel

import "github.com/fencert/fencert/internal/atomicx"

// The states of a node, in the lowest bits of its word.
const (
	pending = iota
	tentative
	canceled
	claimed
	ended
	stateMask = 1<<3 - 1
)

// The split of a node's word.
const (
	handlerShift    = 3
	generationShift = 24

	// MaxHandler is the largest handler number.
	MaxHandler = 1<<(generationShift-handlerShift) - 1

	// MaxNodes is the most nodes of one Pool.
	MaxNodes = headMask

	lastGeneration = 1<<(64-generationShift) - 1
)

// A node is one callback: 32 bytes. See the package comment for who writes what.
type node struct {
	word  atomicx.Uint64
	point atomicx.Uint64
	arg   atomicx.Cell[uint64]
	next  atomicx.Cell[uint32] // of the free chain, the box, a bucket or what is due
	wheel atomicx.Uint32       // the id of the wheel that it was added to
}

// A Ticket names one callback that was added. The zero Ticket names none. It stays safe to use after the callback has
// run and its node was used again.
type Ticket uint64

func makeTicket(i uint32, word uint64) Ticket {
	return Ticket(word&^(1<<generationShift-1) | uint64(i))
}

func (t Ticket) index() uint32 { return uint32(t & headMask) }

// names tells whether a node's word is still of the ticket's generation.
func (t Ticket) names(word uint64) bool { return (word^uint64(t))>>generationShift == 0 }

// handler is the handler's number in a node's word. It doesn't change while the node is in use.
func handler(word uint64) uint32 { return uint32(word>>handlerShift) & MaxHandler }
