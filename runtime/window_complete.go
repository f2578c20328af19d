package fencert

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
	if n := w.move(); n != 0 && !w.timeline.wheel.Quiet(n) {
		l.comeDue(w.timeline, n)
	}
	return nil
}

// Complete is Local.Complete on a borrowed Local, which the callbacks are given. It borrows one only when something may be due.
func (w *CommitWindow) Complete(n uint64) error {
	if err := w.complete(n); err != nil {
		return err
	}
	n = w.move()
	if n == 0 || w.timeline.wheel.Quiet(n) {
		return nil
	}
	rt := w.timeline.runtime
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // a callback may panic
	l.comeDue(w.timeline, n)
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

// move moves the value over what is complete, by one step, and is how far; 0: it is there already, or the timeline closed.
func (w *CommitWindow) move() uint64 {
	wheel := &w.timeline.wheel
	for {
		// After the cell was moved (K4).
		v := wheel.Word().Load()
		if v > MaxPoint {
			return 0
		}
		n, current := w.reach(v)
		if !current {
			continue // Progress: another has moved the value
		}
		// Signals: the points up to n (K3). Publishes: what was done before each was completed. Pairs with: the load in Signaled.
		if n == v || !wheel.TryRaise(n) && !wheel.Raise(n) {
			return 0
		}
		return n
	}
}

// reach is the number before the first one behind v that isn't complete. current is false when the value has gone on: a cell is
// found that is a later number's.
func (w *CommitWindow) reach(v uint64) (n uint64, current bool) {
	// It ends: after size of them comes the first cell again.
	for n = v; ; n++ {
		// Pairs with: the CAS in complete.
		if c := w.cell(n + 1).Load(); c != n+1 {
			return n, c < n+1
		}
	}
}
