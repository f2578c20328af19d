package fencert

import (
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// closedChannel is the channel of all fences that were done before somebody asked.
var closedChannel = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Done returns a channel that is closed once the fence is signaled and its callbacks have run, and a function that ends
// this. As with context.AfterFunc, stop returns true when the channel will never be closed, and everything is given back;
// false when it is closed, or will be in a moment, or was stopped before. stop doesn't wait, and may be called by anybody, in
// callbacks, often, and after Close of the runtime, which closes the channel.
//
// Without stop the fence keeps a waiter and a callback node until it is signaled. The result is not in the channel: who needs
// it takes a hold before. Everything before the signal is visible to whoever sees the channel closed.
//
// In callbacks: yes, but not to wait for it there. Lock-free; allocates the channel and the function. A fence that is
// done already has a closed channel, which all share, and allocates nothing. There is no goroutine; a fence whose
// callbacks run already, or for which there is no room, is looked at by a timer, with pauses of up to a millisecond.
func (f Fence) Done() (<-chan struct{}, func() bool) {
	if f.done() {
		return closedChannel, stopped
	}
	if f.special() {
		enableAll([]Fence{f})
	}
	c := make(chan struct{})
	if rt := f.owner(); rt != nil {
		if t, ok := rt.closeWhenDone(f, c); ok {
			return c, func() bool { return rt.keepOpen(t) }
		}
	}
	if f.done() {
		return closedChannel, stopped
	}
	return c, watch(f, c)
}

func stopped() bool { return false }

// Done is Fence.Done without a function to end it, through this Local: it allocates the channel alone. Until the fence is
// signaled it keeps a waiter and a callback, so where many are given up early use Fence.Done.
//
// For a fence of another runtime it is Fence.Done. A point of a timeline that is out of range has a closed channel.
func (l *Local) Done(f Fence) <-chan struct{} {
	if f.done() {
		return closedChannel
	}
	if !f.of(l.runtime) || f.special() {
		c, _ := f.Done()
		return c
	}
	l.check()
	c := make(chan struct{})
	w := l.channel
	l.channel = nil
	if w == nil {
		w = l.runtime.waiters.take(1, 0)
	}
	if w != nil {
		w.channel = c
		if _, err := l.listen(f, doneHandler, w.arg(0)); err == nil {
			return c
		}
		w.put()
	}
	if f.done() {
		return closedChannel
	}
	watch(f, c)
	return c
}

// flushChannel gives the record of a channel back. The caller owns the Local.
func (l *Local) flushChannel() {
	if w := l.channel; w != nil {
		l.channel = nil
		w.put()
	}
}

// A doneTicket is what stop needs.
type doneTicket struct {
	ticket Ticket
	waiter *waiter
}

// closeWhenDone adds the callback that closes c. The record belongs to who runs or cancels the callback, whoever comes
// first: the ticket's generation tells a later stop from that.
func (rt *Runtime) closeWhenDone(f Fence, c chan struct{}) (doneTicket, bool) {
	w := rt.waiters.take(1, 0)
	if w == nil {
		return doneTicket{}, false
	}
	w.channel = c
	var b borrower
	t, err := b.local(rt).listen(f, doneHandler, w.arg(0))
	b.end()
	if err != nil {
		w.put()
		return doneTicket{}, false
	}
	return doneTicket{t, w}, true
}

// keepOpen is stop.
func (rt *Runtime) keepOpen(t doneTicket) bool {
	var b borrower
	canceled := b.local(rt).unlisten(t.ticket)
	b.end()
	if canceled {
		t.waiter.put()
	}
	return canceled
}

// A watcher closes a channel by looking at the fence now and then.
type watcher struct {
	fence   Fence
	channel chan struct{}
	decided atomicx.Bool // closed, or stopped
	poller  poller
	timer   *time.Timer
}

// watch starts one and returns its stop.
func watch(f Fence, c chan struct{}) func() bool {
	w := &watcher{fence: f, channel: c}
	ready := make(chan struct{})
	w.timer = time.AfterFunc(w.poller.pause(), func() { <-ready; w.look() })
	close(ready) // the field is written
	return w.stop
}

func (w *watcher) look() {
	switch {
	case !w.fence.done():
		if !w.decided.Load() {
			w.timer.Reset(w.poller.pause()) // where stop came in between it looks once more, in vain
		}
	// Claims: the channel. Pairs with: the CAS in stop. ABA: it goes one way. No loop.
	case w.decided.CompareAndSwap(false, true):
		close(w.channel)
	}
}

func (w *watcher) stop() bool {
	// Claims: the channel. Pairs with: the CAS in look. ABA: as there. No loop.
	if !w.decided.CompareAndSwap(false, true) {
		return false
	}
	w.timer.Stop()
	return true
}
