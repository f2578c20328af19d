package fencert

import (
	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/internal/atomicx"
)

// Signal signals the fence with a result: its callbacks run on this goroutine before Signal returns,
// in the order in which they were added, then its waiters are woken. The issuer stays, to be dropped:
// until then the result is known to everybody.
//
// Everything before Signal is visible to whoever sees the fence signaled. In callbacks: yes. Lock-free
// but for what the callbacks do; one CAS, two with callbacks. Errors: ErrSignaled, ErrStale,
// ErrForeign: nothing was changed.
func (l *Local) Signal(i Issuer, result error) error {
	if debugging {
		l.debugSignal(i, "Signal")
	}
	w := i.fence.word
	n := l.runtime.index(w)
	if n == 0 {
		return foreign(i.fence)
	}
	return l.signal(w, n, l.nodes.Expect(w), i.fence.life(), result, 0)
}

// Finish is Signal and Drop in one step: the fence may be recycled as soon as its callbacks have run
// and nobody holds it. Where neither is the case this is one CAS.
//
// In callbacks: yes. Lock-free but for what the callbacks do; no allocation. Errors: ErrSignaled: it was signaled
// before, and is still to be dropped. ErrStale, ErrForeign. Each of them: nothing was changed.
func (l *Local) Finish(i Issuer, result error) error {
	if debugging {
		l.debugSignal(i, "Finish")
	}
	w, life := i.fence.word, i.fence.number-closedBit
	at := l.runtime.offset(w)
	if at-1 >= l.runtime.fences {
		return foreign(i.fence)
	}
	n := uint32(at)
	b := l.nodes.Expect(w)
	if debugging || b != life || l.state != idle {
		return l.signal(w, n, b, life, result, droppedBit)
	}
	next := life + 1<<arena.IndexBits
	// Finishes: no callback, no holder. Pairs with: every CAS that adds or holds, which then fails. ABA: the
	// life in the word doesn't come back.
	if !w.CompareAndSwap(life, next) {
		return l.signal(w, n, 0, life, result, droppedBit)
	}
	l.state = busy
	l.counts.finished.Add(1)
	if !l.slots.TryGive(n, next) {
		l.slots.Give(n, next)
	}
	l.state = idle
	return nil
}

// Drop gives the issuer up. A fence that is still pending is signaled with ErrCanceled. Afterwards the
// fence is recycled when nobody holds it.
//
// In callbacks: yes, also in its own. Lock-free; one CAS. Errors: ErrStale: it was dropped before.
// ErrForeign.
func (l *Local) Drop(i Issuer) error {
	w, life := i.fence.word, i.fence.life()
	n := l.runtime.index(w)
	if n == 0 {
		return foreign(i.fence)
	}
	l.check()
	if debugging {
		i.debugDrop()
	}
	for {
		b := w.Load()
		switch {
		case b&lifeMask != life, b&(closedBit|droppedBit) == closedBit|droppedBit:
			return ErrStale
		case b&closedBit == 0:
			if err := l.signal(w, n, b, life, ErrCanceled, droppedBit); err != ErrSignaled {
				return err
			}
		// Drops. Pairs with: the CAS of a hold (R3), of the runner and the sweeper (R4).
		// ABA: as in Finish. Progress: a failure is another's success.
		case w.CompareAndSwap(b, b|droppedBit):
			l.enter()
			l.left(w, n, b|droppedBit)
			l.leave()
			return nil
		}
	}
}

// signal closes the word w of slot n, with dropped too when that is droppedBit, and runs the callbacks. b is what the word
// most likely holds.
func (l *Local) signal(w *atomicx.Uint64, n uint32, b, life uint64, result error, dropped uint64) error {
	l.enter()
	c := uint32(codeNil)
	if result != nil {
		c = l.encode(result)
	}
	// Signals (R1). Publishes: all before. Pairs with: the load in Signaled, the CAS of every add, hold and cancel. ABA:
	// as above. Progress: a failure is another's success; what was expected may have been wrong, once.
	for !cbqueue.Open(b, life) || !w.CompareAndSwap(b, cbqueue.Close(b, c)|dropped) {
		if b = w.Load(); !cbqueue.Open(b, life) {
			l.releaseCode(c)
			l.state = idle
			if debugging {
				l.debugLeave()
			}
			if b&lifeMask != life || b&droppedBit != 0 {
				return ErrStale
			}
			return ErrSignaled
		}
	}
	l.counts.signaled.Add(1)
	v := cbqueue.Close(b, c) | dropped
	if v&specialBit != 0 {
		l.signaledSpecial(n, v)
		l.observeSignaled(n, v, result)
	}
	if v&cbqueue.Running != 0 {
		if l.run(n, b, v, result) {
			l.afterRun()
		}
		return nil
	}
	l.left(w, n, v)
	l.state = idle
	if debugging {
		l.debugLeave()
	}
	return nil
}

// left is what every change of a closed word ends with: v is the word as the caller left it. Exactly one
// change makes it dropped with nothing running and nothing sweeping, and that one gives up the
// issuer's reference (R4).
func (l *Local) left(w *atomicx.Uint64, n uint32, v uint64) {
	if v&(droppedBit|cbqueue.Running|cbqueue.Sweeping) != droppedBit {
		return
	}
	if v&heldBit == 0 || l.runtime.unhold(n, v&lifeMask) {
		l.endLife(w, n, v)
	}
}

// endLife recycles a slot that nobody refers to. v is its closed word, which nobody changes any more.
func (l *Local) endLife(w *atomicx.Uint64, n uint32, v uint64) {
	l.counts.ended.Add(1)
	if v&(specialBit|cbqueue.CodeMask&^(codeTable-1)) != 0 && !l.endLifeSlow(n, v) {
		return
	}
	next := arena.Next(v)
	// Publishes: the end of the life, to who gets the slot next and to stale handles. One writer:
	// no hold, add or cancel changes a word that is closed, dropped and not held (R3).
	atomicx.StoreRelease64(w, next)
	if !l.slots.TryGive(n, next) {
		l.slots.Give(n, next)
	}
}

// foreign is the error for a handle that isn't one of this runtime's.
//
//go:noinline
func foreign(f Fence) error {
	switch {
	case f.word == nil:
		return ErrStale
	case f.isStub():
		return ErrSignaled
	}
	return ErrForeign
}
