package fencert

// Advance raises the timeline to n: every point up to n is signaled, with nil, and what the caller did before is visible to
// whoever sees that. The callbacks run on this goroutine, in the order of the points, and then the waiters are woken; see
// Timeline for who does so where several advance.
//
// nil says that the value was moved. In callbacks: yes; of this timeline's points too, then its callbacks follow after the
// present one. In signaling sections: yes. Lock-free but for what the callbacks do; no allocation. With nothing due one CAS
// and three loads, however far it goes and however many wait; with something due two CAS more.
//
// Errors: ErrSignaled: the value was there already, as it is when another goroutine has been further. ErrRange. The cause
// of Close. ErrHasWindow: only a commit window may. ErrForeign. With each of them nothing was changed.
func (l *Local) Advance(t *Timeline, n uint64) error {
	if t.advancer.Get() != l.runtime {
		return t.notAdvanced(l.runtime)
	}
	// Signals: all points up to n. Publishes: all before. Pairs with: the load in Signaled.
	if w := &t.wheel; !w.TryRaise(n) && !w.Raise(n) {
		return t.refuses(n)
	} else if w.Quiet(n) {
		return nil
	}
	l.comeDue(t, n)
	return nil
}

// Advance is Local.Advance on a borrowed Local, which the callbacks are given. It borrows one only when something may be due.
func (t *Timeline) Advance(n uint64) error {
	rt := t.advancer.Get()
	if rt == nil {
		return t.notAdvanced(t.runtime)
	}
	if w := &t.wheel; !w.TryRaise(n) && !w.Raise(n) { // as above
		return t.refuses(n)
	} else if w.Quiet(n) {
		return nil
	}
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // a callback may panic
	l.comeDue(t, n)
	return nil
}

// notAdvanced is the error of an Advance by that runtime's Locals, which may not.
func (t *Timeline) notAdvanced(by *Runtime) error {
	if t.runtime != by || by == nil {
		return ErrForeign
	}
	return ErrHasWindow
}

// refuses is the error of an Advance that has not moved the value.
//
//go:noinline
func (t *Timeline) refuses(n uint64) error {
	switch {
	case n > MaxPoint:
		return ErrRange
	case t.wheel.Closed():
		return *t.cause.Load() // set before the closed bit (P3)
	}
	return ErrSignaled
}

// comeDue delivers what an Advance to n has made due, unless somebody else does.
func (l *Local) comeDue(t *Timeline, n uint64) {
	if debugging || l.depth == maxDepth || l.state != idle || !l.points.Ready() {
		l.comeDueSlow(t, n)
	} else if l.deliverOne(t, n) {
		l.afterRun()
	}
}

// comeDueSlow is comeDue with all its checks.
//
//go:noinline
func (l *Local) comeDueSlow(t *Timeline, n uint64) {
	l.enter()
	due := l.owner().Kick(&t.wheel, n)
	l.leave()
	if due && l.deliver(t) {
		l.afterRun()
	}
}
