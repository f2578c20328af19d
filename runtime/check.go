package fencert

import "github.com/fencert/fencert/cbqueue"

// Check is Err, but asks the backend of a fence that is not signaled: where that knows the work to be done, Check signals
// the fence with the backend's result, runs its callbacks, and returns the result. Polling with Fence.Signaled or Err stays
// a load without a side effect.
//
// In callbacks: yes. In hooks: yes, but for Backend.Signaled of the same fence; more than 32 hooks deep on one Local it doesn't
// ask. In a signaling section: as far as the hook
// may. After Close: the result, if it is still known. Synchronizes as Err does. Lock-free but for the hook; one load for a
// fence that is signaled or has no such backend, else a hold taken and given back; no allocation. Errors: Err's; ErrForeign.
func (l *Local) Check(f Fence) error {
	n := l.runtime.index(f.word)
	if n == 0 {
		if f.pointOf(l.runtime) || f.isNowhere() {
			return f.pointErr() // no backend
		}
		return foreign(f)
	}
	if f.asked() {
		return l.checkSlow(f, n)
	}
	return f.Err()
}

// Check is Local.Check on a borrowed Local, which the callbacks are given.
func (f Fence) Check() error {
	if f.number < slotNumbers || !f.asked() {
		return f.Err()
	}
	rt, n := find(f.word)
	if rt == nil {
		return f.Err()
	}
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // a hook or a callback may panic
	return l.checkSlow(f, n)
}

//go:noinline
func (l *Local) checkSlow(f Fence, n uint32) error {
	l.check()
	rt := l.runtime
	b := rt.backend(n)
	if b == nil || b.Signaled == nil || l.hooks >= maxHooks || !rt.hold(f.word, n, f.life()) {
		return f.Err()
	}
	defer l.release(f.word, n, f.life()) // also when the hook doesn't return
	if seqno := rt.slots[n].seqno.Load(); cbqueue.Open(f.word.Load(), f.life()) {
		var done bool
		var result error
		l.callHook("Signaled", func() { done, result = b.Signaled(f, seqno) })
		if done {
			_ = l.Signal(Issuer{fence: f}, result) // or another one has signaled it
		}
	}
	return Hold{fence: f, runtime: rt}.Err()
}
