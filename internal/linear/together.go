package linear

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	hot      = 100                    // looks for the others before it lets them have the processor, if that is what they need
	patience = 100 * time.Microsecond // before it goes on without them
)

// Together has n goroutines call f(0, k) to f(rounds-1, k), each with its own k, and returns when all have ended. Before each
// round they wait for each other, so that the calls of one round meet; but not for long, since what a round takes is far less
// than what it takes to have a goroutine back that has lost its processor. For the first they wait until all are there. So on a
// busy machine they meet seldom; a Checker tells how often. The explorer's threads meet always.
//
// What a round works on is made before and checked afterwards, so that no time passes between rounds.
func Together(n, rounds int, f func(round, k int)) {
	came := make([]atomic.Int32, rounds)
	var all sync.WaitGroup
	for k := range n {
		all.Go(func() {
			for round := range rounds {
				came[round].Add(1)
				var since time.Time
				for look := 1; came[round].Load() < int32(n); look++ {
					if look%hot != 0 {
						continue
					}
					if since.IsZero() {
						since = time.Now()
					} else if round > 0 && time.Since(since) > patience {
						break
					}
					runtime.Gosched()
				}
				f(round, k)
			}
		})
	}
	all.Wait()
}

// Batches calls f with numbers that add up to total, each at most batch.
func Batches(total, batch int, f func(n int)) {
	for ; total > 0; total -= batch {
		f(min(total, batch))
	}
}

// Scaled is how many rounds to run where n would do: fewer under -short, and fewer still under the race detector.
func Scaled(n int) int {
	if testing.Short() {
		n /= 4
	}
	if raceEnabled {
		n /= 8
	}
	return max(n, 1)
}
