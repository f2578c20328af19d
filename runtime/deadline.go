package fencert

import (
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// The deadline of a fence is a word in its extra:
//
//	bits[1:64]  the soonest that was asked for in this life, in nanoseconds since New, moved up so that none is negative
//	bit 0       telling: somebody passes deadlines on to the backend
//
// Whoever lowers it sets telling; if it was set, that one passes this deadline on too. So the backend is told of one
// after the other, each sooner than the one before, without anybody waiting (B3). All who change the word hold the fence: it
// needs no generation.
const (
	telling    = 1
	noDeadline = ^uint64(telling)
	// deadlineZero is New in nanoseconds as they stand in a deadline. Times 146 years away and more are taken for that.
	deadlineZero = 1 << 62
)

func (e *extra) beginDeadline() { atomicx.StoreRelease64(&e.deadline, noDeadline) }

// SetDeadline tells the fence's backend that somebody would like it to be signaled by t; a t that is over says as soon as
// possible. It is a hint: it neither signals the fence at t nor ends a wait then. The soonest counts: where one at least as
// soon was asked for before, nothing happens, nor where the backend doesn't want to know. nil therefore says that the fence
// was pending and the backend has been told, or is just being told by another goroutine.
//
// In callbacks and in hooks: yes. In a signaling section: as far as the hook may. After Close: ErrSignaled. Lock-free but
// for the hook; one load for a fence without such a backend, else a hold taken and given back, and two CAS; no
// allocation. Errors: ErrSignaled: it is signaled, the backend isn't told. ErrForeign.
func (l *Local) SetDeadline(f Fence, t time.Time) error {
	rt := l.runtime
	n := rt.index(f.word)
	switch {
	case n == 0 && !f.pointOf(rt):
		return notPending(f)
	case f.Signaled():
		return ErrSignaled
	case n == 0 || !f.asked():
		return nil
	}
	l.check()
	b := rt.backend(n)
	if b == nil || b.SetDeadline == nil {
		return nil
	}
	if !rt.hold(f.word, n, f.life()) {
		return ErrSignaled
	}
	defer l.release(f.word, n, f.life()) // also when the hook doesn't return
	if e := rt.extra(n); e.lower(rt.deadline(t)) {
		l.passOn(f, e, b.SetDeadline, rt.slots[n].seqno.Load())
	}
	return nil
}

// SetDeadline is Local.SetDeadline on a borrowed Local.
func (rt *Runtime) SetDeadline(f Fence, t time.Time) error {
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // the hook may panic
	return l.SetDeadline(f, t)
}

// deadline is t as it stands in a deadline.
func (rt *Runtime) deadline(t time.Time) uint64 {
	d := min(max(int64(t.Sub(rt.start)), -deadlineZero), deadlineZero-2) // -1 is noDeadline's
	return uint64(d+deadlineZero) << 1
}

// deadlineTime is deadline's inverse.
func (rt *Runtime) deadlineTime(d uint64) time.Time {
	return rt.start.Add(time.Duration(int64(d>>1) - deadlineZero))
}

// lower makes d the deadline if it is sooner than what was asked for, and tells whether the caller is to pass it on.
func (e *extra) lower(d uint64) bool {
	for {
		old := e.deadline.Load()
		if old&^telling <= d {
			return false
		}
		// Publishes: the deadline. Claims: telling. Pairs with: the CAS in told, which fails or comes first. ABA:
		// harmless, the word says all. Progress: a failure is another's success.
		if e.deadline.CompareAndSwap(old, d|telling) {
			return old&telling == 0
		}
	}
}

// told ends telling, unless a sooner deadline than the one that was told has come meanwhile.
func (e *extra) told(d uint64) bool {
	// Gives telling up. Pairs with: the CAS in lower. ABA: a deadline only falls. No loop.
	return e.deadline.CompareAndSwap(d, d&^telling)
}

// passOn passes deadlines on until the soonest has been. It goes on in a deferred call when a hook doesn't return.
func (l *Local) passOn(f Fence, e *extra, hook func(Fence, uint64, time.Time), seqno uint64) {
	var d uint64
	ended := false
	defer func() {
		if !ended && !e.told(d) {
			l.passOn(f, e, hook, seqno)
		}
	}()
	for {
		d = e.deadline.Load()
		if !f.Signaled() {
			l.callHook("SetDeadline", func() { hook(f, seqno, l.runtime.deadlineTime(d)) })
		}
		if e.told(d) {
			break
		}
	}
	ended = true
}
