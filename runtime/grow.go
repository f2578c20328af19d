package fencert

import "fmt"

// Grow makes room for n fences in all. With as many or more it does nothing, so of several calls at once the largest
// number stays. All handles stay valid. Who waits in ReserveWait is given the new room.
//
// Any goroutine, also in callbacks, but not in a signaling section: the new fences' memory is touched for the first time as
// they are used. Lock-free; no allocation. Errors: ErrConfig: more than Config.GrowTo; ErrClosed.
func (rt *Runtime) Grow(n int) error {
	if most := rt.config.mostFences(); n < 1 || n > most {
		return fmt.Errorf("%w: growing to %d fences, want 1 to %d, see Config.GrowTo", ErrConfig, n, most)
	}
	if rt.closed.Load() {
		return ErrClosed
	}
	return rt.arena.Grow(n) // nil: n is in range. When Close comes first, it adds nothing.
}

// GrowCallbacks is Grow for callbacks, with Config.GrowCallbacksTo.
func (rt *Runtime) GrowCallbacks(n int) error {
	if most := rt.config.mostCallbacks(); n < 1 || n > most {
		return fmt.Errorf("%w: growing to %d callbacks, want 1 to %d, see Config.GrowCallbacksTo", ErrConfig, n, most)
	}
	if rt.closed.Load() {
		return ErrClosed
	}
	return rt.pool.Grow(n)
}

// Fences is how many fences there is room for now: Config.Fences, or what Grow has made of it. Wait-free; one load.
func (rt *Runtime) Fences() int { return rt.arena.Slots() }

// Callbacks is how many callbacks there is room for now. Wait-free; one load.
func (rt *Runtime) Callbacks() int { return rt.pool.Nodes() }
