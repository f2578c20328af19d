package cbqueue

import (
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// exchange is the most nodes that move between an Owner and the depot by one CAS.
const exchange = 64

// An Owner is a private stock of nodes, and what one goroutine remembers of its last list.
// Make one with Init; it must not be copied. One goroutine at a time may use it; Close gives
// back what it holds.
type Owner struct {
	pool *Pool

	// The free chain, linked by next. Plain: only the owner reaches it.
	nodes    []node // the pool's
	view     View
	last     uint64 // the pool's, as a node's word
	most     uint32 // free nodes before some are given away: twice the stock
	batch    uint32 // free nodes taken from the depot at a time
	free     uint32
	count    uint32
	reserved uint32 // as many are never given to the depot

	// What this owner last left in a list's word. A load right after one's own locked
	// operation costs more than a failed guess.
	lastWord  uintptr // only compared: no pointer, so that it needs no write barrier
	lastValue uint64
	counts    counts

	limbo  limbo
	random uint32
	buffer [exchange]uint32
}

// Init makes o, a zero Owner, an Owner of p.
func (o *Owner) Init(p *Pool) {
	o.pool, o.nodes, o.view, o.last = p, p.nodes, p.View(), p.last<<generationShift
	o.batch, o.most = p.batch(), 2*p.stock()
	o.random = 0x9e3779b9
}

// Expect is what w most likely holds: what this Owner left there, or a load. Only a CAS tells. One goroutine at a time.
//
// Safety: the address is used as a number only.
func (o *Owner) Expect(w *atomicx.Uint64) uint64 {
	if o.lastWord == uintptr(unsafe.Pointer(w)) {
		return o.lastValue
	}
	return w.Load()
}

// Left notes that this Owner left v in w. A note that has become wrong, even about another word at the same
// address, makes a CAS fail and nothing worse.
//
// Safety: the address is used as a number only.
func (o *Owner) Left(w *atomicx.Uint64, v uint64) {
	o.lastWord, o.lastValue = uintptr(unsafe.Pointer(w)), v
}

// Forget drops the note of what was left: the list has ended. One goroutine at a time.
func (o *Owner) Forget() { o.lastWord = 0 }

// Stock is how many free nodes this Owner holds. One goroutine at a time.
func (o *Owner) Stock() int { return int(o.count) }

// Reserve makes sure that the next n Adds find a node. It doesn't add to what was reserved before: the last call counts.
// Lock-free. Errors: ErrExhausted; then what was reserved before still is.
func (o *Owner) Reserve(n int) error {
	if n < 0 || n > o.pool.Nodes() {
		return ErrExhausted
	}
	for o.count < uint32(n) {
		if !o.refill() {
			o.trim()
			return ErrExhausted
		}
	}
	o.reserved = uint32(n)
	return nil
}

// Close gives the free nodes back to the depot and drops all reservations. The Owner stays
// usable. One goroutine at a time; lock-free, one CAS per 64 nodes.
func (o *Owner) Close() {
	o.limbo.settle(o)
	o.limbo.orphan(o)
	o.reserved = 0
	for o.count > 0 {
		o.spill(o.count)
	}
	o.Forget()
}

// alloc takes a free node and starts its next generation as pending. 0: none is left.
func (o *Owner) alloc(handler uint32) (uint32, uint64) {
	for {
		i := o.free
		if i == 0 {
			if !o.refill() {
				return 0, 0
			}
			continue
		}
		n := &o.nodes[i]
		o.free = atomicx.Own32(&n.next)
		o.count--
		w := n.word.Load()&^(1<<generationShift-1) + 1<<generationShift
		if w >= o.last {
			o.pool.retired.Add(1)
			continue
		}
		w |= uint64(handler) << handlerShift
		// A stale ticket's CAS may hit the old word until here: it is overwritten, and its
		// canceler finds the list closed (Q3). Afterwards the generation differs.
		atomicx.StoreRelease64(&n.word, w)
		return i, w
	}
}

// put returns one node to the free chain.
func (o *Owner) put(i uint32) {
	atomicx.StoreRelease32(&o.nodes[i].next, o.free)
	o.free = i
	o.count++
}

// trim gives away what is above the stock.
//
//go:noinline
func (o *Owner) trim() {
	keep := max(o.most/2, o.reserved)
	for o.count >= keep+o.batch {
		o.spill(o.count - keep)
	}
}

// Flush gives the depot all free nodes but those that are reserved. One goroutine at a time; lock-free, one CAS per 64
// nodes.
func (o *Owner) Flush() {
	o.limbo.settle(o)
	for o.count > o.reserved {
		o.spill(o.count - o.reserved)
	}
}

// spill gives n free nodes to the depot, or as many of them as move by one CAS.
func (o *Owner) spill(n uint32) {
	n = min(n, exchange)
	i := o.free
	for k := range n {
		o.buffer[k] = i
		i = atomicx.Own32(&o.nodes[i].next)
	}
	o.free = i
	o.count -= n
	o.pool.depot.Put(o.buffer[:n])
	o.counts.put.Add(uint64(n))
}

// refill takes a batch of nodes from the depot, or what limbo gives back, and tells whether
// that was any.
//
//go:noinline
func (o *Owner) refill() bool {
	before := o.count
	n := o.pool.depot.Take(o.buffer[:o.batch])
	o.counts.taken.Add(uint64(n))
	for k := n - 1; k >= 0; k-- {
		o.put(o.buffer[k])
	}
	if n == 0 {
		o.limbo.settle(o)
	}
	return o.count > before
}
