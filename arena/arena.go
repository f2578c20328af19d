package arena

import (
	"errors"
	"fmt"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/depot"
	"github.com/fencert/fencert/internal/pad"
)

// ErrExhausted means that no slot is in the depot and none in the caller's magazine: all are in use, or free in other
// Owners' magazines, or promised to those who wait. It works again after a slot is given back; ask for more slots, or
// Grow, if it comes too often.
var ErrExhausted = errors.New("arena: no slot is free")

// ErrShut means that the slot's word was written to by whoever shut the arena down, so that no new life begins.
var ErrShut = errors.New("arena: shut down")

// ErrSize means a number of slots outside 1 to MaxSlots.
var ErrSize = errors.New("arena: size out of range")

// wordsBefore leaves the first line of the array of words unused: what the allocator
// keeps in front of it is written by others.
const wordsBefore = pad.Size / 8

// An Arena is a number of slots, fixed or growing up to a fixed number. Make one with New or NewGrowable; the zero Arena
// is not usable, and an Arena must not be copied. Any goroutine may call any method.
type Arena struct {
	_       pad.Line       // the neighbour in memory is another's
	gate    atomicx.Uint32 // read by every Give, see gate.go
	shut    atomicx.Bool
	words   []atomicx.Uint64
	depot   *depot.Depot
	last    uint64 // LastGeneration; less in tests
	share   uint32 // the default; another in tests
	_       pad.Line
	retired atomicx.Uint64
	waiting queue
	_       pad.Line
}

// New returns an arena of the given number of slots, 1 to MaxSlots. It allocates 12 bytes
// per slot at once and touches them as they are used. Errors: ErrSize.
func New(slots int) (*Arena, error) { return NewGrowable(slots, slots) }

// NewGrowable is New for an arena that Grow can enlarge up to most slots: it allocates for that many. Errors: ErrSize,
// also when most is less than slots.
func NewGrowable(slots, most int) (*Arena, error) {
	if slots < 1 || most < slots || most > MaxSlots {
		return nil, fmt.Errorf("%w: %d slots, later %d, want 1 to %d", ErrSize, slots, most, MaxSlots)
	}
	a := &Arena{
		words: make([]atomicx.Uint64, wordsBefore+most)[wordsBefore-1:],
		depot: depot.NewGrowable(uint32(slots), uint32(most)),
		last:  LastGeneration,
		share: defaultShare(),
	}
	a.gate.Store(a.magazine())
	return a, nil
}

// Slots is the number of slots, retired ones included.
func (a *Arena) Slots() int { return int(a.depot.Limit()) }

// Grow makes it that many slots; all Refs and words stay what they are. With as many or more it does nothing, so of
// several at once the largest number stays. Those who wait are given the new slots. After Shut nothing is added.
// Lock-free; it allocates nothing, the memory is there. Errors: ErrSize: more than NewGrowable was told.
func (a *Arena) Grow(slots int) error {
	if slots > int(a.depot.Most()) || slots < 1 {
		return fmt.Errorf("%w: growing to %d slots, want 1 to %d", ErrSize, slots, a.depot.Most())
	}
	a.depot.Grow(uint32(slots))
	a.grown()
	return nil
}

// Touched is the largest index that was ever reserved.
func (a *Arena) Touched() uint32 { return a.depot.Touched() }

// Retired is how many slots have used up their generations.
func (a *Arena) Retired() uint64 { return a.retired.Load() }

// Word is the state word of the slot with this index, 1 to Slots.
func (a *Arena) Word(index uint32) *atomicx.Uint64 { return &a.words[index] }

// Words is the array of state words: Words()[i] is Word(i), entry 0 is unused.
func (a *Arena) Words() []atomicx.Uint64 { return a.words }

// Links is the array behind Link, for advice to the system about its memory.
func (a *Arena) Links() []atomicx.Uint32 { return a.depot.Links() }

// Link is 4 bytes per slot that belong to whoever has the slot, for lists of slots. Write
// it with a release store, and only 0 or indices of this arena.
func (a *Arena) Link(index uint32) *atomicx.Uint32 { return a.depot.Link(index) }

// Shut takes all slots that no magazine holds out of circulation, for good, and returns the largest index
// that was ever handed to a magazine: later Reserves find only what magazines hold or are given, and who waits gets
// ErrShut. Who shuts an arena down then sets user bits in the words up to that one: a Reserve that comes to such a slot
// answers ErrShut. Lock-free.
func (a *Arena) Shut() (touched uint32) {
	a.shut.Store(true) // Pairs with: the load in match, which a newcomer's dispatch makes after its push (W2)
	touched = a.depot.Shut()
	a.dispatch()
	return touched
}
