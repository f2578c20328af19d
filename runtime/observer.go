package fencert

import "context"

// An Observer is told what a runtime does: see Config.Observer. Functions that are nil aren't called; what isn't
// observed costs nothing. With one of the first three set, every fence context of the runtime is special: each life
// then costs a few more atomics and calls, and callbacks are added the slower way.
//
// The functions are called by many goroutines at once, in the middle of what they tell of, in places where the caller
// counts nanoseconds. They may poll the fence and read its names. They must return soon, must not wait, and must not use
// a Local, signal, or add callbacks; nor may they call runtime.Goexit: the Local and the fence would stay as they are in
// the middle of the call. A panic is caught, counted in Stats.ObserverPanics, and given to Config.OnPanic where that is
// set.
//
// Zero value: observes nothing. It must not be changed after New. Copying: freely.
type Observer struct {
	// Armed: by who arms, before anybody else has the fence.
	Armed func(e Event)
	// Signaled: exactly once for each fence, after Armed and before its callbacks run: by who signals, Close included.
	// Where one goroutine signals and another drops the fence at the same time, by either; then Ended may be called before
	// this has returned. A fence armed when the runtime, or its context, is closed already: by who arms.
	Signaled func(e Event, result error)
	// Ended: exactly once for each fence that is signaled and dropped, when nobody holds it any more and before its slot
	// can be used again: by who drops, releases, or runs the last callback. Not for what is never dropped.
	Ended func(e Event)
	// Wait: when a goroutine begins to wait for a fence that isn't done, by that goroutine; ctx is the wait's. What it
	// returns, unless nil, is called when the wait is over, on the same goroutine, with what Wait will return.
	Wait func(ctx context.Context, f Fence) (end func(result error))
	// Exhausted: when there was too little of something, by who needed it, before ErrExhausted is returned.
	Exhausted func(r Resource)
}

// An Event is about one fence. Fence is no hold: after Signaled it may soon be stale.
type Event struct {
	Fence   Fence
	Context *FenceContext
	Seqno   uint64
}

// A Resource is what a runtime can run out of.
type Resource uint8

// What a runtime can run out of, by the number in Config.
const (
	ResourceFences    Resource = iota // Reserve, NewFence: ErrExhausted
	ResourceCallbacks                 // OnSignal, ReserveCallbacks: ErrExhausted; a wait polls
	ResourceErrors                    // Signal, Finish: the result becomes ErrFailed
	ResourceWaiters                   // a wait polls
	ResourceReaders                   // Pin, Retire: ErrExhausted
	ResourcePoints                    // adds to points of timelines, ReservePoints: ErrExhausted; a wait polls
)

func (r Resource) String() string {
	if r > ResourcePoints {
		return "unknown resource"
	}
	return [...]string{"fences", "callbacks", "errors", "waiters", "readers", "points"}[r]
}

// watchesFences tells whether fences must be special for it.
func (o *Observer) watchesFences() bool {
	return o != nil && (o.Armed != nil || o.Signaled != nil || o.Ended != nil)
}
