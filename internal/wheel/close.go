package wheel

import "github.com/fencert/fencert/internal/atomicx"

// CloseWheel ends the wheel: all points that it has not reached are signaled with code, which must not be 0. ok is false
// when another call has closed it, with its own code. due is as in Advance. Allowed in callbacks.
//
// Lock-free; two CAS, and what Advance takes when something is due.
func (o *Owner) CloseWheel(w *Wheel, code uint32) (ok, due bool) {
	// Decides whose code it is. ABA: it never goes back to 0. No loop: a failure is another's success.
	ok = code != 0 && w.code.CompareAndSwap(0, code)
	if !ok && w.code.Load() == 0 {
		return false, false
	}
	// Who finds the code set makes sure that the wheel is closed before it says so.
	for {
		v := w.value.Load()
		if v >= closed {
			return ok, false
		}
		// Publishes: the code. One CAS decides the last value too, so no Advance can slip in between (W9). ABA: W5.
		// Progress: a failure means that another has raised or closed it.
		if w.value.CompareAndSwap(v, v|closed) {
			return ok, o.Kick(w, v|closed)
		}
		atomicx.Pause(pauses)
	}
}
