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
	i := o.free
	if i == 0 {
		return o.addSlow(w, life, handler, arg)
	}
	n := &o.nodes[i]
	word := n.word.Load()&^(1<<generationShift-1) + 1<<generationShift
	if word >= o.last {
		return o.addSlow(w, life, handler, arg)
	}
	word |= uint64(handler) << handlerShift
	atomicx.StoreRelease64(&n.word, word) // as in alloc
	n.arg.Set(arg)
	next := atomicx.Own32(&n.next)
	atomicx.Init32(&n.next, uint32(b&HeadMask))
	v := b&^HeadMask | uint64(i)
	// Publishes: the node. Pairs with, ABA, Progress: as in push, which goes on when this fails.
	if !w.CompareAndSwap(b, v) {
		o.took(next)
		return o.addLoser(w, life, i, word)
	}
	o.took(next)
	o.Left(w, v)
	return makeTicket(i, word), nil
}

// addSlow is Add when the next free node isn't at hand.
//
//go:noinline
func (o *Owner) addSlow(w *atomicx.Uint64, life uint64, handler uint32, arg uint64) (Ticket, error) {
	i, word := o.alloc(handler)
	if i == 0 {
		return 0, ErrExhausted
	}
	o.nodes[i].arg.Set(arg)
	return o.addLoser(w, life, i, word)
}

// addLoser is Add for a node that is ready.
//
//go:noinline
func (o *Owner) addLoser(w *atomicx.Uint64, life uint64, i uint32, word uint64) (Ticket, error) {
	if !o.push(w, life, i, &o.nodes[i]) {
		o.put(i)
		return 0, ErrClosed
	}
	return makeTicket(i, word), nil
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
		atomicx.Init32(&oldest.next, uint32(b&HeadMask))
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
	newest, oldest := o.allocMany(handler, args, tickets)
	if newest == 0 {
		return ErrExhausted
	}
	last := &o.nodes[oldest]
	atomicx.Init32(&last.next, uint32(b&HeadMask))
	v := b&^HeadMask | uint64(newest)
	if w.CompareAndSwap(b, v) { // as in Add
		o.Left(w, v)
		return nil
	}
	if !o.push(w, life, newest, last) {
		atomicx.Init32(&last.next, 0)
		o.takeBack(newest, len(args))
		return ErrClosed
	}
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
			tickets[k] = makeTicket(i, word)
		}
		oldest = i
		i = atomicx.Own32(&n.next)
	}
	o.free = i
	o.count -= uint32(len(args))
	o.reserved -= min(o.reserved, uint32(len(args)))
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
		atomicx.Init32(&n.next, newest)
		newest = i
		if k == 0 {
			oldest = i
		}
		if tickets != nil {
			tickets[k] = makeTicket(i, word)
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
