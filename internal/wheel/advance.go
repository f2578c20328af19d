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
//
//go:noinline
func (o *Owner) Kick(w *Wheel, v uint64) bool {
	for {
		b := w.box.Load()
		if b&busy != 0 {
			if o.delivers(w) {
				w.own = max(w.own, v) // nested: the rest of it follows outside, whatever the budget
			}
			return false
		}
		if w.ahead(b, v) {
			return false
		}
		// Owns: the wheel, and takes what was in the box (W2). Pairs with: the release. ABA: all that counts is in the
		// word. Progress: a failure is another's success.
		if w.box.CompareAndSwap(b, empty) {
			w.own, w.budget = v, o.pool.budget
			w.outer, o.top = o.top, w
			head := uint32(b & headMask)
			if w.alone(o.view, v, head) {
				return true
			}
			o.pass(w, v, head, 0)
			return o.more(w)
		}
		atomicx.Pause(pauses)
	}
}
