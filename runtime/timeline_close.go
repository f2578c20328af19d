package fencert

import "errors"

// ErrTimelineClosed is Close's answer when the timeline was closed before. It is also an ErrClosed to errors.Is.
var ErrTimelineClosed = error(&contextClosed{errors.New("fencert: the timeline is closed")})

// Close ends the timeline: all points that it has not reached are signaled with cause, ErrCanceled for nil, at once and for
// ever. The value stays what it is, and what it has reached stays reached. Callbacks run and waiters are woken as by Advance,
// which answers with the cause from then on. The runtime forgets the timeline; points stay safe to use for as long as
// somebody has them.
//
// Any goroutine may call it, in callbacks too. Lock-free but for what the callbacks do; it allocates the cause, so not in a
// signaling section. The first panic among the callbacks goes to Config.OnPanic, or on when all have run. Errors:
// ErrTimelineClosed: it was closed before, and keeps that cause; ErrForeign for a Timeline that NewTimeline hasn't made.
func (t *Timeline) Close(cause error) error {
	rt := t.runtime
	if rt == nil {
		return ErrForeign
	}
	if cause == nil {
		cause = ErrCanceled
	}
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // a callback may panic
	return l.closeTimeline(t, cause)
}

func (l *Local) closeTimeline(t *Timeline, cause error) error {
	// Decides whose cause it is. Publishes: the cause, before the wheel's closed bit (W9 there). ABA: it is set once. No loop:
	// a failure means that another was first; who finds it set makes sure that the wheel is closed before it says so.
	first := t.cause.CompareAndSwap(nil, &cause)
	if w := t.window.Load(); w != nil { // after the cause (K6)
		w.close()
	}
	l.enter()
	_, due := l.owner().CloseWheel(&t.wheel, 1)
	l.leave()
	if _, known := l.runtime.contexts.LoadAndDelete(t.context.id); known {
		l.runtime.timelines.Add(-1)
	}
	if due && l.deliver(t) {
		l.afterRun()
	}
	if !first {
		return ErrTimelineClosed
	}
	return nil
}

// openTimelines are those that are not closed, by id.
func (rt *Runtime) openTimelines() []*Timeline {
	var open []*Timeline
	for c := range rt.Contexts() {
		if c.of != nil {
			open = append(open, c.of)
		}
	}
	return open
}

// closeTimelines is Close of the runtime for its timelines. It goes on where it was when a callback has ended it.
func (c *closing) closeTimelines() {
	for _, t := range c.l.runtime.openTimelines() {
		c.closeTimeline(t)
	}
	c.l.runtime.awaitAdopters()
}

// awaitAdopters returns when no goroutine is left that was started to deliver.
func (rt *Runtime) awaitAdopters() {
	var e ending
	var p poller
	defer p.stop()
	for rt.adopting.Load() > 0 { // pairs with: the Adds in handOver and adopt (P4)
		p.sleep(&e)
	}
}

func (c *closing) closeTimeline(t *Timeline) {
	defer func() {
		if p := recover(); p != nil { // of a callback
			c.panics.keep(p)
		}
	}()
	_ = c.l.closeTimeline(t, c.result)
}

// timelineLeaks are the timelines on which callbacks are pending. Where another goroutine just delivers, that can't be told.
func (rt *Runtime) timelineLeaks(l *Local) (leaks []Leak) {
	rt.awaitAdopters()
	for _, t := range rt.openTimelines() {
		if oldest, ok, _ := l.owner().Oldest(&t.wheel); ok {
			leaks = append(leaks, Leak{Context: &t.context, Pending: l.owner().Pending(&t.wheel), OldestSeqno: oldest})
		}
	}
	return leaks
}
