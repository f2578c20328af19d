package fencert

import (
	"errors"

	"github.com/fencert/fencert/cbqueue"
)

// A Handler is a function registered for callbacks. Zero value: not usable. Copying: freely. It belongs
// to the runtime that made it.
type Handler struct {
	runtime *Runtime
	index   uint32
}

// A Ticket names one callback that was added. Zero value: of none; Cancel answers false. Copying:
// freely. It stays safe to use after the callback has run.
type Ticket struct {
	fence Fence
	node  cbqueue.Ticket
}

// Handler registers a function for callbacks, for good. It is called on the goroutine that signals, with
// a Local to use until it returns, the argument that was given with the callback, and the fence's
// result. It may do all that a Local offers but Close; it must not wait for a fence. A panic is described
// at Config.OnPanic; runtime.Goexit runs the other callbacks first.
//
// Any goroutine may call it; it allocates. Errors: ErrExhausted after 2^21 - 1 of them, ErrConfig for
// nil, ErrClosed.
func (rt *Runtime) Handler(f func(l *Local, arg uint64, result error)) (Handler, error) {
	if f == nil {
		return Handler{}, ErrConfig
	}
	if rt.closed.Load() {
		return Handler{}, ErrClosed
	}
	if debugging {
		debugCall("Runtime.Handler", allocates)
	}
	for {
		p := rt.handlers.Load()
		n := len(*p)
		if n > cbqueue.MaxHandler {
			return Handler{}, ErrExhausted
		}
		longer := append((*p)[:n:n], f)
		// Publishes: the table with f. ABA: impossible while p is held. Progress: lock-free.
		if rt.handlers.CompareAndSwap(p, &longer) {
			return Handler{rt, uint32(n)}, nil
		}
	}
}

// ReserveCallbacks makes sure that the next n callbacks added through this Local find room. It doesn't add to an earlier
// call: the last one counts. In callbacks: yes. Lock-free; no allocation. Errors: ErrExhausted; then an earlier one still
// counts.
func (l *Local) ReserveCallbacks(n int) error {
	l.enter()
	err := l.nodes.Reserve(n)
	if err == cbqueue.ErrExhausted && l.runtime.askForNodes() {
		err = l.nodes.Reserve(n)
	}
	l.leave()
	if err != nil {
		return l.ranOut(ResourceCallbacks)
	}
	return nil
}

// OnSignal adds a callback: when the fence is signaled, h is called with arg, exactly once, unless the
// ticket is canceled. What the caller did before is visible to it.
//
// In callbacks: yes; of the fence that is being signaled it answers ErrSignaled. Lock-free; one CAS, no
// allocation. Errors: ErrSignaled: it was not and will not be called. ErrExhausted: no callback is free,
// also after what was canceled on this fence was swept (O(callbacks)), which cannot happen after ReserveCallbacks. ErrForeign.
func (l *Local) OnSignal(f Fence, h Handler, arg uint64) (Ticket, error) {
	if f.number < slotNumbers {
		return l.onPoint(f, h, arg)
	}
	rt, w := l.runtime, f.word
	if debugging || rt.offset(w)-1 >= rt.fences || h.runtime != rt || l.state != idle {
		return l.onSignalSlow(f, h, arg)
	}
	// Add in its parts, which inline.
	b := l.nodes.Expect(w)
	if !cbqueue.OpenPlain(b, f.number-closedBit) {
		return l.onSignalSlow(f, h, arg)
	}
	i, node := l.nodes.Peek(h.index)
	if i == 0 {
		return l.onSignalSlow(f, h, arg)
	}
	l.state = busy
	l.nodes.Fill(i, node, arg, b)
	if !l.nodes.TryLink(w, b, i) {
		return l.linkSlow(f, i, node)
	}
	l.state = idle
	return Ticket{f, cbqueue.MakeTicket(i, node)}, nil
}

// linkSlow ends OnSignal after TryLink has failed.
//
//go:noinline
func (l *Local) linkSlow(f Fence, i uint32, node uint64) (Ticket, error) {
	ok := l.nodes.Link(f.word, f.life(), i)
	l.state = idle
	if !ok {
		return Ticket{}, ErrSignaled
	}
	return Ticket{f, cbqueue.MakeTicket(i, node)}, nil
}

// onSignalSlow is OnSignal with all its checks.
//
//go:noinline
func (l *Local) onSignalSlow(f Fence, h Handler, arg uint64) (Ticket, error) {
	if !f.of(l.runtime) {
		return Ticket{}, notPending(f)
	}
	if h.runtime != l.runtime {
		return Ticket{}, ErrForeign
	}
	return l.add(f, h.index, arg)
}

// add is OnSignal for any handler, and any fence and point of this runtime.
//
//go:noinline
func (l *Local) add(f Fence, handler uint32, arg uint64) (Ticket, error) {
	if f.number < slotNumbers {
		return l.addPoint(f, handler, arg)
	}
	if f.word.Load()&specialBit != 0 && !l.enable(f, l.runtime.index(f.word)) {
		return Ticket{}, ErrSignaled
	}
	l.enter()
	t, err := l.nodes.Add(f.word, f.life(), handler, arg)
	if err == cbqueue.ErrExhausted && l.askForCanceled(f) {
		t, err = l.nodes.Add(f.word, f.life(), handler, arg)
	}
	l.leave()
	if err != nil {
		return Ticket{}, l.refused(addError(err), ResourceCallbacks)
	}
	return Ticket{f, t}, nil
}

// OnSignalMany adds one callback per argument in one step; they are called in the order of args. All are
// added or none. Otherwise it is OnSignal, without tickets.
func (l *Local) OnSignalMany(f Fence, h Handler, args []uint64) error {
	if !f.of(l.runtime) {
		return notPending(f)
	}
	if h.runtime != l.runtime {
		return ErrForeign
	}
	if f.number < slotNumbers {
		return l.addPoints(f.timelineOf(), []uint64{f.number}, h.index, args, nil)
	}
	if f.word.Load()&specialBit != 0 && len(args) != 0 && !l.enable(f, l.runtime.index(f.word)) {
		return ErrSignaled
	}
	l.enter()
	err := l.nodes.AddMany(f.word, f.life(), h.index, args, nil)
	if err == cbqueue.ErrExhausted && l.askForCanceled(f) {
		err = l.nodes.AddMany(f.word, f.life(), h.index, args, nil)
	}
	l.leave()
	if err != nil {
		return l.refused(addError(err), ResourceCallbacks)
	}
	return nil
}

// askForCanceled is askForNodes, and takes what was canceled out of the fence's list. The Local is busy. It is true.
func (l *Local) askForCanceled(f Fence) bool {
	n := l.runtime.index(f.word)
	if left := l.nodes.Sweep(f.word, &l.runtime.slots[n].anchor, f.life()); left != 0 {
		l.left(f.word, n, left)
	}
	return l.runtime.askForNodes()
}

// Cancel takes a callback back. True: it was pending and will never be called. False: it was called, is
// being called or will be, or another Cancel got it. It doesn't wait.
//
// In callbacks: yes. Lock-free; two or three CAS, O(1) amortised; no allocation.
func (l *Local) Cancel(t Ticket) bool {
	f := t.fence
	if f.number < slotNumbers && f.pointOf(l.runtime) {
		return l.cancelPoint(t)
	}
	n := l.runtime.index(f.word)
	if n == 0 {
		if debugging {
			l.debugForeignTicket(t)
		}
		return false
	}
	l.enter()
	ok, left := l.nodes.Cancel(f.word, &l.runtime.slots[n].anchor, f.life(), t.node)
	if left != 0 {
		l.left(f.word, n, left)
	}
	l.leave()
	return ok
}

//go:noinline
func addError(err error) error {
	if errors.Is(err, cbqueue.ErrClosed) {
		return ErrSignaled
	}
	return ErrExhausted
}

// notPending is the error for adding to a fence that isn't one of this runtime's.
func notPending(f Fence) error {
	switch {
	case f.word == nil || f.isStub():
		return ErrSignaled
	case f.isNowhere():
		return ErrRange
	}
	return ErrForeign
}
