package fencert

import (
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/internal/atomicx"
)

// maxHooks is how many calls of EnableSignaling may be under way inside each other on a Local. What comes deeper is put
// off until the outermost one's end.
const maxHooks = 32

// enabledBit of extra.enabled: somebody has claimed the call of EnableSignaling.
const enabledBit = 1

func (e *extra) beginEnabled(c *FenceContext, life uint64) {
	if c.backend == nil || c.backend.EnableSignaling == nil {
		life |= enabledBit
	}
	atomicx.StoreRelease64(&e.enabled, life)
}

// enable is called before a callback is added to a special fence, and calls EnableSignaling if nobody has. false: the fence
// is signaled now.
//
//go:noinline
func (l *Local) enable(f Fence, n uint32) bool {
	e, life := l.runtime.extra(n), f.life()
	if e.enabled.Load() != life { // claimed, or not this life's: the add will see
		return true
	}
	l.check()
	if !l.runtime.hold(f.word, n, life) {
		return true // as good as recycled: the add will see
	}
	// Claims the call (B2). Pairs with: another adder's. ABA: the value carries the life. No loop: a failure means that
	// another one has claimed.
	if !cbqueue.Open(f.word.Load(), life) || !e.enabled.CompareAndSwap(life, life|enabledBit) {
		l.release(f.word, n, life)
		return true
	}
	if l.hooks >= maxHooks {
		l.enables.push(l.runtime, n)
		return true
	}
	return l.enableHeld(f, n)
}

// enable is Local.enable for a goroutine that begins to wait. It is called before that takes anything which a hook that
// panics would keep.
//
//go:noinline
func (rt *Runtime) enable(f Fence) bool {
	l, s := rt.borrow()
	defer rt.giveBack(l, s)
	return l.enable(f, rt.index(f.word))
}

// enableHeld calls EnableSignaling for a fence that the caller has claimed and holds, and gives the hold back.
func (l *Local) enableHeld(f Fence, n uint32) (pending bool) {
	defer func() { // also when the hook doesn't return
		l.release(f.word, n, f.life())
		if l.hooks == 0 {
			l.enablePutOff()
		}
	}()
	rt := l.runtime
	if !cbqueue.Open(f.word.Load(), f.life()) {
		return true // it was put off, and is signaled
	}
	enableSignaling, seqno := rt.armedIn(n).backend.EnableSignaling, rt.slots[n].seqno.Load()
	l.callHook("EnableSignaling", func() { pending = enableSignaling(l, f, seqno) })
	if !pending {
		_ = l.Signal(Issuer{fence: f}, nil) // or another one has signaled it
	}
	return pending
}

// enablePutOff works off what was put off. It goes on in a deferred call as often as a hook doesn't return.
func (l *Local) enablePutOff() {
	if l.enables.first == 0 {
		return
	}
	rt := l.runtime
	l.hooks++ // what is put off meanwhile is worked off here
	ended := false
	defer func() {
		l.hooks--
		if !ended {
			l.enablePutOff()
		}
	}()
	for n := l.enables.pop(rt); n != 0; n = l.enables.pop(rt) {
		w := &rt.words[n]
		l.enableHeld(Fence{word: w, number: w.Load()&lifeMask | closedBit}, n) // held: it is in that life
	}
	ended = true
}

// An enableQueue is fences in the order of coming whose EnableSignaling was put off, linked through their extras: next
// belongs to who has claimed the call.
type enableQueue struct{ first, last uint32 }

func (q *enableQueue) push(rt *Runtime, n uint32) {
	rt.extra(n).next.Set(0)
	if q.first == 0 {
		q.first = n
	} else {
		rt.extra(q.last).next.Set(n)
	}
	q.last = n
}

// pop takes the first one out; 0: there is none.
func (q *enableQueue) pop(rt *Runtime) uint32 {
	n := q.first
	if n != 0 {
		q.first = rt.extra(n).next.Get()
	}
	return n
}
