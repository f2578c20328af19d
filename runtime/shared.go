package fencert

import (
	"errors"

	"github.com/fencert/fencert/internal/atomicx"
)

// ErrEmpty: there is no fence in the SharedFence.
var ErrEmpty = errors.New("fencert: no fence is stored here")

// ErrPoint: what is given is a point of a timeline, which a SharedFence can't keep. It needs no hold: keep the Fence, or its number.
var ErrPoint = errors.New("fencert: a point of a timeline; it needs no hold, so keep it as it is")

// A SharedFence is a place for one fence that many goroutines read while others replace it: the last write to a buffer, the
// newest job of a ring. Hold takes the fence out with a hold on it, however soon afterwards it is replaced, finished and
// recycled.
//
// Zero value: empty and ready; the runtime of the first fence stored is its runtime for good. It must not be copied after
// first use. Callers: any goroutine, any method, in callbacks and signaling sections and after Close too. Methods take the
// caller's Local; with nil they borrow one where they need it.
//
// The place owns a hold of the fence in it. So that fence isn't recycled while it is there, its result stays known,
// and it takes a slot of Config.Fences even when it is long signaled: empty the place, by storing the zero Fence, when it is
// no longer used. What the storing goroutine did before is visible to who takes the fence out.
//
// Go's form of the kernel's dma_fence_get_rcu_safe and of the reservation object's fences.
type SharedFence struct {
	// ref is the Ref of the fence, or 0. V1: for each Ref in it that isn't the stub's there is one counted hold, which was
	// taken before the Ref came in, and which belongs to who takes it out by a Swap or CAS.
	ref atomicx.Uint64
	// runtime goes once from nil to what all fences here belong to, before the first Ref of a slot comes into ref.
	runtime atomicx.Pointer[Runtime]
}

// Store puts f in the place of what is there, which is released. The zero Fence empties it. Lock-free; a hold, one swap and a
// release; no allocation. Errors: ErrStale: f is recycled already; ErrForeign: f or the Local is of another runtime than
// what was stored before; ErrClosed: no Local was given, and f's runtime is closed; ErrPoint: f is a point of a timeline. With each of them nothing was changed.
func (s *SharedFence) Store(l *Local, f Fence) error {
	old, err := s.Swap(l, f)
	if err != nil {
		return err
	}
	giveUp(l, old)
	return nil
}

// Swap is Store for who wants what was there: it returns the place's hold of it, which is the caller's now, to be released.
// Where nothing was there it is the zero Hold. Errors: Store's.
func (s *SharedFence) Swap(l *Local, f Fence) (Hold, error) {
	r, err := s.admit(l, f)
	if err != nil {
		return Hold{}, err
	}
	// Publishes: f and its hold. Owns: the hold of what was there (V1). Pairs with: the load in Hold. No loop.
	old := Ref(s.ref.Swap(uint64(r)))
	rt := s.runtime.Load() // after the Swap: who stored old may have bound the place since admit
	h := Hold{fence: refFence(rt, old), runtime: rt}
	if debugging && old.Index() != 0 {
		h.debugHeld()
	}
	return h, nil
}

// CompareAndSwap is Store if old is there, which it tells; the zero Fence stands for an empty place. Errors: Store's.
func (s *SharedFence) CompareAndSwap(l *Local, old, f Fence) (bool, error) {
	if s.Load() != old {
		return false, nil
	}
	r, err := s.admit(l, f)
	if err != nil {
		return false, err
	}
	// As in Swap. ABA: a Ref has its life in it, and while that lives it is the same fence. No loop: a failure means that
	// another one was stored.
	if s.ref.CompareAndSwap(uint64(s.refOf(old)), uint64(r)) {
		giveUp(l, Hold{fence: old, runtime: s.runtime.Load()})
		return true, nil
	}
	giveUp(l, Hold{fence: f, runtime: s.runtime.Load()})
	return false, nil
}

// Load is the fence in the place, the zero Fence when that is empty. It isn't held: it may be recycled when it was replaced.
// Wait-free; two loads.
func (s *SharedFence) Load() Fence {
	r := Ref(s.ref.Load()) // Pairs with: the Swap that published the fence, after runtime
	return refFence(s.runtime.Load(), r)
}

// Hold takes a hold of the fence in the place, to be released by the caller.
//
// Linearization: the last load of ref. The fence was in the place then, and the hold is of this fence and no later one, for
// a Ref names a life: there is no need to look at the place again. ABA: lives don't come back (R2).
//
// Progress: lock-free. While a fence is in the place it can be held (V1), so a hold that fails means that
// somebody has replaced it since the load, and the call begins anew. Cost: one load more than Local.Hold.
// Errors: ErrEmpty; ErrForeign; ErrStale: the place's own hold was released, by a Release too many elsewhere.
func (s *SharedFence) Hold(l *Local) (Hold, error) {
	for {
		// Pairs with: the Swap that published the fence, after the runtime.
		r := Ref(s.ref.Load())
		if r == 0 {
			return Hold{}, ErrEmpty
		}
		rt := s.runtime.Load()
		if l != nil && rt != nil && l.runtime != rt {
			return Hold{}, ErrForeign
		}
		f := refFence(rt, r)
		if f.isStub() || rt.hold(f.word, r.Index(), r.Life()) {
			h := Hold{fence: f, runtime: rt}
			if debugging {
				h.debugHeld()
			}
			return h, nil
		}
		// A count of 0 stays 0 (R3), so this Ref can't have come back: it has been there all the time.
		if s.ref.Load() == uint64(r) {
			return Hold{}, ErrStale
		}
	}
}

// admit takes the place's hold of f, and binds the place to f's runtime. The stub and the zero Fence have none.
func (s *SharedFence) admit(l *Local, f Fence) (Ref, error) {
	bound := s.runtime.Load()
	rt := bound
	switch {
	case l != nil:
		l.check() // it is to release what was there
		rt = l.runtime
	case rt == nil:
		rt, _ = find(f.word)
	}
	switch {
	case f.timelineOf() != nil && !f.isStub():
		return 0, ErrPoint
	case bound != nil && bound != rt:
		return 0, ErrForeign
	case f.word == nil:
		return 0, nil
	case f.isStub():
		return stubRef, nil
	case rt == nil:
		return 0, ErrClosed
	}
	n := rt.index(f.word)
	if n == 0 {
		return 0, ErrForeign
	}
	if !rt.hold(f.word, n, f.life()) {
		return 0, ErrStale
	}
	// Publishes: which runtime it is. ABA: it changes once. No loop.
	if bound == nil && !s.runtime.CompareAndSwap(nil, rt) && s.runtime.Load() != rt {
		giveUp(l, Hold{fence: f, runtime: rt})
		return 0, ErrForeign
	}
	return Ref(f.life() | uint64(n)), nil
}

// refOf is f's Ref as it would stand in this place; that of no slot when f can't be there.
func (s *SharedFence) refOf(f Fence) Ref {
	if f.isStub() {
		return stubRef
	}
	if rt := s.runtime.Load(); rt != nil {
		if n := rt.index(f.word); n != 0 {
			return Ref(f.life() | uint64(n))
		}
	}
	return 0
}

// refFence is rt.Fence, also of no runtime.
func refFence(rt *Runtime, r Ref) Fence {
	if rt == nil {
		return slotless(r)
	}
	return rt.Fence(r)
}

// giveUp releases a hold that is there, of no fence too.
func giveUp(l *Local, h Hold) {
	switch {
	case h.runtime == nil || h.fence.word == nil:
	case l != nil && l.runtime == h.runtime:
		_ = l.Release(h) // held until now
	default:
		_ = h.runtime.Release(h)
	}
}
