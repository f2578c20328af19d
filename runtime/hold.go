package fencert

import (
	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/internal/atomicx"
)

// maxHolds is where a count of holds stays: the slot is then never recycled.
const maxHolds = 1<<arena.IndexBits - 1

// A Hold keeps a fence's result from being recycled. Zero value: of nothing; Err is ErrStale. Copying:
// freely, but it is released once.
type Hold struct {
	debug   debugHold
	fence   Fence
	runtime *Runtime // keeps the table of errors, also after Close
}

// Fence is the fence that is held.
func (h Hold) Fence() Fence { return h.fence }

// Err is the result: ErrPending before the signal, then nil or what Signal was given. Never ErrStale
// before Release. Wait-free; one load.
func (h Hold) Err() error {
	f := h.fence
	if f.number < slotNumbers {
		return f.pointErr()
	}
	// Pairs with: the CAS that closed the word and carries the result in it (R1).
	w := f.word.Load()
	if w < f.number {
		return ErrPending
	}
	if w&lifeMask != f.life() {
		return ErrStale
	}
	if c := code(w); c >= codeTable {
		return h.runtime.results.decode(c) // held: the life doesn't end
	}
	return f.result(w)
}

// Hold takes a reference to the fence: until Release its slot isn't recycled and its result stays known.
// In callbacks: yes. Lock-free; two CAS for the first holder, else one; no allocation. Errors: ErrStale:
// the fence is recycled already, or just being so. ErrForeign.
func (l *Local) Hold(f Fence) (Hold, error) {
	n := l.runtime.index(f.word)
	if n == 0 {
		return l.runtime.holdSlotless(f)
	}
	if !l.runtime.hold(f.word, n, f.life()) {
		return Hold{}, ErrStale
	}
	h := Hold{fence: f, runtime: l.runtime}
	if debugging {
		h.debugHeld()
	}
	return h, nil
}

// Release gives a hold back. The last one recycles the fence, if its issuer was dropped. In callbacks:
// yes. Lock-free; one CAS. Errors: ErrNotHeld: more releases than holds. ErrForeign.
func (l *Local) Release(h Hold) error {
	n := l.runtime.index(h.fence.word)
	if n == 0 {
		return releaseSlotless(h)
	}
	l.check()
	if debugging {
		h.debugReleased()
	}
	if !l.release(h.fence.word, n, h.fence.life()) {
		return ErrNotHeld
	}
	return nil
}

// hold raises the count of holders, unless the life has ended or is about to.
func (rt *Runtime) hold(w *atomicx.Uint64, n uint32, life uint64) bool {
	for {
		b := w.Load()
		if b&lifeMask != life || b&(closedBit|droppedBit|heldBit) == closedBit|droppedBit {
			return false
		}
		// Tells the issuer to look at holds. Pairs with: the CAS of Finish and Drop, which fails
		// or sees it (R3). ABA: lives don't come back. Progress: lock-free.
		if b&heldBit != 0 || w.CompareAndSwap(b, b|heldBit) {
			break
		}
	}
	h := &rt.slots[n].holds
	for {
		v := h.Load()
		next := v + 1
		switch {
		case v&lifeMask < life: // the first: the issuer's reference and ours
			next = life | 2
		case v&lifeMask > life || v == life: // the next life, or given up by all
			return false
		case v == life|maxHolds: // saturated for good
			return true
		}
		// Owns: a reference. ABA: harmless, the count is all there is. Progress: lock-free.
		if h.CompareAndSwap(v, next) {
			return true
		}
	}
}

// unhold gives up one reference and tells whether it was the last. Before anybody has counted, the
// issuer's is the only one.
func (rt *Runtime) unhold(n uint32, life uint64) bool {
	h := &rt.slots[n].holds
	for {
		v := h.Load()
		next := v - 1
		switch {
		case v&lifeMask < life: // a holder has set heldBit and not counted yet: it will find 0
			next = life
		case v == life, v == life|maxHolds: // nothing to give up; saturated for good
			return false
		}
		// Gives up a reference. Pairs with: the CAS in hold, which doesn't revive a 0. ABA: harmless, the count is
		// all there is. Progress: a failure is another's success.
		if h.CompareAndSwap(v, next) {
			return next == life
		}
	}
}

// release is unhold for a holder, with the checks that find a release too many.
func (l *Local) release(w *atomicx.Uint64, n uint32, life uint64) bool {
	v := l.runtime.slots[n].holds.Load()
	b := w.Load()
	if v&lifeMask != life || v == life || v == life|1 && b&droppedBit == 0 {
		return false
	}
	if l.runtime.unhold(n, life) {
		l.enter()
		l.endLife(w, n, w.Load()) // the last reference: nobody changes the word any more (R4)
		l.leave()
	}
	return true
}
