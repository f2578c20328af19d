package fencert

// Stats are what a runtime has done since New and what it has in use. See Runtime.Stats.
type Stats struct {
	Closed bool // Close was called

	// Fences. Armed less Signaled are pending; Reserved less Armed and Unreserved are reservations in hand.
	Reserved   uint64 // taken by Reserve, ReserveWait or NewFence
	Unreserved uint64 // given back unused
	Armed      uint64
	Signaled   uint64
	Ended      uint64 // lives over: signaled, dropped and not held any more

	// Callbacks, those by which goroutines wait included. Added less Run and Canceled are pending.
	CallbacksAdded    uint64
	CallbacksRun      uint64 // counted when the fence is signaled, before the first of them is called
	CallbacksCanceled uint64

	// Callbacks on points of timelines, those by which goroutines wait included.
	PointsAdded    uint64
	PointsRun      uint64
	PointsCanceled uint64

	Waits   uint64 // waits that did not find their fence signaled
	Waiting int    // goroutines that wait now
	Polling int    // of these, how many poll: there was no room to wait in, or the callbacks ran already

	// ErrExhausted, by what there was too little of: Config has a number for each.
	ExhaustedFences    uint64
	ExhaustedCallbacks uint64
	ExhaustedWaiters   uint64 // not an error: such a wait polls
	ExhaustedReaders   uint64
	ExhaustedPoints    uint64
	LostErrors         uint64 // results that became ErrFailed, for the table of errors was full

	ObserverPanics uint64 // panics of Config.Observer's functions

	Locals    int // Locals that are not closed, but for those that the calls without one borrow
	Contexts  int // fence contexts, without those of timelines
	Timelines int // timelines that are not closed

	Fences, Callbacks Usage
}

// Usage is how much of what Config sized is in use. InUse, Magazines, Free and Retired make up Size.
type Usage struct {
	Size    int // as in Config
	Touched int // the most that ever were out of the depot at a time, rounded up to what a Local takes at once
	// InUse are the fences that are reserved, armed or held, the callbacks that are pending.
	InUse int
	// Magazines are the free ones that Locals keep to themselves; of fences also those with user data that wait for a
	// grace period, of callbacks also canceled ones that are not unlinked yet.
	Magazines int
	Free      int // anybody's
	Retired   int // lost for good: their generations are used up
}

// Pending is how many fences are armed and not signaled.
func (s Stats) Pending() int { return int(s.Armed - s.Signaled) }

// PendingCallbacks is how many callbacks are to be run or canceled still.
func (s Stats) PendingCallbacks() int {
	return int(s.CallbacksAdded - s.CallbacksRun - s.CallbacksCanceled)
}

// PendingPoints is how many callbacks on points are to be run or canceled still.
func (s Stats) PendingPoints() int { return int(s.PointsAdded - s.PointsRun - s.PointsCanceled) }

// Stats adds up what all Locals have counted. Counting costs each operation one instruction without a lock, whether
// anybody asks or not.
//
// Each count was right at some moment during the call and never falls from one call to the next. They fit together:
// Ended <= Signaled <= Armed <= Reserved, CallbacksRun + CallbacksCanceled <= CallbacksAdded; when nothing is under
// way all are exact. The numbers in use are what follows from the counts, and may be off by what happened during the
// call. A call that found all borrowed Locals taken is counted when it ends; a Local that was forgotten is missing between
// the collector's finding it and its finalizer.
//
// Any goroutine may call it, in callbacks, in a signaling section, and after Close, when the counts still follow what is
// done. Lock-free; some 30 loads per Local, and a few per goroutine that ever waited at a time; no allocation.
func (rt *Runtime) Stats() Stats {
	t, live := rt.sum()
	rt.report(&t)
	s := Stats{
		Closed:             rt.closed.Load(),
		Unreserved:         t[sumUnreserved],
		Ended:              t[sumEnded] + t[sumFinished],
		CallbacksRun:       t[sumRun],
		CallbacksCanceled:  t[sumCanceled],
		ExhaustedFences:    t[sumExhaustedFences],
		ExhaustedCallbacks: t[sumExhaustedCallbacks],
		ExhaustedWaiters:   rt.waiters.exhausted.Load(),
		ExhaustedReaders:   t[sumExhaustedReaders],
		LostErrors:         rt.results.lost.Load(),
		ObserverPanics:     rt.observerPanics.Load(),
		Locals:             live,
		ExhaustedPoints:    t[sumExhaustedPoints],
		PointsRun:          t[sumPointsRun],
		PointsCanceled:     t[sumPointsCanceled],
		Timelines:          int(rt.timelines.Load()),
	}
	// S3 makes all but these unnecessary: a callback may run before it is counted as added, and Close signals what is
	// reserved too, which counts only once it is armed.
	s.Armed = max(t[sumArmed]+t[sumMade], s.Ended)
	s.Reserved = max(t[sumReserved]+t[sumMade], s.Armed+s.Unreserved)
	s.Signaled = min(max(t[sumSignaled]+t[sumFinished], s.Ended), s.Armed)
	s.CallbacksAdded = max(t[sumAdded], s.CallbacksRun+s.CallbacksCanceled)
	s.PointsAdded = max(t[sumPointsAdded], s.PointsRun+s.PointsCanceled) // likewise
	s.Contexts = max(rt.contexts.Size()-s.Timelines, 0)
	s.Waits, s.Waiting = rt.waiters.count()
	s.Polling = int(rt.waiters.polling.Load())
	s.Waiting += s.Polling
	s.Fences = usage(rt.arena.Slots(), int(rt.arena.Touched()), s.Reserved-s.Unreserved-s.Ended,
		t[sumSlotsTaken]-t[sumSlotsPut], rt.arena.Retired())
	s.Callbacks = usage(rt.pool.Nodes(), rt.pool.Touched(), s.CallbacksAdded-s.CallbacksRun-s.CallbacksCanceled,
		t[sumNodesTaken]-t[sumNodesPut], rt.pool.Retired())
	return s
}

// usage makes numbers that were read one after another fit together. out is how many are not in the depot.
func usage(size, touched int, inUse, out, retired uint64) Usage {
	u := Usage{Size: size, Touched: touched, Retired: min(int(retired), size)}
	left := size - u.Retired
	u.InUse = min(max(int(int64(inUse)), 0), left)
	left -= u.InUse
	u.Magazines = min(max(int(int64(out))-u.InUse-u.Retired, 0), left)
	u.Free = left - u.Magazines
	return u
}
