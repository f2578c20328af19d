// Package depot is a lock-free stack of the indices 1 to n from which many are taken
// at once. It stands behind the private magazines of arena and cbqueue: one CAS moves
// a whole magazine, so that the shared word is rarely touched.
//
// # Words
//
//	head   bits[28:64] tag, raised by every take    bits[0:28] newest index, 0: none
//	fresh  how many indices were ever carved: index i > fresh was never touched; bit 31: no more are
//	limit  how many may be carved
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
//	D5  fresh and limit only grow, and fresh never passes limit; with bit 31 set fresh doesn't change
//	    any more. So raising limit makes the indices above the old one available, each of them once.
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
	limit atomicx.Uint32
	links []atomicx.Uint32
	_     pad.Line
	head  atomicx.Uint64
	_     pad.Line
	fresh atomicx.Uint32
	_     pad.Line
}

// shut is set in fresh by Shut. It is above every index, so that nothing is left to carve.
const shut = 1 << 31

// New returns a Depot that holds the indices 1 to n, n <= MaxIndex. It allocates
// 4 bytes per index, touched when the index first comes back.
func New(n uint32) *Depot { return NewGrowable(n, n) }

// NewGrowable returns a Depot that holds the indices 1 to n and may grow to most, n <= most <= MaxIndex. It allocates
// for most of them, as New does.
func NewGrowable(n, most uint32) *Depot {
	if n > most || most > MaxIndex {
		panic("depot: more indices than MaxIndex, or fewer at most than at first")
	}
	d := &Depot{links: make([]atomicx.Uint32, uint64(most)+1)}
	d.limit.Store(n)
	return d
}

// Limit returns n, or what Grow has made of it.
func (d *Depot) Limit() uint32 { return d.limit.Load() }

// Most returns how far Limit may grow.
func (d *Depot) Most() uint32 { return uint32(len(d.links) - 1) }

// Grow raises the limit to n; false: n is above Most. A limit that is as high already stays. Lock-free.
func (d *Depot) Grow(n uint32) bool {
	if n > d.Most() {
		return false
	}
	for {
		old := d.limit.Load()
		// Publishes: nothing, the memory was there from the beginning. Pairs with: the load in carve. ABA: limit only
		// grows (D5). Progress: a failure means that it has grown.
		if old >= n || d.limit.CompareAndSwap(old, n) {
			return true
		}
	}
}

// Links is the memory of the link words, for advice to the system about it.
func (d *Depot) Links() []atomicx.Uint32 { return d.links }

// Touched returns the largest index that was ever handed out.
func (d *Depot) Touched() uint32 { return d.fresh.Load() &^ shut }

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
		f, limit := d.fresh.Load(), d.limit.Load()
		if f >= limit {
			return 0
		}
		n := min(limit-f, uint32(len(to)))
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

// Shut takes all indices out, for good, and returns Touched, which stays. What is put afterwards can be taken
// again; Grow adds nothing any more. Lock-free.
func (d *Depot) Shut() (touched uint32) {
	for {
		f := d.fresh.Load()
		touched = f &^ shut
		// Owns: what was above. ABA: fresh only grows (D5). Progress: a failure is another's success.
		if d.fresh.CompareAndSwap(f, f|shut) {
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
