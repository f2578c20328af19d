package fencert

// The calls in this file are those of Local for goroutines that have none: each borrows one from a fixed set
// for its duration, at the cost of one more CAS. Semantics and errors are Local's, but for one: a callback that signals in
// its turn does so through the Local that it is given. Through these calls it is slower, for each borrows another Local;
// and more than 32 signals may be under way inside each other before callbacks are put off, though not without end: some
// dozens more while the runtime is quiet, at most a thousand and the stripes more, however many goroutines there are.

// Reserve is Local.Reserve on a borrowed Local.
func (rt *Runtime) Reserve() (Reservation, error) {
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // the drop of a Table may panic
	return l.Reserve()
}

// Unreserve is Local.Unreserve on a borrowed Local.
func (rt *Runtime) Unreserve(r Reservation) bool {
	l, s := rt.borrow()
	ok := l.Unreserve(r)
	rt.giveBack(l, s)
	return ok
}

// Arm is Local.Arm on a borrowed Local.
func (rt *Runtime) Arm(r Reservation, c *FenceContext) Issuer {
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // it may panic with ErrArmed
	return l.Arm(r, c)
}

// NewFence is Local.NewFence on a borrowed Local.
func (rt *Runtime) NewFence(c *FenceContext) (Issuer, error) {
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // it panics with ErrForeign for another runtime's context
	return l.NewFence(c)
}

// Signal is Local.Signal on a borrowed Local, which the callbacks are given.
func (rt *Runtime) Signal(i Issuer, result error) error {
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // a callback may panic
	return l.Signal(i, result)
}

// Finish is Local.Finish on a borrowed Local, which the callbacks are given.
func (rt *Runtime) Finish(i Issuer, result error) error {
	l, s := rt.borrow()
	defer rt.giveBack(l, s)
	return l.Finish(i, result)
}

// Drop is Local.Drop on a borrowed Local, which the callbacks are given.
func (rt *Runtime) Drop(i Issuer) error {
	l, s := rt.borrow()
	defer rt.giveBack(l, s)
	return l.Drop(i)
}

// OnSignal is Local.OnSignal on a borrowed Local.
func (rt *Runtime) OnSignal(f Fence, h Handler, arg uint64) (Ticket, error) {
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // a hook may panic
	return l.OnSignal(f, h, arg)
}

// OnSignalMany is Local.OnSignalMany on a borrowed Local.
func (rt *Runtime) OnSignalMany(f Fence, h Handler, args []uint64) error {
	l, s := rt.borrow()
	defer rt.giveBack(l, s)
	return l.OnSignalMany(f, h, args)
}

// Cancel is Local.Cancel on a borrowed Local.
func (rt *Runtime) Cancel(t Ticket) bool {
	l, s := rt.borrow()
	ok := l.Cancel(t)
	rt.giveBack(l, s)
	return ok
}

// Hold is Local.Hold, which needs nothing of a Local.
func (rt *Runtime) Hold(f Fence) (Hold, error) {
	n := rt.index(f.word)
	if n == 0 {
		return rt.holdSlotless(f)
	}
	if !rt.hold(f.word, n, f.life()) {
		return Hold{}, ErrStale
	}
	h := Hold{fence: f, runtime: rt}
	if debugging {
		h.debugHeld()
	}
	return h, nil
}

// Release is Local.Release on a borrowed Local.
func (rt *Runtime) Release(h Hold) error {
	l, s := rt.borrow()
	err := l.Release(h)
	rt.giveBack(l, s)
	return err
}
