package fencert

// CancelWait is Cancel, and when that answers false it returns only when the callback isn't running and never will be: what the
// callback uses may then be freed. It waits for all callbacks of that fence, since they are one run; where the fence's run was put
// off, until it has come.
//
// Not in a callback, where it could wait for itself, for a callback that waits for this one, or for a lock that the other
// needs: on a Local that runs a callback it answers ErrInCallback, always, and has changed nothing; Cancel may be called there.
// Only the Local knows that it runs a callback, which is why there is no such call without one, and why a callback
// must not call it on another Local than the one that it is given.
//
// Blocks only when it returns false: polls with pauses of up to a millisecond; no allocation but for a timer then. Otherwise
// Cancel's cost. Errors: ErrInCallback.
func (l *Local) CancelWait(t Ticket) (bool, error) {
	if debugging {
		debugBlocking("Local.CancelWait")
	}
	if l.depth > 0 {
		return false, ErrInCallback
	}
	if l.Cancel(t) {
		return true, nil
	}
	f := t.fence
	if l.runtime.index(f.word) == 0 {
		l.awaitPoint(t)
		return false, nil
	}
	var e ending
	var p poller
	defer p.stop()
	for {
		// While the fence is open, another Cancel has got the callback, or is getting it: when the fence is signaled before
		// that one has looked, the callback runs after all. In this order: decided, and the fence open afterwards, means
		// canceled; the other way round the signal may come in between, and what is decided is that it runs.
		undecided := l.runtime.pool.Undecided(t.node)
		if f.CallbacksDone() || !undecided && !f.Signaled() {
			return false, nil
		}
		p.sleep(&e)
	}
}
