package wheel

import "github.com/fencert/fencert/internal/atomicx"

// pauses is how long the loser of a CAS leaves the line alone, in PAUSE instructions.
const pauses = 8

// Add registers a callback for a point, 1 to MaxPoint. On success it will be delivered exactly once or canceled. What
// the caller did before is visible to it. Allowed in callbacks, and after Close: ErrSignaled.
//
// Lock-free; one CAS, no allocation. It delivers nothing: what it finds due, in the rare case that the value passes the
// point just now, is handed over. Errors: ErrSignaled, ErrExhausted, ErrRange; then nothing was added.
func (o *Owner) Add(w *Wheel, point uint64, handler uint32, arg uint64) (Ticket, error) {
	if point > MaxPoint || handler > MaxHandler {
		return 0, ErrRange
	}
	if w.value.Load() >= point {
		return 0, ErrSignaled
	}
	i, n, word := o.take()
	if i == 0 {
		if i, n, word = o.takeMore(); i == 0 {
			return 0, ErrExhausted
		}
	}
	word |= uint64(handler) << handlerShift
	n.fill(w, word, point, arg)
	r := round(point)
	// push, its first turn.
	b := w.box.Load()
	n.next.Set(uint32(b & headMask))
	if !w.box.CompareAndSwap(b, lower(b, r, i)) {
		w.push(i, n, r)
	}
	// Pairs with: the CAS of the value in Advance and Close, which look at the box afterwards. One of the two sees
	// the other (W4).
	if w.value.Load() >= point && o.late(w, i, word) {
		return 0, ErrSignaled
	}
	return makeTicket(i, word), nil
}

// push puts the private chain from newest to oldest into the box; r is its lowest point, rounded.
//
//go:noinline
func (w *Wheel) push(newest uint32, oldest *node, r uint64) {
	for {
		b := w.box.Load()
		oldest.next.Set(uint32(b & headMask))
		// Publishes: the nodes. Pairs with: the CAS by which an owner takes them (W2). ABA: harmless. Only the node on
		// top and the minimum matter, and both are in the word. Progress: a failure is another's success.
		if w.box.CompareAndSwap(b, lower(b, r, newest)) {
			return
		}
		atomicx.Pause(pauses)
	}
}

// late sees to a node that was added when the value had perhaps passed its point already, so that perhaps no Advance has
// seen it. True: it was taken back. False: it will be delivered.
//
//go:noinline
func (o *Owner) late(w *Wheel, i uint32, word uint64) (withdrawn bool) {
	for {
		v := w.value.Load()
		b := w.box.Load()
		if b&busy != 0 {
			return false // the owner looks at the box and the value before and after it leaves (W4)
		}
		if w.ahead(b, v) {
			return false // it was delivered meanwhile (W3)
		}
		// Owns: the wheel (W2). Pairs with: the release. ABA: all that counts is in the word. Progress: a failure is
		// another's success.
		if w.box.CompareAndSwap(b, empty) {
			withdrawn = o.pass(w, v, uint32(b&headMask), makeTicket(i, word))
			o.leave(w)
			return withdrawn
		}
		atomicx.Pause(pauses)
	}
}

// AddMany registers one callback per argument, all by one CAS; points has the length of args, or is one point for all of
// them. All are added or none. named, unless nil, is given the ticket of each before any of them is added: it keeps them for
// when AddMany has succeeded. For the rest it is as Add.
func (o *Owner) AddMany(w *Wheel, points []uint64, handler uint32, args []uint64, named func(k int, t Ticket)) error {
	if len(args) == 0 {
		return nil
	}
	if len(points) != len(args) && len(points) != 1 {
		return ErrRange
	}
	lowest := points[0]
	for _, s := range points {
		if s > MaxPoint {
			return ErrRange
		}
		lowest = min(lowest, s)
	}
	if handler > MaxHandler {
		return ErrRange
	}
	if w.value.Load() >= lowest {
		return ErrSignaled
	}
	newest, oldest := o.allocMany(w, points, handler, args, named)
	if newest == 0 {
		return ErrExhausted
	}
	w.push(newest, oldest, round(lowest))
	if w.value.Load() >= lowest { // as in Add; but what is late isn't taken back, since others aren't late
		o.late(w, 0, 0)
	}
	return nil
}

// allocMany takes one node for each argument, linked from that of the last to that of the first. 0: there are not enough.
func (o *Owner) allocMany(w *Wheel, points []uint64, handler uint32, args []uint64, named func(int, Ticket)) (newest uint32, oldest *node) {
	if len(args) > o.pool.Nodes() {
		return 0, nil
	}
	for k, arg := range args {
		i, n, word := o.takeMore()
		if i == 0 {
			for newest != 0 {
				n := o.view.node(newest)
				next := n.next.Get()
				o.put(n, newest)
				newest = next
			}
			o.Trim()
			return 0, nil
		}
		word |= uint64(handler) << handlerShift
		n.fill(w, word, points[min(k, len(points)-1)], arg)
		n.next.Set(newest)
		newest = i
		if k == 0 {
			oldest = n
		}
		if named != nil {
			named(k, makeTicket(i, word))
		}
	}
	return newest, oldest
}
