package wheel

import "github.com/fencert/fencert/internal/atomicx"

// exchange is how many nodes move between an Owner and the depot by one CAS.
const exchange = 64

// An Owner is a private stock of nodes, and the wheels that one goroutine is delivering for. Make one with Init; it must
// not be copied. One goroutine at a time may use it; Close gives back what it holds.
type Owner struct {
	pool *Pool
	last uint64 // the pool's, as a node's word

	// The free chain, linked by next. Plain: only the owner reaches it.
	view     view
	free     uint32
	count    uint32
	most     uint32 // free nodes before some are given away
	reserved uint32 // as many are never given to the depot
	random   uint32

	top    *Wheel // the wheels that it delivers for, linked by outer; the innermost first
	buffer [exchange]uint32
}

// Init makes o, a zero Owner, an Owner of p.
func (o *Owner) Init(p *Pool) {
	o.pool, o.view = p, p.view()
	o.last = p.last << generationShift
	o.most = 2 * p.stock
	o.random = 0x9e3779b9
}

// Ready tells whether Init was called.
func (o *Owner) Ready() bool { return o.pool != nil }

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

// Close gives the free nodes back to the depot and drops all reservations. The Owner stays usable. It must not be
// delivering. One goroutine at a time; lock-free, one CAS per 64 nodes.
func (o *Owner) Close() {
	o.reserved = 0
	for o.count > 0 {
		o.spill()
	}
}

// take takes a free node, and returns the word of its next generation, pending. 0: see takeMore.
func (o *Owner) take() (uint32, *node, uint64) {
	i := o.free
	n := o.view.node(i) // 0 is a node too, which is never used
	word := n.word.Load()&^(1<<generationShift-1) + 1<<generationShift
	if i == 0 || word >= o.last {
		return 0, nil, 0
	}
	o.free = n.next.Get()
	o.count--
	return i, n, word
}

// takeMore is take where the free chain is empty or begins with a node that is used up. 0: none is left.
//
//go:noinline
func (o *Owner) takeMore() (uint32, *node, uint64) {
	for {
		if i, n, word := o.take(); i != 0 {
			return i, n, word
		}
		if i := o.free; i != 0 {
			o.free = o.view.node(i).next.Get()
			o.count--
			o.pool.retired.Add(1)
		} else if !o.refill() {
			return 0, nil, 0
		}
	}
}

// fill makes a node that was taken a callback.
//
// Release stores: the node is ours, the push publishes them, and a Cancel with an old ticket acts on what it reads
// only after a CAS of the word from a generation that has ended.
func (n *node) fill(w *Wheel, word, point, arg uint64) {
	atomicx.StoreRelease64(&n.word, word)
	atomicx.StoreRelease64(&n.point, point)
	atomicx.StoreRelease32(&n.wheel, w.id)
	n.arg.Set(arg)
}

// put returns one node to the free chain.
func (o *Owner) put(n *node, i uint32) {
	n.next.Set(o.free)
	o.free = i
	o.count++
}

// Trim gives the depot what is above the stock. One goroutine at a time; a compare, and rarely a lock-free CAS.
func (o *Owner) Trim() {
	if o.count > o.most {
		o.trim()
	}
}

//go:noinline
func (o *Owner) trim() {
	for o.count >= max(o.pool.stock, o.reserved)+o.pool.grab {
		o.spill()
	}
}

// spill gives up to grab free nodes to the depot.
func (o *Owner) spill() {
	n := min(o.count, o.pool.grab)
	i := o.free
	for k := range n {
		o.buffer[k] = i
		i = o.view.node(i).next.Get()
	}
	o.free = i
	o.count -= n
	o.pool.depot.Put(o.buffer[:n])
}

// refill takes up to grab nodes from the depot and tells whether that was any.
//
//go:noinline
func (o *Owner) refill() bool {
	n := o.pool.depot.Take(o.buffer[:o.pool.grab])
	for k := n - 1; k >= 0; k-- {
		o.put(o.view.node(o.buffer[k]), o.buffer[k])
	}
	return n > 0
}
