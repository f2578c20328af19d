package fencert

import (
	"unsafe"

	"github.com/fencert/fencert/arena"
)

// slotNumbers tells what a Fence is of:
//
//	number >= slotNumbers   a fence that was armed: word is a slot's
//	number < slotNumbers    a point: word is the first word of a Timeline; or nil, in the zero Fence
//
// For the lives of slots begin with the highest bit set, and points are less than 2^63. Signaled is word >= number for both.
const slotNumbers = 1 << 63

// This doesn't compile where the arena begins with other lives.
var _ = [1]struct{}{}[arena.FirstGeneration<<arena.IndexBits-slotNumbers]

func (f Fence) isNowhere() bool { return f.word == nowhere.wheel.Word() }

// timelineOf is the timeline that f is a point of: also stub, and nowhere. nil: f is a slot's, or the zero Fence.
//
// Safety: only At makes a Fence with such a number and a word, and that word is the first field of a Timeline, as layout
// tests see to. The pointer keeps the whole of it alive.
func (f Fence) timelineOf() *Timeline {
	if f.number >= slotNumbers {
		return nil
	}
	return (*Timeline)(unsafe.Pointer(f.word))
}

// pointOf tells whether f is a point of one of the runtime's timelines.
func (f Fence) pointOf(rt *Runtime) bool {
	t := f.timelineOf()
	return t != nil && t.runtime == rt && rt != nil
}

// of tells whether f is the runtime's, a slot's or a point.
func (f Fence) of(rt *Runtime) bool { return rt.index(f.word) != 0 || f.pointOf(rt) }

// owner is the runtime that f is of, nil when it is of none, or of one that is closed.
func (f Fence) owner() *Runtime {
	if t := f.timelineOf(); t != nil {
		return t.runtime // when that is closed, so is t: who asks finds f signaled
	}
	rt, _ := find(f.word)
	return rt
}

// special tells whether f is of a special fence context.
func (f Fence) special() bool { return f.number >= slotNumbers && f.word.Load()&specialBit != 0 }

// done tells whether a wait for f is over: a fence is signaled and its callbacks have run, a point is signaled, or out of range.
func (f Fence) done() bool {
	if f.number >= slotNumbers {
		return f.CallbacksDone()
	}
	return f.Signaled() || f.isNowhere()
}

// pointDelivered is CallbacksDone for what is no slot's.
//
//go:noinline
func (f Fence) pointDelivered() bool {
	t := f.timelineOf()
	return t == nil || f.Signaled() && (t.runtime == nil || t.wheel.Delivered(f.number))
}

// pointErr is Err for what is no slot's.
//
//go:noinline
func (f Fence) pointErr() error {
	switch t := f.timelineOf(); {
	case t == nil:
		return ErrStale
	case t == nowhere:
		return ErrRange
	case !f.Signaled():
		return ErrPending
	default:
		return t.result(f.number)
	}
}

// pointContext is Context for what is no slot's.
func (f Fence) pointContext() (*FenceContext, error) {
	switch t := f.timelineOf(); t {
	case nil:
		return nil, ErrStale
	case nowhere:
		return nil, ErrRange
	default:
		return &t.context, nil
	}
}

// timeless is the error for asking what is no slot's of a runtime that is open when it was armed or signaled.
func (f Fence) timeless() error {
	t := f.timelineOf()
	if t == nil || t.runtime == nil {
		return ErrStale
	}
	return ErrNoTimestamps
}

// holdAny is hold for a fence or a point of this runtime. A point needs none.
func (rt *Runtime) holdAny(f Fence) bool {
	return f.number < slotNumbers || rt.hold(f.word, rt.index(f.word), f.life())
}

// heldErr is the result of a fence that is signaled and held, or of a point.
func (rt *Runtime) heldErr(f Fence) error {
	if f.number < slotNumbers {
		return f.pointErr()
	}
	return rt.results.decode(code(f.word.Load())) // R6
}

// viewRef is how a fence or a point of this runtime stands in a waitView: a timeline by its context's id, in place of a
// generation, with no slot.
func (rt *Runtime) viewRef(f Fence) Ref {
	if t := f.timelineOf(); t != nil {
		return t.viewRef()
	}
	return Ref(f.life() | uint64(rt.index(f.word)))
}

func (t *Timeline) viewRef() Ref { return Ref(t.context.id << arena.IndexBits) }
