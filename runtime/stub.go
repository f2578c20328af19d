package fencert

import "github.com/fencert/fencert/internal/pad"

// stub has the stub fence as its point 0: its value is 0, for ever. nowhere has the point that stands for all that are out of
// range: 1, which is never signaled. They are no runtime's timelines, so each call that would change them takes the branch of
// foreign handles, and nothing can be armed in their contexts. All read them, so nobody may write beside them.
var stub, nowhere = &apart.stub, &apart.nowhere

var apart = struct {
	_             pad.Line
	stub, nowhere Timeline // each ends with a line of its own
}{stub: Timeline{context: FenceContext{driver: "fencert", timeline: "stub"}}}

// stubRef is the Ref of the stub: of no slot, and in the last generation, which is never lived.
const stubRef = Ref(lifeMask)

// Stub is a fence that was always signaled, with nil: for where a fence is asked for and there is nothing to wait for. There
// is one, equal to itself, known to every runtime and no runtime's own: its fence context has id 0 and it has seqno 0. It is
// never recycled.
//
// Wait returns nil at once, OnSignal answers ErrSignaled. A hold of it can be taken and released like any other, but costs
// nothing and isn't counted. Its Ref is the same everywhere, and turned back by any runtime. Nobody is its issuer: an
// Issuer made from its Ref answers ErrSignaled. In callbacks, signaling sections and after Close: yes. Wait-free.
func Stub() Fence { return Fence{word: stub.wheel.Word()} }

func (f Fence) isStub() bool { return f.word == stub.wheel.Word() }

// slotless is the fence of a Ref that names no slot. It is small enough that Runtime.Fence is inlined with it.
func slotless(r Ref) Fence {
	if r == stubRef {
		return Stub()
	}
	return Fence{}
}

// holdSlotless is Hold for what isn't one of this runtime's slots. A point needs no hold, and so has as many as you like.
//
//go:noinline
func (rt *Runtime) holdSlotless(f Fence) (Hold, error) {
	if f.isStub() || f.pointOf(rt) {
		return Hold{fence: f, runtime: rt}, nil
	}
	if f.isNowhere() {
		return Hold{}, ErrRange
	}
	return Hold{}, foreign(f)
}

// releaseSlotless is holdSlotless's counterpart.
//
//go:noinline
func releaseSlotless(h Hold) error {
	if f := h.fence; f.isStub() || h.runtime != nil && f.pointOf(h.runtime) {
		return nil
	}
	return foreign(h.fence)
}
