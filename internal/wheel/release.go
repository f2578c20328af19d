package wheel

import "github.com/fencert/fencert/internal/atomicx"

// quit gives the wheel back (true), unless something may be due: then it has begun a pass, and the caller owns the wheel
// still (false). s and ok are what first says, but for what anyDue may have spread.
func (o *Owner) quit(w *Wheel, s uint64, ok bool) bool {
	own, budget, outer := w.own, w.budget, w.outer
	for {
		if w.debt.Load() == 0 {
			o.sweepBuckets(w)
			_, _, s, ok = w.first()
		}
		v := w.value.Load() // before the box: what an empty box has missed was added after this (W7)
		b := w.box.Load()
		if ok && s <= v || b&headMask != 0 && b>>minShift <= round(v) {
			// Takes what is in the box, after the value was read (W7). Pairs with: push. ABA, Progress: as in become.
			if b&headMask == 0 || w.box.CompareAndSwap(b, empty) {
				o.pass(w, v, uint32(b&headMask), 0)
				return false
			}
			continue
		}
		if !w.release(b, s, ok) {
			continue
		}
		// Pairs with: the CAS of the value in Advance and Close, which leave a busy box alone (W4).
		if w.value.Load() == v || !o.regain(w) {
			return true
		}
		w.own, w.budget, w.outer = own, budget, outer // there may have been another owner
		return false
	}
}

// release makes the box idle, if it is b still. s is the lowest point in the buckets, if there is one.
func (w *Wheel) release(b, s uint64, ok bool) bool {
	m := uint64(nothing)
	if ok {
		m = round(s)
	} else {
		s = ^uint64(0)
	}
	// Release stores: only the owner writes, and who reads exact has read the box before (see ahead).
	atomicx.StoreRelease64(&w.exact, s)
	atomicx.StoreRelease32(&w.shown, w.count)
	w.rest.Set(m << minShift)
	// Publishes: all that the owner owned (W2), and the minimum (W3). Pairs with: the CAS in become, late and
	// tryOwn. ABA: all that counts is in the word. The caller loops: a failure means that something was added.
	return w.box.CompareAndSwap(b, min(b>>minShift, m)<<minShift|b&headMask)
}

// regain becomes the owner once more if something is due now and nobody else is, and begins a pass.
//
//go:noinline
func (o *Owner) regain(w *Wheel) bool {
	for {
		v := w.value.Load()
		b := w.box.Load()
		if b&busy != 0 || w.ahead(b, v) {
			return false
		}
		if w.box.CompareAndSwap(b, empty) { // as in become
			o.pass(w, v, uint32(b&headMask), 0)
			return true
		}
		atomicx.Pause(pauses)
	}
}

// leave is the end for an owner that came for something other than to deliver.
func (o *Owner) leave(w *Wheel) {
	for !w.anyDue(o.view, w.limit.Get()) {
		if _, _, s, ok := w.first(); o.quit(w, s, ok) {
			o.Trim()
			return
		}
	}
	o.pool.handOver(w)
	o.Trim()
}

// tryOwn becomes the owner to look after the buckets, if nobody is.
func (o *Owner) tryOwn(w *Wheel) bool {
	for {
		v := w.value.Load()
		b := w.box.Load()
		if b&busy != 0 {
			return false
		}
		if w.box.CompareAndSwap(b, empty) { // as in become
			o.pass(w, v, uint32(b&headMask), 0)
			return true
		}
		atomicx.Pause(pauses)
	}
}
