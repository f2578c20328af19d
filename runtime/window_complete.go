package fencert

// mostMoves is how often a completer moves the value before it delivers what has come due.
const mostMoves = 64

// Complete completes a number that the window has issued. If all below it are complete, it moves the timeline's value over it and
// over all that are complete behind it, in one step where they are at the time, and signals their points: what was
// done before each of these was completed is visible to who sees its point signaled. Callbacks run as by Local.Advance.
//
// nil says that this call has completed n. Where the timeline is closed before all below are complete, the value
// doesn't get there, and who waits for it is told the cause.
//
// In callbacks: yes; of this timeline's points too. In signaling sections: yes. Lock-free but for what the callbacks do; no
// allocation. One CAS, and one more where it moves the value; then as Local.Advance.
//
// Errors: ErrSignaled: it was completed before, or is not above the value. ErrNotIssued. The cause of Close. ErrForeign for
// a window on another runtime's timeline. With each of them nothing was changed.
func (l *Local) Complete(w *CommitWindow, n uint64) error {
	if w == nil || w.timeline.runtime != l.runtime {
		return ErrForeign
	}
	if err := w.complete(n); err != nil {
		return err
	}
	if moved, more := w.move(); moved != 0 || more {
		l.moved(w, moved, more)
	}
	return nil
}

// Complete is Local.Complete on a borrowed Local, which the callbacks are given. It borrows one only when something may be due.
func (w *CommitWindow) Complete(n uint64) error {
	if err := w.complete(n); err != nil {
		return err
	}
	moved, more := w.move()
	if !more && (moved == 0 || w.timeline.wheel.Quiet(moved)) {
		return nil
	}
	rt := w.timeline.runtime
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // a callback may panic
	l.moved(w, moved, more)
	return nil
}

// complete notes that n is complete, and moves no value.
func (w *CommitWindow) complete(n uint64) error {
	t := w.timeline
	for {
		switch v := t.wheel.Word().Load(); {
		case v&MaxPoint >= n:
			return ErrSignaled
		case v > MaxPoint:
			return *t.cause.Load() // set before the closed bit (P3)
		}
		c := w.cell(n)
		before := c.Load()
		switch {
		case before >= n:
			return ErrSignaled // by another call, or it is passed and the cell a later number's (K2)
		case w.issued.Load() < n:
			return ErrNotIssued
		}
		// Completes n. Publishes: what the caller did before. Pairs with: the load in reach. ABA: it only grows (K2). Progress:
		// a failure means that another has completed a number, and the cell has at most n to come.
		if c.CompareAndSwap(before, n) {
			return nil
		}
	}
}

// move moves the value over what is complete until the next number isn't. moved is how far this call has moved it, 0: it hasn't.
// more: it has tried often, and is to deliver and call move again.
func (w *CommitWindow) move() (moved uint64, more bool) {
	wheel := &w.timeline.wheel
	for range mostMoves {
		// After the cell, or the value, was moved (K4).
		v := wheel.Word().Load()
		n := w.reach(v)
		if n == v || v > MaxPoint {
			return moved, false
		}
		// Signals: the points up to n (K3). Publishes: what was done before each was completed. Pairs with: the load in Signaled.
		if wheel.TryRaise(n) || wheel.Raise(n) {
			moved = n
		}
	}
	return moved, true
}

// reach is the last number behind v up to which all are complete, v where there is none.
func (w *CommitWindow) reach(v uint64) uint64 {
	n := v
	// Pairs with: the CAS in complete. It ends: after size of them comes the first cell again, with a number that isn't the one.
	for w.cell(n+1).Load() == n+1 {
		n++
	}
	return n
}

// moved delivers what has come due by a move to n, and goes on where there is more.
func (l *Local) moved(w *CommitWindow, n uint64, more bool) {
	for ; more; n, more = w.move() {
		l.deliverAndMove(w, n)
	}
	if n != 0 && !w.timeline.wheel.Quiet(n) {
		l.comeDue(w.timeline, n)
	}
}

// deliverAndMove delivers. Where a callback ends that by a panic, the value is moved nevertheless: nobody else looks (K4).
func (l *Local) deliverAndMove(w *CommitWindow, n uint64) {
	returned := false
	defer func() {
		if returned {
			return
		}
		n, more := w.move()
		l.moved(w, n, more)
	}()
	if n != 0 && !w.timeline.wheel.Quiet(n) {
		l.comeDue(w.timeline, n)
	}
	returned = true
}
