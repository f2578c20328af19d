package cbqueue

import (
	"github.com/fencert/fencert/internal/atomicx"
)

// pauses is how long the loser of a CAS leaves the line alone, in PAUSE instructions.
const pauses = 8

// Add puts a callback on the list in w, unless it is closed or in another life. handler is at
// most MaxHandler. On success the callback will be run exactly once or canceled. What the
// caller did before is visible to the callback.
//
// Lock-free; one CAS, no allocation. Errors: ErrClosed, ErrExhausted; then nothing was added.
func (o *Owner) Add(w *atomicx.Uint64, life uint64, handler uint32, arg uint64) (Ticket, error) {
	b := o.Expect(w)
	if !Open(b, life) {
		if b = w.Load(); !Open(b, life) { // what was left there may be an earlier life's
			return 0, ErrClosed
		}
	}
	i, word := o.Peek(handler)
	if i != 0 {
		o.Fill(i, word, arg, b)
	} else {
		if i, word = o.alloc(handler); i == 0 {
			return 0, ErrExhausted
		}
		n := &o.nodes[i]
		n.arg.Set(arg)
		atomicx.StoreRelease32(&n.next, uint32(b&HeadMask))
	}
	if !o.TryLink(w, b, i) && !o.Link(w, life, i) {
		return 0, ErrClosed
	}
	return MakeTicket(i, word), nil
}

// Peek is the first third of Add, small enough to be inlined: the first free node, and its word for a callback. Nothing is
// changed yet. 0: call Add.
func (o *Owner) Peek(handler uint32) (i uint32, word uint64) {
	i = o.free // 0 when there is none: that node is at its last generation
	word = (o.view.node(i).word.Load() | (1<<generationShift - 1)) + 1
	if word >= o.last {
		return 0, 0
	}
	return i, word | uint64(handler)<<handlerShift
}

// Fill is the second third: it takes the node that Peek returned, for a list whose word is probably b.
func (o *Owner) Fill(i uint32, word, arg, b uint64) {
	n := o.view.node(i)
	atomicx.StoreRelease64(&n.word, word) // as in alloc
	n.arg.Set(arg)
	o.free = atomicx.Own32(&n.next)
	o.count--
	atomicx.StoreRelease32(&n.next, uint32(b&HeadMask))
}

// TryLink is the last third: it links the node to the list, if its word is b. false: call Link.
func (o *Owner) TryLink(w *atomicx.Uint64, b uint64, i uint32) bool {
	v := b&^HeadMask | uint64(i)
	// Publishes: the node. Pairs with, ABA, Progress: as in push, which goes on when this fails.
	if !w.CompareAndSwap(b, v) {
		return false
	}
	o.Left(w, v)
	o.counts.added.Add(1)
	return true
}

// Link links a node after TryLink has failed. false: the list is closed, and the node is free again.
//
//go:noinline
func (o *Owner) Link(w *atomicx.Uint64, life uint64, i uint32) bool {
	if !o.push(w, life, i, &o.nodes[i]) {
		o.put(i)
		return false
	}
	o.counts.added.Add(1)
	return true
}

// push links the private chain from newest to oldest to the list in w.
//
//go:noinline
func (o *Owner) push(w *atomicx.Uint64, life uint64, newest uint32, oldest *node) bool {
	o.Forget()
	for {
		b := w.Load()
		if !Open(b, life) {
			return false
		}
		atomicx.StoreRelease32(&oldest.next, uint32(b&HeadMask))
		v := b&^HeadMask | uint64(newest)
		// Publishes: the nodes' word, arg, next. Pairs with: the load or CAS by which the closer got the
		// head (Q2). ABA: harmless, see the package comment. Progress: a failure means that somebody else
		// changed this list.
		if w.CompareAndSwap(b, v) {
			o.Left(w, v)
			return true
		}
		atomicx.Pause(pauses)
	}
}

// AddMany adds one callback per argument, all by one CAS; they run in the order of args. When
// tickets isn't nil it has the length of args and is filled. All are added or none.
//
// Lock-free; one CAS, no allocation. Errors: ErrClosed, ErrExhausted.
func (o *Owner) AddMany(w *atomicx.Uint64, life uint64, handler uint32, args []uint64, tickets []Ticket) error {
	if len(args) == 0 {
		return nil
	}
	b := o.Expect(w)
	if !Open(b, life) {
		if b = w.Load(); !Open(b, life) {
			return ErrClosed
		}
	}
	if len(args) > o.pool.Nodes() {
		return ErrExhausted
	}
	newest, oldest := o.allocMany(handler, args, tickets)
	if newest == 0 {
		o.Trim()
		return ErrExhausted
	}
	last := &o.nodes[oldest]
	atomicx.StoreRelease32(&last.next, uint32(b&HeadMask))
	v := b&^HeadMask | uint64(newest)
	if w.CompareAndSwap(b, v) { // as in push, which goes on when this fails
		o.Left(w, v)
		o.counts.added.Add(uint64(len(args)))
		return nil
	}
	if !o.push(w, life, newest, last) {
		o.takeBack(newest, len(args))
		o.Trim()
		return ErrClosed
	}
	o.counts.added.Add(uint64(len(args)))
	return nil
}

// allocMany takes one node for each of args, linked from that of the last to that of the first. 0: there are not enough.
func (o *Owner) allocMany(handler uint32, args []uint64, tickets []Ticket) (newest, oldest uint32) {
	for o.count < uint32(len(args)) {
		if !o.refill() {
			return 0, 0
		}
	}
	// The free chain has the links that the list needs: its first node takes the last argument.
	newest = o.free
	i := newest
	for k := len(args) - 1; k >= 0; k-- {
		n := &o.nodes[i]
		word := n.word.Load()&^(1<<generationShift-1) + 1<<generationShift
		if word >= o.last {
			return o.allocEach(handler, args, tickets)
		}
		word |= uint64(handler) << handlerShift
		atomicx.StoreRelease64(&n.word, word) // as in alloc; done twice where allocEach starts anew
		n.arg.Set(args[k])
		if tickets != nil {
			tickets[k] = MakeTicket(i, word)
		}
		oldest = i
		i = atomicx.Own32(&n.next)
	}
	o.free = i
	o.count -= uint32(len(args))
	return newest, oldest
}

// allocEach is allocMany where a node on the way is to be retired.
//
//go:noinline
func (o *Owner) allocEach(handler uint32, args []uint64, tickets []Ticket) (newest, oldest uint32) {
	for k, arg := range args {
		i, word := o.alloc(handler)
		if i == 0 {
			o.takeBack(newest, k)
			return 0, 0
		}
		n := &o.nodes[i]
		n.arg.Set(arg)
		atomicx.StoreRelease32(&n.next, newest)
		newest = i
		if k == 0 {
			oldest = i
		}
		if tickets != nil {
			tickets[k] = MakeTicket(i, word)
		}
	}
	return newest, oldest
}

// takeBack frees a chain of n nodes that was never published.
func (o *Owner) takeBack(i uint32, n int) {
	for range n {
		next := atomicx.Own32(&o.nodes[i].next)
		o.put(i)
		i = next
	}
}
