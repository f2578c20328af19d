package wheel

// Cancel takes back a callback of this wheel. True: it was pending and will never run. False: it ran, runs or will run,
// or another Cancel got it, or the ticket isn't of this wheel. It never blocks and delivers nothing. Allowed in callbacks
// and after Close.
//
// Lock-free; two CAS, no allocation, and O(1) amortised for sweeping.
func (o *Owner) Cancel(w *Wheel, t Ticket) bool {
	i := t.index()
	if i == 0 || i > o.pool.depot.Limit() {
		return false
	}
	n := &o.pool.nodes[i]
	p := n.word.Load()
	if !t.names(p) || p&stateMask != pending || n.wheel.Load() != w.id {
		return false
	}
	s := n.point.Load()
	// Claims: the right to decide; and proves that s is this generation's (W6). ABA: the word carries the generation.
	// No loop: a failure is another's success.
	if !n.word.CompareAndSwap(p, p|tentative) {
		return false
	}
	// Pairs with: the CAS of the value in Advance and Close, which comes before the owner's look at this node (W6).
	if w.value.Load() >= s {
		return false // and tentative it stays
	}
	// Pairs with: claim. One of the two wins.
	if !n.word.CompareAndSwap(p|tentative, p|canceled) {
		return false
	}
	o.died(w)
	return true
}

// Finished tells that the callback has run, or was canceled, and isn't running. Anybody may call it. Wait-free; one load.
func (p *Pool) Finished(t Ticket) bool {
	i := t.index()
	if i == 0 || i > p.depot.Limit() {
		return true
	}
	// Pairs with: the store in free1, the CAS in Cancel.
	word := p.nodes[i].word.Load()
	return !t.names(word) || word&stateMask == ended || word&stateMask == canceled
}

const (
	sample     = 64   // cancels that stand for one visit to the shared count; a power of two
	sweepLeast = 1024 // cancels that make a sweep worth while, however few wait
)

// died counts a node that stays where it is as canceled, and sweeps when there are enough. Only one in sample cancels, at
// random so that no pattern over several wheels evades it, touches the shared count.
func (o *Owner) died(w *Wheel) {
	o.random ^= o.random << 13
	o.random ^= o.random >> 17
	o.random ^= o.random << 5
	if o.random&(o.pool.sample-1) == 0 {
		o.visit(w)
	}
}

// visit is the visit to the shared count.
//
//go:noinline
func (o *Owner) visit(w *Wheel) {
	if d := w.debt.Load(); d > o.pool.sample {
		// A lost race only moves the sweep a little: debt is a guess. No loop.
		w.debt.CompareAndSwap(d, d-o.pool.sample)
		return
	}
	w.debt.Store(0) // an owner sweeps before it leaves; the next visit comes back for it if this one left just now
	if o.tryOwn(w) {
		o.leave(w)
	}
}

// Sweep frees the nodes of callbacks that were canceled, unless another goroutine owns the wheel. It takes time for all that
// waits: for when nodes run out. It delivers nothing. Lock-free.
func (o *Owner) Sweep(w *Wheel) {
	if o.tryOwn(w) {
		o.sweepBuckets(w)
		o.leave(w)
	}
}

// sweepBuckets takes the canceled nodes out of the buckets. The caller owns the wheel.
//
//go:noinline
func (o *Owner) sweepBuckets(w *Wheel) {
	for level := range uint(levels) {
		for digit := range uint(fanOut) {
			if w.digits[level]>>digit&1 == 0 {
				continue
			}
			h := &w.heads[level*fanOut+digit]
			if *h = o.sweepList(w, *h); *h == 0 {
				w.clear(level, digit)
			}
		}
	}
	w.debt.Store(max(w.count, o.pool.least))
}

// sweepList frees the canceled nodes of a list and returns the rest of it.
func (o *Owner) sweepList(w *Wheel, head uint32) uint32 {
	var before *node
	for i := head; i != 0; {
		n := o.view.node(i)
		next := n.next.Get()
		switch {
		case n.word.Load()&stateMask != canceled:
			before = n
		case before == nil:
			head = next
			w.count--
			o.put(n, i)
		default:
			before.next.Set(next)
			w.count--
			o.put(n, i)
		}
		i = next
	}
	return head
}
