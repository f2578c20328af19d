package arena

import (
	"errors"
	"fmt"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/depot"
	"github.com/fencert/fencert/internal/pad"
)

// ErrExhausted means that every slot is in use or held by another Owner's magazine. It
// works again after a slot is given back; ask for more slots if it comes too often.
var ErrExhausted = errors.New("arena: no slot is free")

// ErrShut means that the slot's word was written to by whoever shut the arena down, so that no new life begins.
var ErrShut = errors.New("arena: shut down")

// ErrSize means a number of slots outside 1 to MaxSlots.
var ErrSize = errors.New("arena: size out of range")

// wordsBefore leaves the first line of the array of words unused: what the allocator
// keeps in front of it is written by others.
const wordsBefore = pad.Size / 8

// An Arena is a fixed number of slots. Make one with New; the zero Arena is not usable,
// and an Arena must not be copied. Any goroutine may call any method.
type Arena struct {
	words   []atomicx.Uint64
	depot   *depot.Depot
	last    uint64 // LastGeneration; less in tests
	retired atomicx.Uint64
}

// New returns an arena of the given number of slots, 1 to MaxSlots. It allocates 12 bytes
// per slot at once and touches them as they are used. Errors: ErrSize.
func New(slots int) (*Arena, error) {
	if slots < 1 || slots > MaxSlots {
		return nil, fmt.Errorf("%w: %d slots, want 1 to %d", ErrSize, slots, MaxSlots)
	}
	return &Arena{
		words: make([]atomicx.Uint64, wordsBefore+slots)[wordsBefore-1:],
		depot: depot.New(uint32(slots)),
		last:  LastGeneration,
	}, nil
}

// Slots is the number of slots, retired ones included.
func (a *Arena) Slots() int { return int(a.depot.Limit()) }

// Touched is the largest index that was ever reserved.
func (a *Arena) Touched() uint32 { return a.depot.Touched() }

// Retired is how many slots have used up their generations.
func (a *Arena) Retired() uint64 { return a.retired.Load() }

// Word is the state word of the slot with this index, 1 to Slots.
func (a *Arena) Word(index uint32) *atomicx.Uint64 { return &a.words[index] }

// Words is the array of state words: Words()[i] is Word(i), entry 0 is unused.
func (a *Arena) Words() []atomicx.Uint64 { return a.words }

// Link is 4 bytes per slot that belong to whoever has the slot, for lists of slots. Write
// it with a release store, and only 0 or indices of this arena.
func (a *Arena) Link(index uint32) *atomicx.Uint32 { return a.depot.Link(index) }

// Shut takes all slots that no magazine holds out of circulation, for good, and returns the largest index
// that was ever handed to a magazine: later Reserves find only what magazines hold or are given. Who shuts an arena
// down then sets user bits in the words up to that one: a Reserve that comes to such a slot answers ErrShut.
// Lock-free.
func (a *Arena) Shut() (touched uint32) { return a.depot.Shut() }
