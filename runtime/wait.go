package fencert

import (
	"context"
	"fmt"
	"time"
)

// A Strategy is how a goroutine waits for a fence.
type Strategy uint8

const (
	// SpinThenPark looks for a while before it parks: a wake-up from parking costs some microseconds, on both
	// sides. How long it looks follows how often that has paid off of late in this runtime: between once and
	// some 10 us. With GOMAXPROCS at 1 it yields once and looks once.
	SpinThenPark Strategy = iota
	// Park parks at once: for waits that are known to be long.
	Park
	// Spin never parks, and looks at the fence itself: for waits that are known to be short, with a processor to spare. It yields
	// to other goroutines now and then, and always with GOMAXPROCS at 1.
	Spin
)

// Wait returns the fence's result once it is signaled and its callbacks have run. Where ctx ends first, it
// returns context.Cause(ctx); signaled wins over both. It waits as Config.Strategy says.
//
// A fence that is finished before Wait has begun may be recycled already: who needs the result whatever comes first takes a
// hold before the issuer can finish.
//
// Not in a callback: it may wait for itself. Blocks; takes a waiter and a callback node, and a hold when ctx can end; no
// allocation once warm, but for a wait that began while the callbacks ran or when there was no room: it polls, with
// pauses of up to a millisecond. Errors: the result; ErrStale for a fence that was recycled before. A nil ctx panics with
// ErrNilContext.
func (f Fence) Wait(ctx context.Context) error {
	if debugging {
		debugBlocking("Fence.Wait")
	}
	if ctx == nil {
		panic(ErrNilContext)
	}
	if !f.done() {
		if rt := f.owner(); rt != nil {
			return rt.wait(&ending{ctx: ctx}, f, rt.config.Strategy)
		}
	}
	return f.Err()
}

// WaitWith is Wait with another strategy than the runtime's. Errors: Wait's; ErrConfig for a strategy that is none.
func (f Fence) WaitWith(ctx context.Context, s Strategy) error {
	if debugging {
		debugBlocking("Fence.WaitWith")
	}
	if ctx == nil {
		panic(ErrNilContext)
	}
	if s > Spin {
		return fmt.Errorf("%w: unknown Strategy %d", ErrConfig, s)
	}
	if !f.done() {
		if rt := f.owner(); rt != nil {
			return rt.wait(&ending{ctx: ctx}, f, s)
		}
	}
	return f.Err()
}

// WaitTimeout is Wait for at most d, without a context.Context. Zero or less polls: it looks once and never blocks.
// Signaled wins over a time that is up; then it doesn't wait for callbacks that still run.
//
// Not in a callback. Blocks; as Wait it takes a waiter, a callback node and a hold; no allocation once warm: the timer is
// the waiter's, and is stopped. Errors: the result; ErrTimeout; ErrStale for a fence that was recycled before.
func (f Fence) WaitTimeout(d time.Duration) error {
	if debugging {
		debugBlocking("Fence.WaitTimeout")
	}
	if !f.done() {
		if rt := f.owner(); rt != nil {
			return rt.wait(&ending{limited: true, deadline: time.Now().Add(d)}, f, rt.config.Strategy)
		}
	}
	return f.Err()
}

// TryWait is the result when the fence is signaled and its callbacks have run, else ErrPending. Anywhere, in callbacks
// too: it never blocks. Wait-free; two loads, and what Err costs for an error from the table of errors. Errors: the
// result; ErrPending; ErrStale once the fence is recycled.
func (f Fence) TryWait() error {
	if !f.done() {
		return ErrPending
	}
	return f.Err()
}

func (rt *Runtime) wait(e *ending, f Fence, s Strategy) error {
	if o := rt.config.Observer; o != nil && o.Wait != nil {
		return rt.observedWait(e.ctx, f, func() error { return rt.block(e, f, s) })
	}
	return rt.block(e, f, s)
}

// block is wait, unobserved.
func (rt *Runtime) block(e *ending, f Fence, s Strategy) error {
	if f.Signaled() { // and its callbacks run
		return rt.poll(e, f)
	}
	if e.over() {
		return e.cause()
	}
	if f.special() && !rt.enable(f) {
		return rt.poll(e, f)
	}
	if s == Spin {
		return rt.look(e, f)
	}
	if !e.can() {
		return rt.waitListed(e, f, s)
	}
	// Keeps the result readable for leave, also one from the table of errors (R6).
	h, err := rt.Hold(f)
	if err != nil {
		return f.Err()
	}
	err = rt.waitListed(e, f, s)
	_ = rt.Release(h) // held since above
	return err
}

// waitListed waits as one of the fence's callbacks. When e can end the wait, the caller holds the fence.
func (rt *Runtime) waitListed(e *ending, f Fence, s Strategy) error {
	w := rt.waiters.take(1, 1)
	if w == nil {
		rt.noRoomToWait(ResourceWaiters)
		return rt.poll(e, f)
	}
	w.view.begin(rt.viewRef(f))
	b := borrower{}
	t, err := b.local(rt).listen(f, waitHandler, w.arg(0))
	b.end()
	if err != nil {
		w.put()
		if err == ErrExhausted {
			rt.noRoomToWait(ResourceCallbacks)
		}
		return rt.poll(e, f)
	}
	if !w.await(e, s) {
		return rt.leave(e, f, t, w)
	}
	w.pass()
	result := w.result.Get()
	w.put() // the callback has given its reference up
	return result
}

// leave ends a wait that is over, unless the signal came first.
func (rt *Runtime) leave(e *ending, f Fence, t Ticket, w *waiter) error {
	b := borrower{}
	canceled := b.local(rt).unlisten(t)
	b.end()
	if canceled {
		w.put()
		return e.cause()
	}
	// The list is closed: signaled wins. The signaler will come to the record, perhaps after a slow callback; the wait
	// doesn't sit behind that. The fence is held, so its word has the result.
	w.view.end() // nobody waits any more
	result := rt.heldErr(f)
	w.drop(1)
	return result
}

// poll waits with pauses up to a millisecond: when there is no waiter or callback node left, and for callbacks that
// run already. A hold keeps the result; where it comes too late, the result is what can be read now.
func (rt *Runtime) poll(e *ending, f Fence) error {
	rt.waiters.polling.Add(1)
	defer rt.waiters.polling.Add(-1)
	h, err := rt.Hold(f)
	if err != nil {
		err = f.Err()
		pollCallbacks(e, f)
		return err
	}
	if pollCallbacks(e, f) || f.Signaled() {
		err = h.Err()
	} else {
		err = e.cause()
	}
	_ = rt.Release(h) // held since above
	return err
}

// pollCallbacks looks until the callbacks have run (true) or the wait is over (false).
func pollCallbacks(e *ending, f Fence) bool {
	var p poller
	defer p.stop()
	for !f.done() {
		if e.over() {
			return false
		}
		p.sleep(e)
	}
	return true
}
