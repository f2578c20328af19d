package fencert

import "time"

// await waits until the waiter is done (true), or the wait is over (false).
func (w *waiter) await(e *ending, s Strategy) bool {
	if s != Park && w.home.spin.until(w, e, s) {
		return true
	}
	for !w.park(e, 0) {
		if e.over() {
			return false
		}
	}
	return true
}

// park blocks until the waiter is done (true), or the wait is over, or the pause where that isn't 0 (false).
func (w *waiter) park(e *ending, pause time.Duration) bool {
	for need := w.need.Get(); ; {
		v := w.state.Load()
		if fired(v) >= need {
			return true
		}
		// Asks for a wake-up. Pairs with: the Add in fire; one of the two is first, so no wake-up is lost. ABA: the value is all
		// that counts. Progress: a failure means that a callback has come, and there is an end to these.
		if w.state.CompareAndSwap(v, v|parked) {
			break
		}
	}
	w.view.park()
	tick := e.set(&w.timer, pause)
	woken := w.parker.Park(e.canceled(), tick)
	if tick != nil && w.timer != nil {
		w.timer.Stop()
	}
	return woken || w.unpark()
}

// unpark takes the wish for a wake-up back (false), unless it is on its way (true).
func (w *waiter) unpark() bool {
	for need := w.need.Get(); ; {
		v := w.state.Load()
		if fired(v) >= need {
			w.parker.Park(nil, nil) // the token that is left would wake the record's next owner
			return true
		}
		// Pairs with: the Add in fire. ABA, Progress: as in park.
		if w.state.CompareAndSwap(v, v&^parked) {
			return false
		}
	}
}
