package fencert

import (
	"errors"

	"github.com/fencert/fencert/internal/atomicx"
)

// ErrContextClosed: the fence context is closed. It is also an ErrClosed to errors.Is.
var ErrContextClosed = error(&contextClosed{errors.New("fencert: the fence context is closed")})

type contextClosed struct{ error }

func (*contextClosed) Is(target error) bool { return target == ErrClosed }

// How a fence context is closed.
//
//	C1  Every fence armed in it is signaled: by its issuer, by Close, or when it is born. Arm stores the slot's owner, then
//	    looks at mode; Close sets mode, then looks at every slot. The store is a release store, so Close stops the world in
//	    between (drainStores): an Arm that found the context open is seen in the slots, any other one finds it closed.
//	    Signaling is a CAS of the word (R1), so where both see each other one of the two does it.
//	C2  The context can be found by its id as long as a life of it lasts (see forgetContexts).

// contextEnd is what a fence context has for its end.
type contextEnd struct {
	// result: of what is pending at Close and armed afterwards; nil before Close. Set once, by who closes.
	result atomicx.Pointer[error]
	// late: bit 0 forgotten, the rest counts the fences armed after Close. See forgetContexts.
	late atomicx.Uint64
	// inserted counts how often a late Arm has put the context back. Guarded by the registry's lock on the context's id.
	inserted uint64
	next     *FenceContext // in the list of those to be forgotten; belongs to who has this one
}

// Close ends the context: every fence of it that is pending is signaled with result, ErrCanceled for nil, in the order of
// seqnos, and their callbacks run on this goroutine before it returns; a Signal or Finish at the same time is told
// ErrSignaled, or was first. It returns how many it has signaled. Their issuers are still to be dropped, as after any
// signal that wasn't theirs. From then on NewFence answers ErrContextClosed, and Arm, which cannot fail, arms fences
// that are born signaled with that result. A result that has no code of its own (neither nil, an errno, nor an error of
// this package or of package context) takes one of Config.Errors for each fence, until that is recycled.
//
// Names and ID stay readable, and Fence.Context finds the context until its last fence is recycled; afterwards the runtime
// forgets it, at this or a later Close of a context or Runtime.Collect. To close what isn't used any more keeps a program
// that makes contexts for ever from growing, but for the limit of MaxContexts.
//
// Any goroutine may call it, also while others arm. In callbacks it should not be called: what it signals there nests
// anew, as through the calls without a Local. Cost: it looks at every slot that was ever used, stops the world once, for
// some 10 us, sorts and allocates; so not in a signaling section. The first panic among the callbacks goes to
// Config.OnPanic, or on when all has been done.
// Errors: ErrContextClosed when it was called before, which may still be signaling; ErrClosed after Close of the runtime;
// ErrForeign for a FenceContext that NewFenceContext hasn't made. Of a Timeline's it is Timeline.Close.
func (c *FenceContext) Close(result error) (signaled int, err error) {
	rt := c.runtime
	switch {
	case c.of != nil:
		return 0, c.of.Close(result)
	case rt == nil:
		return 0, ErrForeign
	}
	if result == nil {
		result = ErrCanceled
	}
	if rt.closed.Load() {
		return 0, ErrClosed
	}
	// Claims the closing. Publishes: result, for who finds modeClosed. ABA: it is set once. No loop: a failure means that
	// another was first.
	if !c.ended.result.CompareAndSwap(nil, &result) {
		return 0, ErrContextClosed
	}
	c.setMode(modeClosed)
	c.quick.Store(nil)
	drainStores()
	late := c.ended.late.Load() // before the look at the slots: see forget
	pending, empty := c.alive()
	closing := closing{l: rt.newLocal(), pending: pending, result: result}
	closing.rest = func() {
		if !empty || !c.forget(late) {
			rt.forgetting.push(c)
		}
		if rt.forgetting.due() {
			rt.forgetContexts()
		}
	}
	closing.run()
	return closing.signaled, nil
}

// setMode adds a bit to mode.
func (c *FenceContext) setMode(bit uint32) {
	for {
		m := c.mode.Load()
		// Publishes: what the bit stands for. Pairs with: the load of mode in Arm, behind drainStores (C1). ABA: the bits are
		// all there is. Progress: a failure means that another bit was set; there are two.
		if c.mode.CompareAndSwap(m, m|bit) {
			return
		}
	}
}

// alive finds the context's fences that are pending, in the order of seqnos; empty tells that there is no other either that
// isn't recycled.
func (c *FenceContext) alive() (pending []pendingFence, empty bool) {
	empty = true
	c.runtime.lives(c.runtime.arena.Touched(), func(i uint32, word, seqno, id uint64) {
		if id != c.id {
			return
		}
		empty = false
		if word&closedBit == 0 {
			pending = append(pending, pendingFence{Fence{c.runtime.arena.Word(i), word&lifeMask | closedBit}, id, seqno})
		}
	})
	sortPending(pending)
	return pending, empty
}

// closedWith is the result of what is armed after Close of the context.
func (c *FenceContext) closedWith() error { return *c.ended.result.Load() }

// newFenceSpecial is the end of NewFence in a context whose mode isn't 0.
//
//go:noinline
func (l *Local) newFenceSpecial(n uint32, life uint64, c *FenceContext) (Issuer, error) {
	i := Issuer{fence: Fence{&l.runtime.words[n], life | closedBit}}
	if l.armedSpecial(n, life, c) {
		_ = l.Drop(i) // nobody else has it
		return Issuer{}, ErrContextClosed
	}
	return i, nil
}
