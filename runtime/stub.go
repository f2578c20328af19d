package fencert

import (
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// stub has the word of the stub fence: 0, for ever, in a line of its own. Since the stub's number is 0 too, the one compare
// of Signaled says true, and the life in the word is the handle's, with code 0. No runtime has the word, so each call that
// would change it, or use it as an index, takes the branch of foreign handles.
var stub struct {
	_    pad.Line
	word atomicx.Uint64
	_    pad.Line
}

// stubContext is the context of the stub. It is no runtime's, so nothing can be armed in it.
var stubContext = &FenceContext{driver: "fencert", timeline: "stub"}

// stubRef is the Ref of the stub: of no slot, and in the last generation, which is never lived.
const stubRef = Ref(lifeMask)

// Stub is a fence that was always signaled, with nil: for where a fence is asked for and there is nothing to wait for. There
// is one, equal to itself, known to every runtime and no runtime's own: its fence context has id 0 and it has seqno 0. It is
// never recycled.
//
// Wait returns nil at once, OnSignal answers ErrSignaled. A hold of it can be taken and released like any other, but costs
// nothing and isn't counted. Its Ref is the same everywhere, and turned back by any runtime. Nobody is its issuer: an
// Issuer made from its Ref answers ErrSignaled. In callbacks, signaling sections and after Close: yes. Wait-free.
func Stub() Fence { return Fence{word: &stub.word} }

func (f Fence) isStub() bool { return f.word == &stub.word }

// slotless is the fence of a Ref that names no slot. It is small enough that Runtime.Fence is inlined with it.
func slotless(r Ref) Fence {
	if r == stubRef {
		return Stub()
	}
	return Fence{}
}

// holdSlotless is Hold for a fence that isn't one of this runtime's.
//
//go:noinline
func (rt *Runtime) holdSlotless(f Fence) (Hold, error) {
	if f.isStub() {
		return Hold{fence: f, runtime: rt}, nil
	}
	return Hold{}, foreign(f)
}

// releaseSlotless is holdSlotless's counterpart.
//
//go:noinline
func releaseSlotless(h Hold) error {
	if h.fence.isStub() {
		return nil
	}
	return foreign(h.fence)
}
