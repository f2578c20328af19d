package cbqueue

import (
	"github.com/fencert/fencert/internal/atomicx"
)

// pauses is how long the loser of a CAS leaves the line alone, in PAUSE instructions.
const pauses = 64

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
	i, word := o.alloc(handler)
	if i == 0 {
		return 0, ErrExhausted
	}
	n := &o.pool.nodes[i]
	n.arg.Set(arg)
	if !o.push(w, b, life, i, n) {
		o.put(i)
		return 0, ErrClosed
	}
	return makeTicket(i, word), nil
}

// push links the private chain from newest to oldest to the list whose word is probably b.
func (o *Owner) push(w *atomicx.Uint64, b, life uint64, newest uint32, oldest *node) bool {
	for {
		atomicx.Init32(&oldest.next, uint32(b&HeadMask))
		v := b&^HeadMask | uint64(newest)
		// Publishes: the nodes' word, arg, next. Pairs with: the load or CAS by which the
		// closer got the head (Q2). ABA: harmless, see the package comment.
		// Progress: a failure means that somebody else changed this list.
		if w.CompareAndSwap(b, v) {
			o.Left(w, v)
			return true
		}
		if o.lastWord != w { // a guess that was wrong is no contention
			atomicx.Pause(pauses)
		}
		o.Forget()
		b = w.Load()
		if !Open(b, life) {
			return false
		}
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
	var newest, oldest uint32
	for k, arg := range args {
		i, word := o.alloc(handler)
		if i == 0 {
			o.takeBack(newest, k)
			return ErrExhausted
		}
		n := &o.pool.nodes[i]
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
	if !o.push(w, b, life, newest, &o.pool.nodes[oldest]) {
		atomicx.Init32(&o.pool.nodes[oldest].next, 0)
		o.takeBack(newest, len(args))
		return ErrClosed
	}
	return nil
}

// takeBack frees a chain of n nodes that was never published.
func (o *Owner) takeBack(i uint32, n int) {
	for range n {
		next := atomicx.Own32(&o.pool.nodes[i].next)
		o.put(i)
		i = next
	}
}
