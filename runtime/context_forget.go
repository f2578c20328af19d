package fencert

import (
	"github.com/fencert/fencert/internal/atomicx"
)

// How closed contexts are forgotten, that is taken out of the registry, and yet found by their id as long as a life of
// them lasts (C2). No fence counts in its context: that would cost every life. Instead somebody looks at all slots now and
// then. What is armed in a closed context meanwhile says so in late:
//
//	who forgets                                     who arms in a closed context
//	  late is l, not forgotten                        stores the slot's owner, late += 2
//	  no slot has a life of the context               if late says forgotten: inserts the context,
//	  CAS late from l to l|forgotten                    clears forgotten, and pushes the context if it was the one
//	  deletes the context, unless it was inserted
//
// An Arm whose count came before l was read is seen in the slots (the Add is a full barrier behind the release store). One
// whose count came between makes the CAS fail. One that came after the CAS sees forgotten, and inserts: before the
// delete, which then leaves the context where it is, or after it. It does so before anybody gets the fence; and as long as
// an Arm is at it, its life keeps others from forgetting again.
//
// A closed context that is not forgotten is in the list or with one who forgets; bit 0 is set by the one who has it,
// and cleared by a late Arm, which then has it. ABA: late's count rises; the list is pushed to by CAS, where only the top
// counts, and taken by Swap. Progress: lock-free but for the registry, which takes a lock for the moment of a change: for an
// Arm in a closed context only when that is forgotten.

// forgotten is bit 0 of late; a late Arm adds oneLate.
const (
	forgotten = 1
	oneLate   = 2
)

// fewForgetting is how many closed contexts may wait without a look at all slots.
const fewForgetting = 16

// forgetting is the list of closed contexts to be forgotten.
type forgetting struct {
	newest atomicx.Pointer[FenceContext]
	pushed atomicx.Int64 // since the last look; a guess
	kept   atomicx.Int64 // by the last look; a guess
}

// push adds a context that the caller has.
func (g *forgetting) push(c *FenceContext) {
	g.pushed.Add(1)
	for {
		top := g.newest.Load()
		c.ended.next = top
		// Publishes: next. Pairs with: the Swap in forgetContexts. ABA: harmless, a push cares for the top only. Progress: a
		// failure is another's success.
		if g.newest.CompareAndSwap(top, c) {
			return
		}
	}
}

// due tells whether the list may have doubled since the last look: so a look at all slots is shared by as many contexts
// as are closed and in use.
func (g *forgetting) due() bool { return g.pushed.Load() > fewForgetting+g.kept.Load() }

// forgetContexts forgets the closed contexts that no life is left of.
func (rt *Runtime) forgetContexts() {
	g := &rt.forgetting
	if g.newest.Load() == nil {
		return
	}
	type waiting struct {
		c     *FenceContext
		late  uint64
		alive bool
	}
	var list []*waiting
	byID := map[uint64]*waiting{}
	g.pushed.Store(0)
	// Owns: the contexts in the list. Pairs with: the CAS in push.
	for c := g.newest.Swap(nil); c != nil; {
		w := &waiting{c: c, late: c.ended.late.Load()}
		list, byID[c.id] = append(list, w), w
		next := c.ended.next
		c.ended.next = nil
		c = next
	}
	rt.lives(rt.arena.Touched(), func(_ uint32, _, _, id uint64) {
		if w := byID[id]; w != nil {
			w.alive = true
		}
	})
	kept := int64(0)
	for _, w := range list {
		if w.alive || !w.c.forget(w.late) {
			g.push(w.c)
			kept++
		}
	}
	g.pushed.Add(-kept)
	g.kept.Store(kept)
}

// forget takes the context out of the registry, unless something was armed in it since late was read, before a look at all
// slots that has found no life of it. The caller has the context, and keeps it when the answer is false.
func (c *FenceContext) forget(late uint64) bool {
	contexts := c.runtime.contexts
	var inserted uint64
	contexts.Compute(c.id, func(old *FenceContext, loaded bool) (*FenceContext, bool) {
		inserted = c.ended.inserted
		return old, !loaded
	})
	// Forgets. Pairs with: the Add in armedLate. ABA: the count rises. No loop: a failure means that something was armed.
	if !c.ended.late.CompareAndSwap(late, late|forgotten) {
		return false
	}
	c.letOthers()
	contexts.Compute(c.id, func(old *FenceContext, loaded bool) (*FenceContext, bool) {
		return old, !loaded || c.ended.inserted == inserted
	})
	return true
}

// armedLate keeps the context findable for a life that was armed after Close. The caller has stored the slot's owner, and
// nobody else has the fence.
func (c *FenceContext) armedLate() {
	e := &c.ended
	// Counts. Pairs with: the CAS in forget, which fails or is seen here.
	if e.late.Add(oneLate)&forgotten == 0 {
		return
	}
	c.letOthers()
	c.runtime.contexts.Compute(c.id, func(*FenceContext, bool) (*FenceContext, bool) {
		e.inserted++
		return c, false
	})
	for v := e.late.Load(); v&forgotten != 0; v = e.late.Load() {
		// Owns: the context. Publishes: that it is in the registry. ABA: the count rises, and while we are here nobody forgets
		// again. Progress: a failure means that another late Arm has counted or cleared.
		if e.late.CompareAndSwap(v, v&^forgotten) {
			c.runtime.forgetting.push(c)
			return
		}
	}
}

// letOthers is where others get in under explore, which doesn't see the registry's own atomics.
func (c *FenceContext) letOthers() {
	if atomicx.Exploring {
		c.ended.late.Load()
	}
}
