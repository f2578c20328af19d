// Package depot is a lock-free stack of the indices 1 to n from which many are taken
// at once. It stands behind the private magazines of arena and cbqueue: one CAS moves
// a whole magazine, so that the shared word is rarely touched.
//
// # Words
//
//	head   bits[28:64] tag, raised by every take    bits[0:28] newest index, 0: none
//	fresh  how many indices were ever carved: index i > fresh was never touched
//	links  links[i] is the index below i while i lies in the stack
//
// # Invariants
//
//	D1  An index is in one place: in the stack, above fresh, or with the one who
//	    took it. Linearization: the CAS of head (Take, Put) or of fresh (Take).
//	D2  links[i] is written only by the owner of i: before Put publishes it, or for
//	    the owner's own lists (Link). So while i lies in the stack it doesn't change.
//	D3  A walker that was overtaken may read links of indices that have owners by
//	    now. Every value a link ever holds is 0 or a valid index, so the walk stays
//	    inside the array, and its CAS fails, because D4.
//	D4  Each successful take raises the tag, so head doesn't return to a value from
//	    before a take until the tag has gone round. ABA would need 2^36 takes during one stalled walk: 19 hours
//	    at a million takes a second, each of them of many indices.
//
// Progress: lock-free; a failed CAS means that another Take or Put succeeded.
// Memory above fresh is never touched, so the system may leave it unmapped.
package depot

import (
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// IndexBits is the width of an index.
const IndexBits = 28

// MaxIndex is the largest index that a Depot can hold.
const MaxIndex = 1<<IndexBits - 1

const oneTake = 1 << IndexBits

// A Depot holds the indices that no magazine holds. Make one with New; it must not be
// copied. Any goroutine may call any method.
type Depot struct {
	limit uint32
	links []atomicx.Uint32
	_     pad.Line
	head  atomicx.Uint64
	_     pad.Line
	fresh atomicx.Uint32
	_     pad.Line
}

// New returns a Depot that holds the indices 1 to n, n <= MaxIndex. It allocates
// 4 bytes per index, touched when the index first comes back.
func New(n uint32) *Depot {
	if n > MaxIndex {
		panic("depot: more indices than MaxIndex")
	}
	return &Depot{limit: n, links: make([]atomicx.Uint32, uint64(n)+1)}
}

// Limit returns n.
func (d *Depot) Limit() uint32 { return d.limit }

// Touched returns the largest index that was ever handed out.
func (d *Depot) Touched() uint32 { return d.fresh.Load() }

// Link is the link word of index i, which the owner of i may use for lists of its own.
// It must hold only 0 or valid indices, and overtaken walkers read it (D3): write it
// with a release store.
func (d *Depot) Link(i uint32) *atomicx.Uint32 { return &d.links[i] }

// Take moves up to len(to) indices into to and returns how many: fewer only when the
// depot has no more. Indices that were used before come first. Lock-free.
func (d *Depot) Take(to []uint32) int {
	for {
		// Pairs with: the CAS in Put, which published the links read below.
		h := d.head.Load()
		i := uint32(h & MaxIndex)
		if i == 0 {
			return d.carve(to)
		}
		n := 0
		for i != 0 && n < len(to) {
			to[n] = i
			n++
			i = d.links[i].Load() // D3: may be garbage when overtaken
		}
		// Owns: the n indices. ABA: D4. Progress: a failure is another's success.
		if d.head.CompareAndSwap(h, h&^MaxIndex+oneTake|uint64(i)) {
			return n
		}
	}
}

// carve takes from the indices that were never used.
func (d *Depot) carve(to []uint32) int {
	for {
		f := d.fresh.Load()
		n := min(d.limit-f, uint32(len(to)))
		if n == 0 {
			return 0
		}
		// Owns: indices f+1 to f+n. ABA: fresh only grows. Progress: a failure is another's success.
		if d.fresh.CompareAndSwap(f, f+n) {
			for k := range n {
				to[k] = f + 1 + k
			}
			return int(n)
		}
	}
}

// Put gives indices back; the last one lies deepest. The caller owned them. Lock-free.
func (d *Depot) Put(from []uint32) {
	if len(from) == 0 {
		return
	}
	last := len(from) - 1
	for k := range last {
		atomicx.StoreRelease32(&d.links[from[k]], from[k+1]) // D2
	}
	for {
		h := d.head.Load()
		atomicx.StoreRelease32(&d.links[from[last]], uint32(h&MaxIndex))
		// Publishes: the links. Pairs with: the load of head in Take.
		// ABA: harmless. Only the index on top matters to a push, and if it left and
		// came back meanwhile it is on top again. Progress: a failure is another's success.
		if d.head.CompareAndSwap(h, h&^MaxIndex|uint64(from[0])) {
			return
		}
	}
}

// Shut takes all indices out, for good, and returns what Touched was. What is put afterwards can be taken
// again. Lock-free.
func (d *Depot) Shut() (touched uint32) {
	for {
		touched = d.fresh.Load()
		// Owns: what was above. ABA: fresh only grows. Progress: a failure is another's success.
		if d.fresh.CompareAndSwap(touched, d.limit) {
			break
		}
	}
	for {
		h := d.head.Load()
		// Owns: the whole stack. ABA: a take, so D4. Progress: as above.
		if d.head.CompareAndSwap(h, h&^MaxIndex+oneTake) {
			return touched
		}
	}
}
