package fencert

import (
	"context"
	"runtime"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// A Strategy is how a goroutine waits for a fence.
type Strategy uint8

const (
	// SpinThenPark looks for some 10 us before it parks: a wake-up from parking costs that much
	// and more, on both sides.
	SpinThenPark Strategy = iota
	// Park parks at once: for waits that are known to be long.
	Park
	// Spin never parks: for waits that are known to be short, with a processor to spare. It yields
	// to other goroutines now and then.
	Spin
)

const (
	spinRounds = 200 // looks before parking
	spinPauses = 4   // PAUSE instructions between two looks
	spinYield  = 64  // looks between two yields to other goroutines
)

// Wait returns the fence's result once it is signaled and its callbacks have run. Where ctx ends first, it
// returns context.Cause(ctx); signaled wins over both. It waits as Config.Strategy says.
//
// A fence that is finished before Wait has begun may be recycled already: who needs the result whatever comes first takes a
// hold before the issuer can finish.
//
// Not in a callback: it may wait for itself. Blocks; takes a waiter and a callback node, and a hold when ctx can end; no
// allocation once warm, but for a wait that began while the callbacks ran or when there was no room: it polls, with
// pauses of up to a millisecond. Errors: the result; ErrStale for a fence that was recycled before.
func (f Fence) Wait(ctx context.Context) error {
	if !f.CallbacksDone() {
		if rt, _ := find(f.word); rt != nil {
			return rt.wait(ctx, f, rt.config.Strategy)
		}
	}
	return f.Err()
}

// WaitWith is Wait with another strategy than the runtime's.
func (f Fence) WaitWith(ctx context.Context, s Strategy) error {
	if !f.CallbacksDone() {
		if rt, _ := find(f.word); rt != nil {
			return rt.wait(ctx, f, s)
		}
	}
	return f.Err()
}

func (rt *Runtime) wait(ctx context.Context, f Fence, s Strategy) error {
	if o := rt.config.Observer; o != nil && o.Wait != nil {
		return rt.observedWait(ctx, f, func() error { return rt.block(ctx, f, s) })
	}
	return rt.block(ctx, f, s)
}

// block is wait, unobserved.
func (rt *Runtime) block(ctx context.Context, f Fence, s Strategy) error {
	if f.Signaled() { // and its callbacks run
		return rt.poll(ctx, f)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if ctx.Done() == nil {
		return rt.waitListed(ctx, f, s)
	}
	// Keeps the result readable for leave, also one from the table of errors (R6).
	h, err := rt.Hold(f)
	if err != nil {
		return f.Err()
	}
	err = rt.waitListed(ctx, f, s)
	_ = rt.Release(h) // held since above
	return err
}

// waitListed waits as one of the fence's callbacks. When ctx can end, the caller holds the fence.
func (rt *Runtime) waitListed(ctx context.Context, f Fence, s Strategy) error {
	i := rt.waiters.take()
	if i == 0 {
		rt.noRoomToWait(ResourceWaiters)
		return rt.poll(ctx, f)
	}
	rt.waiters.records[i].view.begin(f, rt.index(f.word))
	l, st := rt.borrow()
	t, err := l.add(f, wakeHandler, uint64(i))
	rt.giveBack(l, st)
	if err != nil {
		rt.waiters.put(i)
		if err == ErrExhausted {
			rt.noRoomToWait(ResourceCallbacks)
		}
		return rt.poll(ctx, f)
	}
	w := &rt.waiters.records[i]
	if s != Park && w.spin(ctx, s) || w.park(ctx) {
		result := w.result.Get()
		rt.waiters.put(i)
		return result
	}
	return rt.leave(ctx, f, t, i)
}

// spin looks until the waiter is done, which it tells, or the strategy or ctx ends it.
func (w *waiter) spin(ctx context.Context, s Strategy) bool {
	for k := 1; s == Spin || k < spinRounds; k++ {
		// Pairs with: the Swap in wakeAll.
		if w.state.Load() == done {
			return true
		}
		atomicx.Pause(spinPauses)
		if k%spinYield == 0 {
			if ctx.Err() != nil {
				return false
			}
			runtime.Gosched()
		}
	}
	return false
}

// park blocks until the waiter is done (true) or ctx ends (false).
func (w *waiter) park(ctx context.Context) bool {
	// Claims a wake-up. Pairs with: the Swap in wakeAll; one of the two is first, so no wake-up is lost. ABA: none, the
	// record has one waiter at a time (R8). No loop.
	if !w.state.CompareAndSwap(spinning, parked) {
		return true
	}
	w.view.park()
	return w.parker.Park(ctx.Done())
}

// leave ends a wait whose ctx has ended, unless the signal came first.
func (rt *Runtime) leave(ctx context.Context, f Fence, t Ticket, i uint32) error {
	l, st := rt.borrow()
	canceled := l.Cancel(t)
	rt.giveBack(l, st)
	if canceled {
		rt.waiters.put(i)
		return context.Cause(ctx)
	}
	// The list is closed: signaled wins. The signaler will come to the record, perhaps after a slow callback; the wait
	// doesn't sit behind that. The fence is held, so its word has the result.
	w := &rt.waiters.records[i]
	w.view.end() // whatever comes next: nobody waits for long
	// Gives the record to the signaler. Pairs with: the Swap in wakeAll. ABA: as in park. No loop.
	if w.state.CompareAndSwap(parked, abandoned) {
		return rt.results.decode(code(f.word.Load()))
	}
	w.parker.Park(nil) // done: the token is behind it
	result := w.result.Get()
	rt.waiters.put(i)
	return result
}

// poll waits with pauses up to a millisecond: when there is no waiter or callback node left, and for callbacks that
// run already. A hold keeps the result; where it comes too late, the result is what can be read now.
func (rt *Runtime) poll(ctx context.Context, f Fence) error {
	rt.waiters.polling.Add(1)
	defer rt.waiters.polling.Add(-1)
	h, err := rt.Hold(f)
	if err != nil {
		err = f.Err()
		rt.pollCallbacks(ctx, f)
		return err
	}
	if rt.pollCallbacks(ctx, f) || f.Signaled() {
		err = h.Err()
	} else {
		err = context.Cause(ctx)
	}
	_ = rt.Release(h) // held since above
	return err
}

// pollCallbacks looks until the callbacks have run (true) or ctx ends (false).
func (rt *Runtime) pollCallbacks(ctx context.Context, f Fence) bool {
	for pause := 10 * time.Microsecond; !f.CallbacksDone(); pause = min(2*pause, time.Millisecond) {
		if atomicx.Exploring { // there is no time there
			atomicx.Pause(spinPauses)
			if ctx.Err() != nil {
				return false
			}
			continue
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
	}
	return true
}
