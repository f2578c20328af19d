package fencert

import (
	"time"

	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/internal/atomicx"
)

// A stamp is nanoseconds since New, at least 1. In its extra a fence has two:
//
//	armed     0: its context has no timestamps
//	signaled  0: likewise; unset | generation: not yet known in this life; else the stamp
//
// Who signals, and every reader that finds the word closed and the stamp unset, proposes its own now by a CAS: the first
// one's counts (T1). So whoever sees the fence signaled sees one timestamp, without waiting for the signaler, and each proposal
// was made after the word was closed. The generation keeps out a signaler or reader that is late by a life: its CAS
// expects a value that doesn't come back.
const unset = 1 << 63

// Timestamps has the fences of a context note when they were armed and signaled. It costs reading the clock twice
// and one CAS for each fence, and the slower path that WithBackend describes.
func Timestamps() ContextOption { return (*FenceContext).stamp }

func (c *FenceContext) stamp() {
	c.timestamps = true
	c.makeSpecial()
}

// ArmedAt is when the fence was armed, by the monotonic clock; the wall clock is that of New plus what has passed since.
//
// Any goroutine may call it, in callbacks and hooks and signaling sections too; it has no side effect. After Close:
// ErrStale; Hold.ArmedAt still knows. Wait-free; three loads. Errors: ErrNoTimestamps; ErrStale once recycled.
func (f Fence) ArmedAt() (time.Time, error) {
	rt, n := find(f.word)
	if rt == nil {
		return time.Time{}, f.timeless()
	}
	return rt.armedAt(f, n)
}

// SignaledAt is when the fence was signaled, by the clock of ArmedAt: not before the signal, and not after anybody who asked
// was answered. Everybody who sees the fence signaled is told the same, at once.
//
// Otherwise as ArmedAt, but for the progress: wait-free; three loads, and a CAS in the moment of the signal. Errors:
// ErrPending; ErrNoTimestamps; ErrStale once recycled.
func (f Fence) SignaledAt() (time.Time, error) {
	rt, n := find(f.word)
	if rt == nil {
		return time.Time{}, f.timeless()
	}
	return rt.signaledAt(f, n)
}

// ArmedAt is Fence.ArmedAt of a fence that stays known until Release, also after Close.
func (h Hold) ArmedAt() (time.Time, error) {
	if h.runtime == nil || h.fence.number < slotNumbers {
		return time.Time{}, h.fence.timeless()
	}
	return h.runtime.armedAt(h.fence, h.runtime.index(h.fence.word))
}

// SignaledAt is Fence.SignaledAt of a fence that stays known until Release, also after Close.
func (h Hold) SignaledAt() (time.Time, error) {
	if h.runtime == nil || h.fence.number < slotNumbers {
		return time.Time{}, h.fence.timeless()
	}
	return h.runtime.signaledAt(h.fence, h.runtime.index(h.fence.word))
}

func (e *extra) beginStamps(c *FenceContext, life uint64) {
	var armed, signaled uint64
	if c.timestamps {
		armed, signaled = c.runtime.now(), unset|life>>arena.IndexBits
	}
	atomicx.StoreRelease64(&e.armed, armed)
	atomicx.StoreRelease64(&e.signaled, signaled)
}

// now is the present stamp.
func (rt *Runtime) now() uint64 {
	if rt.clock != nil {
		return rt.clock()
	}
	return uint64(max(time.Since(rt.start), 1))
}

// stampSignaled returns the stamp of the signal of a life whose word was seen closed and special, and is the caller's own
// proposal when there was none. Once the life has ended it may be anything.
func (rt *Runtime) stampSignaled(n uint32, life uint64) uint64 {
	s, wanted := &rt.extra(n).signaled, unset|life>>arena.IndexBits
	v := s.Load()
	if v == wanted {
		now := rt.now()
		// Publishes: the timestamp (T1). Pairs with: every other such CAS. ABA: the generation. No loop: a failure means
		// that it is known.
		if s.CompareAndSwap(wanted, now) {
			return now
		}
		v = s.Load()
	}
	return v
}

func (rt *Runtime) armedAt(f Fence, n uint32) (time.Time, error) {
	if err := f.stamped(f.word.Load()); err != nil {
		return time.Time{}, err
	}
	return rt.stampOf(f, rt.extra(n).armed.Load())
}

func (rt *Runtime) signaledAt(f Fence, n uint32) (time.Time, error) {
	w := f.word.Load()
	if w < f.number {
		return time.Time{}, ErrPending
	}
	if err := f.stamped(w); err != nil {
		return time.Time{}, err
	}
	return rt.stampOf(f, rt.stampSignaled(n, f.life()))
}

// stamped tells by the fence's word whether it may have timestamps.
func (f Fence) stamped(w uint64) error {
	switch {
	case w&lifeMask != f.life():
		return ErrStale
	case w&specialBit == 0:
		return ErrNoTimestamps
	}
	return nil
}

// stampOf turns what was read from the fence's extra into a time, if it is of this life: the word was in the life and
// special before, and is looked at again (B4).
func (rt *Runtime) stampOf(f Fence, stamp uint64) (time.Time, error) {
	switch {
	case f.word.Load()&lifeMask != f.life():
		return time.Time{}, ErrStale
	case stamp == 0:
		return time.Time{}, ErrNoTimestamps
	}
	return rt.start.Add(time.Duration(stamp)), nil
}
