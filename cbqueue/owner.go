package cbqueue

import (
	"github.com/fencert/fencert/internal/atomicx"
)

// exchange is how many nodes move between an Owner and the depot by one CAS.
const exchange = 64

// An Owner is a private stock of nodes, and what one goroutine remembers of its last list.
// Make one with Init; it must not be copied. One goroutine at a time may use it; Close gives
// back what it holds.
type Owner struct {
	pool *Pool

	// The free chain, linked by next. Plain: only the owner reaches it.
	free     atomicx.Cell[uint32]
	count    atomicx.Cell[uint32]
	reserved atomicx.Cell[uint32] // of count, never given to the depot

	// What this owner last left in a list's word. A load right after one's own locked
	// operation costs more than a failed guess.
	lastWord  *atomicx.Uint64
	lastValue uint64

	limbo  limbo
	random uint32
	buffer [exchange]uint32
}

// Init makes o, a zero Owner, an Owner of p.
func (o *Owner) Init(p *Pool) {
	o.pool = p
	o.random = 0x9e3779b9
}

// Expect is what w most likely holds: what this Owner left there, or a load.
func (o *Owner) Expect(w *atomicx.Uint64) uint64 {
	if o.lastWord == w {
		return o.lastValue
	}
	return w.Load()
}

// Left notes that this Owner left v in w.
func (o *Owner) Left(w *atomicx.Uint64, v uint64) { o.lastWord, o.lastValue = w, v }

// Forget drops the note of what was left: the list has ended.
func (o *Owner) Forget() { o.lastWord = nil }

// Stock is how many free nodes this Owner holds.
func (o *Owner) Stock() int { return int(o.count.Get()) }

// Reserve makes sure that the next n Adds find a node, beyond what was reserved before.
// Lock-free. Errors: ErrExhausted; then nothing was reserved.
func (o *Owner) Reserve(n int) error {
	if n < 0 || n > o.pool.Nodes() {
		return ErrExhausted
	}
	want := o.reserved.Get() + uint32(n)
	for o.count.Get() < want {
		if !o.refill() {
			o.trim()
			return ErrExhausted
		}
	}
	o.reserved.Set(want)
	return nil
}

// Close gives the free nodes back to the depot and drops all reservations. The Owner stays
// usable.
func (o *Owner) Close() {
	o.limbo.settle(o)
	o.limbo.orphan(o)
	o.reserved.Set(0)
	for o.count.Get() > 0 {
		o.spill()
	}
	o.Forget()
}

// alloc takes a free node and starts its next generation as pending. 0: none is left.
func (o *Owner) alloc(handler uint32) (uint32, uint64) {
	for {
		i := o.free.Get()
		if i == 0 {
			if !o.refill() {
				return 0, 0
			}
			continue
		}
		n := &o.pool.nodes[i]
		o.free.Set(atomicx.Own32(&n.next))
		o.count.Set(o.count.Get() - 1)
		if r := o.reserved.Get(); r > 0 {
			o.reserved.Set(r - 1)
		}
		g := n.word.Load()>>generationShift + 1
		if g >= o.pool.last {
			o.pool.retired.Add(1)
			continue
		}
		w := g<<generationShift | uint64(handler)<<handlerShift
		// A stale ticket's CAS may hit the old word until here: it is overwritten, and its
		// canceler finds the list closed (Q3). Afterwards the generation differs.
		atomicx.StoreRelease64(&n.word, w)
		return i, w
	}
}

// put returns one node to the free chain.
func (o *Owner) put(i uint32) {
	atomicx.Init32(&o.pool.nodes[i].next, o.free.Get())
	o.free.Set(i)
	o.count.Set(o.count.Get() + 1)
}

// splice returns the chain from first to last, linked by next, in one step.
func (o *Owner) splice(first, last, n uint32) {
	atomicx.Init32(&o.pool.nodes[last].next, o.free.Get())
	o.free.Set(first)
	o.count.Set(o.count.Get() + n)
	if o.count.Get() > 2*o.pool.stock {
		o.trim()
	}
}

// trim gives away what is above the stock.
//
//go:noinline
func (o *Owner) trim() {
	for o.count.Get() >= max(o.pool.stock, o.reserved.Get())+exchange {
		o.spill()
	}
}

// spill gives up to exchange free nodes to the depot.
func (o *Owner) spill() {
	n := min(o.count.Get(), exchange)
	i := o.free.Get()
	for k := range n {
		o.buffer[k] = i
		i = atomicx.Own32(&o.pool.nodes[i].next)
	}
	o.free.Set(i)
	o.count.Set(o.count.Get() - n)
	o.pool.depot.Put(o.buffer[:n])
}

// refill takes up to exchange nodes from the depot, or what limbo gives back, and tells whether
// that was any.
//
//go:noinline
func (o *Owner) refill() bool {
	before := o.count.Get()
	n := o.pool.depot.Take(o.buffer[:])
	for k := n - 1; k >= 0; k-- {
		o.put(o.buffer[k])
	}
	if n == 0 {
		o.limbo.settle(o)
	}
	return o.count.Get() > before
}
