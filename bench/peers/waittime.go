package peers

import (
	fencert "github.com/fencert/fencert/runtime"
)

// A WaitTime has the methods of etcd's wait.WaitTime, over a timeline: the deadline is the point, and what was triggered
// last is the value.
//
// Kept: a deadline that was triggered already has a closed channel, the same for all, and costs no allocation; 0 is one of
// these from the beginning. Trigger closes, before it returns, the channels of all deadlines up to its own, those in any gap
// included. Both may be called by any goroutine.
//
// Not kept, and why:
//   - Going back. After Trigger(10) and Trigger(5) the original gives an open channel for 7 and closes it at the next trigger
//     from 7 on. Here 7 has been reached and stays so: this is the original behind a maximum. What etcd waits for, indices that
//     were applied, never goes back.
//   - One channel for all who wait for the same deadline. Here each call that finds the deadline ahead makes its own, so
//     nothing has to be looked up.
//   - Deadlines beyond fencert.MaxPoint, 2^63-1: all of them are MaxPoint, to wait for and to trigger.
//   - Two goroutines that trigger at once. When Trigger returns while another one is closing channels, that one may close this
//     one's too, a moment later. The original's lock makes the second wait. With one goroutine that triggers, as in etcd, there
//     is no difference.
//
// In both a channel that nobody waits for any more stays until its deadline comes; who gives up waits with
// Timeline.Wait or keeps the stop of Fence.Done instead.
//
// Make one with NewWaitTime; it must not be nil. Callers: any goroutine, any method, in callbacks too (but don't wait there).
// Ordering: what comes before Trigger is visible to whoever sees the channel closed.
// Progress: lock-free. Cost: Wait one CAS and the channel, or a load; Trigger one CAS, and more only if something is due. There
// is no scan: the original looks at every channel in every Trigger.
// Errors: none, as there. Once the timeline is closed all channels are, reached or not.
type WaitTime struct{ timeline *fencert.Timeline }

// NewWaitTime makes a WaitTime of a timeline, which may be used directly as well: for callbacks, for waits that can be given up,
// and beside fences. A fencert.Config has room for Points waits at a time; any more are looked at by timers.
func NewWaitTime(t *fencert.Timeline) *WaitTime { return &WaitTime{t} }

// Wait returns a channel that is closed once the deadline is triggered or passed, or the timeline closed.
func (w *WaitTime) Wait(deadline uint64) <-chan struct{} {
	return w.timeline.Done(min(deadline, fencert.MaxPoint))
}

// Trigger closes the channels of this and all earlier deadlines. A deadline that was triggered or passed before changes nothing.
func (w *WaitTime) Trigger(deadline uint64) {
	// What can be answered is no failure here: it was there already, or the timeline is closed and its channels with it.
	_ = w.timeline.Advance(min(deadline, fencert.MaxPoint))
}
