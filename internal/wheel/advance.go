package wheel

import "github.com/fencert/fencert/internal/atomicx"

// Advance raises the value to n, at most MaxPoint: every point up to there is signaled at once. moved is false when it
// was there already, the wheel is closed, or n is above MaxPoint. due tells that the caller has come to deliver: it owns
// the wheel and must call Next until that ends. Otherwise nothing is due, or another goroutine delivers it.
//
// Allowed in callbacks. When this Owner is delivering for the wheel already, what comes due follows there.
//
// Lock-free; with nothing due one CAS and three loads, however many callbacks wait and however far it goes; with
// something due two CAS more, the one in Next included. No allocation. It is Raise, Quiet and Kick.
func (o *Owner) Advance(w *Wheel, n uint64) (moved, due bool) {
	if !w.Raise(n) {
		return false, false
	}
	return true, !w.Quiet(n) && o.Kick(w, n)
}

// TryRaise is Raise where nobody interferes: false says nothing. It is small enough to be inlined.
func (w *Wheel) TryRaise(n uint64) bool {
	v := w.value.Load()
	return v < n && n <= MaxPoint && w.value.CompareAndSwap(v, n) // as in Raise
}

// RaiseFrom is Raise from a value v that was read before to n, above it and no more than MaxPoint, and without a loop: false
// when the value is another by now.
func (w *Wheel) RaiseFrom(v, n uint64) bool {
	return w.value.CompareAndSwap(v, n) // as in Raise
}

// Quiet tells, after a Raise to n, that nothing is due: Kick would answer false. It may answer false as well.
func (w *Wheel) Quiet(n uint64) bool {
	// Pairs with: the CAS of the box in Add and release, which look at the value afterwards (W4).
	b := w.box.Load()
	return b&busy == 0 && b>>minShift > round(n)
}

// Raise is the linearization of Advance: it raises the value to n, and tells whether it did. Who has raised it must look
// at Quiet and, unless that is true, call Kick.
func (w *Wheel) Raise(n uint64) bool {
	if n > MaxPoint {
		return false
	}
	for {
		v := w.value.Load()
		if v >= n {
			return false
		}
		// Publishes: what the caller did before, to who sees the point signaled. ABA: the value only grows (W5).
		// Progress: a failure means that another has raised or closed it.
		if w.value.CompareAndSwap(v, n) {
			return true
		}
		atomicx.Pause(pauses)
	}
}

// Kick becomes the wheel's owner if something in it may be due at v, which it has reached, and nobody else is. True: the
// caller is to deliver.
func (o *Owner) Kick(w *Wheel, v uint64) (due bool) {
	head, owned := o.become(w, v)
	if !owned {
		return false
	}
	if w.alone(o.view, v, head) {
		w.begin(v)
		w.chain.Set(head)
		w.count++
		return true
	}
	o.pass(w, v, head, 0)
	return o.more(w)
}

// KickOne is Kick, but where one callback is all there is, the caller has it already, as from Next, and may end the delivery
// by EndOne.
func (o *Owner) KickOne(w *Wheel, v uint64) (c Callback, one, due bool) {
	b := w.box.Load()
	if b&busy != 0 || w.ahead(b, v) || !w.box.CompareAndSwap(b, empty) { // as in become
		return Callback{}, false, o.Kick(w, v)
	}
	w.own, w.budget = v, o.pool.budget
	w.outer, o.top = o.top, w
	head := uint32(b & headMask)
	if w.alone(o.view, v, head) {
		w.begin(v)
	} else if head, due = o.only(w, v, head); head == 0 {
		return Callback{}, false, due
	}
	n := o.view.node(head)
	word := n.word.Load() // as in Next
	if word&stateMask != pending && !n.claim(word) {
		o.put(n, head)
		return Callback{}, false, o.more(w)
	}
	w.last.Set(head)
	return Callback{Point: n.point.Load(), Arg: n.arg.Get(), Handler: handler(word)}, true, true
}

// only begins a pass for a new owner. Where one node comes due by it, and nothing else, it takes that from the chain. 0: it
// isn't so; and unless something is due, the wheel was given up again.
//
//go:noinline
func (o *Owner) only(w *Wheel, v uint64, head uint32) (one uint32, due bool) {
	o.pass(w, v, head, 0)
	if !o.more(w) {
		return 0, false
	}
	i, m := w.chain.Get(), uint64(nothing)
	_, _, s, ok := w.first()
	if ok {
		m = round(s)
	} else {
		s = ^uint64(0)
	}
	// Up to limit and not to v: the value may have moved on, and more have begun another pass.
	if o.view.node(i).next.Get() != 0 || s <= w.limit.Get() {
		return 0, true
	}
	w.chain.Set(0)
	w.count--
	// As in release, which EndOne leaves out.
	atomicx.StoreRelease64(&w.exact, s)
	atomicx.StoreRelease32(&w.shown, w.count)
	w.rest.Set(m << minShift)
	return i, true
}

// become makes the caller the owner, for what may be due at v, with the list that was in the box; or finds that nothing is, or
// somebody else is the owner.
func (o *Owner) become(w *Wheel, v uint64) (head uint32, owned bool) {
	for {
		b := w.box.Load()
		if b&busy != 0 {
			if o.delivers(w) {
				w.own = max(w.own, v) // nested: the rest of it follows outside, whatever the budget
			}
			return 0, false
		}
		if w.ahead(b, v) {
			return 0, false
		}
		// Owns: the wheel, and takes what was in the box (W2). Pairs with: the release. ABA: all that counts is in the
		// word. Progress: a failure is another's success.
		if w.box.CompareAndSwap(b, empty) {
			w.own, w.budget = v, o.pool.budget
			w.outer, o.top = o.top, w
			return uint32(b & headMask), true
		}
		atomicx.Pause(pauses)
	}
}
