package arena

import "github.com/fencert/fencert/internal/depot"

// The split of a state word, and of a Ref.
const (
	IndexBits      = depot.IndexBits
	GenerationBits = 64 - IndexBits

	// MaxSlots is the most slots of one arena.
	MaxSlots = depot.MaxIndex

	// LastGeneration is never lived: a slot that reaches it is retired (A3).
	LastGeneration = 1<<GenerationBits - 1

	// FirstGeneration is the generation of a slot's first life. The zero Ref names none; and the highest bit
	// is set in the state word of every life, and in every Ref, so that others can tell these from numbers below 2^63.
	FirstGeneration = 1 << (GenerationBits - 1)

	indexMask = 1<<IndexBits - 1
)

// A Ref names one life of one slot in 8 bytes that the garbage collector doesn't scan.
// The zero Ref names nothing. Refs are comparable and may be copied freely.
type Ref uint64

// MakeRef joins an index, 1 to MaxSlots, and a generation.
func MakeRef(index uint32, generation uint64) Ref {
	return Ref(generation<<IndexBits | uint64(index&indexMask))
}

// Index is the slot's index, 1 to MaxSlots.
func (r Ref) Index() uint32 { return uint32(r & indexMask) }

// Generation tells the lives of one slot apart.
func (r Ref) Generation() uint64 { return uint64(r) >> IndexBits }

// Life is the state word at the beginning of this life: the generation, and zero in the
// user's bits.
func (r Ref) Life() uint64 { return uint64(r) &^ indexMask }

// Generation is the generation in a state word.
func Generation(word uint64) uint64 { return word >> IndexBits }

// Next is the state word with which the life in word ends: the next generation, and zero
// in the user's bits.
func Next(word uint64) uint64 { return word&^indexMask + 1<<IndexBits }
