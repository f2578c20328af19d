package fencert

import (
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"
)

// meanwhile calls f again and again until the function that it returns is called, which returns how often it did.
func meanwhile(f func()) (end func() int) {
	stop, n := make(chan struct{}), 0
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			f()
			n++
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Microsecond):
			}
		}
	})
	return func() int { close(stop); wg.Wait(); return n }
}

// ladder runs the two ledgers, of fences and of timelines, with a few goroutines each.
func ladder(t *testing.T, steps int) {
	workers := 4 * runtime.GOMAXPROCS(0)
	t.Run("fences", func(t *testing.T) { stress(t, workers, scaled(steps)/workers) })
	t.Run("timelines", func(t *testing.T) { stressTimelines(t, workers, scaled(steps/4), 0) })
}

// TestStressUnderGC runs the ledgers while the collector runs all the time: at a percentage of 1, forced, and from a limit
// on memory that is passed from the beginning. Words, slots and nodes are memory that it doesn't scan: what they name must
// be kept alive by something else.
func TestStressUnderGC(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	end := meanwhile(runtime.GC)
	ladder(t, 160_000)
	forced := end()
	runtime.ReadMemStats(&after)
	if n := after.NumGC - before.NumGC; forced < 2 || n <= uint32(forced) {
		t.Errorf("%d collections, %d of them forced: the test is about nothing", n, forced)
	}
}

// TestStressChangingProcessors runs the ledgers while the number of processors changes.
func TestStressChangingProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	end := meanwhile(func() { runtime.GOMAXPROCS(1 + rand.IntN(8)) })
	ladder(t, 160_000)
	if n := end(); n < 3 {
		t.Errorf("it has changed %d times: the test is about nothing", n)
	}
}
