package fencert

import (
	"unsafe"

	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/internal/atomicx"
)

// The bits of a fence's word, as arena and cbqueue lay them out: see the package comment.
const (
	closedBit  = cbqueue.Closed
	heldBit    = cbqueue.FlagA
	droppedBit = cbqueue.FlagC
	lifeMask   = ^uint64(1<<arena.IndexBits - 1)
)

// Both leaves must mean the same bits by a life; this doesn't compile when they don't.
var _ = [1]struct{}{}[arena.IndexBits-cbqueue.LifeShift]

// A slot is what a fence has besides its word: 32 bytes.
type slot struct {
	// holds: bits[28:64] generation, bits[0:28] count of the references once somebody holds:
	// the holders', and 1 for the issuer until it is dropped. Of an older generation: nobody
	// has held yet.
	holds atomicx.Uint64
	// seqno of the life in owner. Release-stored by who arms; readers look at the word afterwards.
	seqno atomicx.Uint64
	// owner: bits[28:64] generation of the last life that was armed, bits[0:28] its fence
	// context's id. Release-stored by who arms, after seqno.
	owner  atomicx.Uint64
	anchor cbqueue.Anchor
}

// slotsBefore leaves the first lines of the array of slots unused.
const slotsBefore = 4

func newSlots(n int) []slot { return make([]slot, slotsBefore+n)[slotsBefore-1:] }

// slot is the slot with this index, and word its word, without a check of the bounds.
//
// Safety: i is one of this runtime's: it comes from index, which looks, or from the arena, which has no others (A1). The
// arrays are as long as the runtime lives.
func (rt *Runtime) slot(i uint32) *slot {
	return (*slot)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(rt.slots)), uintptr(i)*unsafe.Sizeof(slot{})))
}

// word: see slot.
func (rt *Runtime) word(i uint32) *atomicx.Uint64 {
	return (*atomicx.Uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(rt.words)), uintptr(i)*8))
}
