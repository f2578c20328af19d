package fencert

import "context"

// Wait returns nil once the value is n or more, and the cause of Close where the timeline is closed before that; it is
// At(n).Wait(ctx), with that call's rules and errors, and ErrRange for a point above MaxPoint. It doesn't wait for callbacks
// that are just being delivered: Flush does.
func (t *Timeline) Wait(ctx context.Context, n uint64) error { return t.At(n).Wait(ctx) }

// Done returns a channel that is closed once the value is n or more, or the timeline is closed: what etcd's WaitTime and maps of
// channels are used for. For a point out of range it is closed already.
//
// It is Local.Done on a borrowed Local. There is no way to take it back: until then it keeps one of Config.Waiters and one of
// Config.Points. Where that matters At(n).Done() has a function for it. In callbacks: yes, but not to wait for it there. Lock-free; allocates the channel, and nothing for a
// point that is reached; where there is no room for a waiter or a callback, a timer looks, with pauses of up to a millisecond.
func (t *Timeline) Done(n uint64) <-chan struct{} {
	f := t.At(n)
	if f.done() || t.runtime == nil {
		return closedChannel
	}
	l, s := t.runtime.borrow()
	c := l.Done(f)
	t.runtime.giveBack(l, s)
	return c
}

// Flush returns when nobody is delivering what was due when it was called: the callbacks of all points up to the value at the
// call have run, those that were added before the value moved beyond them. Where ctx ends first, it returns context.Cause(ctx).
//
// Not in a callback: it may wait for itself. Blocks for as long as callbacks take that were due before; it spins for a little,
// and then polls with pauses of up to a millisecond. No allocation but for a timer. A nil ctx panics with ErrNilContext.
func (t *Timeline) Flush(ctx context.Context) error {
	if debugging {
		debugBlocking("Timeline.Flush")
	}
	if ctx == nil {
		panic(ErrNilContext)
	}
	e := ending{ctx: ctx}
	var p poller
	defer p.stop()
	for m := t.wheel.Mark(); !t.wheel.Passed(m); {
		if t.wheel.Unclear(m) {
			t.settle()
		}
		if e.over() {
			return e.cause()
		}
		p.sleep(&e)
	}
	return nil
}

// settle sorts what waits, where nobody delivers and it can't be told whether something is due.
func (t *Timeline) settle() {
	l, s := t.runtime.borrow()
	defer t.runtime.giveBack(l, s)
	l.owner().Settle(&t.wheel)
}
