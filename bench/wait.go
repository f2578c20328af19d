package bench

import (
	"context"
	"runtime"
)

// spinsBeforeYield is how often a spinning wait looks before it lets other
// goroutines run. Without it, one that spins on the only processor would keep the
// signaler out until it is preempted, 10 ms later.
const spinsBeforeYield = 256

// spinUntil looks at signaled until it is true (true) or ctx is done (false).
// Signaled wins. It never parks.
func spinUntil(ctx context.Context, signaled func() bool) bool {
	for i := 1; ; i++ {
		if signaled() {
			return true
		}
		if i%spinsBeforeYield == 0 {
			if ctx.Err() != nil {
				return signaled()
			}
			runtime.Gosched()
		}
	}
}

// parkUntil blocks until wake is closed (true) or ctx is done (false; the caller
// looks again, since signaled wins).
func parkUntil(ctx context.Context, wake <-chan struct{}) bool {
	done := ctx.Done()
	if done == nil {
		<-wake
		return true
	}
	select {
	case <-wake:
		return true
	case <-done:
		return false
	}
}
