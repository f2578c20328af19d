package linear

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Together calls f(0) to f(n-1) on goroutines that begin as nearly at the same time as can be had, and returns when all
// have returned.
func Together(n int, f func(k int)) {
	var ready atomic.Int64
	var all sync.WaitGroup
	for k := range n {
		all.Go(func() {
			ready.Add(1)
			for ready.Load() < int64(n) {
				runtime.Gosched()
			}
			f(k)
		})
	}
	all.Wait()
}
