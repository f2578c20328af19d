package fencert

import (
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/internal/atomicx"
)

// What some fence contexts want and most don't costs the others nothing: the fences of such a context have
// specialBit in their word, from Arm to the end of the life, and each fast path takes them for something that
// only the slow one knows.

// specialBit tells that the fence's context is special: the slot's extra is in use.
const specialBit = cbqueue.FlagB

// The bits of FenceContext.mode. Fences are armed without a second look while it is 0.
const (
	modeSpecial = 1 << iota // fences get specialBit; set before the context is known to anybody, never changed
	modeClosed              // Close has begun
)

// An extra is what the fence of a special context has besides its slot. It belongs to the life whose generation it
// carries in enabled.
type extra struct {
	// enabled: life, and bit 0 once somebody has claimed the call of EnableSignaling. Release-stored by who arms, before the
	// word has specialBit.
	enabled atomicx.Uint64
	// deadline is the soonest that was asked for in this life, see deadline.go.
	deadline atomicx.Uint64
	// armed and signaled are the timestamps, see timestamp.go.
	armed, signaled atomicx.Uint64
	// next links fences whose EnableSignaling was put off. Plain: it belongs to who has claimed the call.
	next atomicx.Cell[uint32]
	// data is the life that has entries in tables, if it is the present one. Release-stored by who arms, before specialBit.
	data atomicx.Uint64
	// unlinked is the stamp at the end of such a life. It belongs to who has the retired slot (U3).
	unlinked atomicx.Uint64
	// observed: life, and bit 0 once Signaled has been told to the observer, see events.go.
	observed atomicx.Uint64
}

// extra is the extra of a slot whose word has, or is about to have, specialBit.
func (rt *Runtime) extra(n uint32) *extra { return &(*rt.extras.Load())[n] }

// makeExtras makes room for extras before the first special context is known to anybody.
func (rt *Runtime) makeExtras() {
	if rt.extras.Load() != nil {
		return
	}
	made := make([]extra, rt.fences+1)
	// Publishes: the array. ABA: it is set once. No loop: a failure means that there is one.
	rt.extras.CompareAndSwap(nil, &made)
}

// armedSpecial is the end of arming in a context whose mode isn't 0: nobody else has the fence yet, but for Close of the
// context or the runtime, which may have signaled it already. It tells whether the fence was born signaled.
//
//go:noinline
func (l *Local) armedSpecial(n uint32, life uint64, c *FenceContext) (bornSignaled bool) {
	w := &l.runtime.words[n]
	closed := c.mode.Load()&modeClosed != 0
	if closed {
		c.armedLate()
	}
	if c.mode.Load()&modeSpecial != 0 {
		e := l.runtime.extra(n)
		e.begin(c, life)
		c.beginTables(e, n, life)
		l.observeArmed(n, life, c)
		l.nodes.Forget()
		// Publishes: the extra. Pairs with: the load of the word that finds specialBit. ABA: the life doesn't end before its
		// issuer is dropped. Progress: a failure means that Close has signaled.
		b := w.Load()
		for ; !w.CompareAndSwap(b, b|specialBit); b = w.Load() {
		}
		if b&closedBit != 0 { // Close didn't see specialBit
			l.runtime.stampSignaled(n, life)
		}
		l.observeBorn(n)
	}
	// Close may have done it, the context's or the runtime's: then it was armed before.
	return closed && l.Signal(Issuer{fence: Fence{w, life | closedBit}}, c.closedWith()) == nil
}

// signaledSpecial is called by who has closed the word of a special fence, before its callbacks run.
//
//go:noinline
func (l *Local) signaledSpecial(n uint32, closed uint64) {
	l.runtime.stampSignaled(n, closed&lifeMask)
}

// endLifeSlow is endLife for a fence with a code in the table of errors, or a special one.
//
//go:noinline
func (l *Local) endLifeSlow(n uint32, closed uint64) (recycle bool) {
	if closed&specialBit != 0 {
		l.observeEnded(n, closed)
	}
	l.releaseCode(code(closed))
	if closed&specialBit != 0 && l.runtime.extra(n).data.Load() == closed&lifeMask {
		l.retire(n, closed)
		return false
	}
	return true
}

// armedIn is the context of a slot's life, for who keeps that life from ending.
func (rt *Runtime) armedIn(n uint32) *FenceContext {
	c, _ := rt.contexts.Load(rt.slots[n].owner.Load() &^ lifeMask)
	return c
}
