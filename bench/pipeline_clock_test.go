package bench

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fencert/fencert/bench/internal/load"
)

// unhurried runs a second of jobs on a clock that stands still while anything runs, so that nothing takes time but
// what a test makes wait: what it finds is the same on every run.
func unhurried(t *testing.T, out bool, prepare func(*flow[pooledFence, uint64], *atomic.Int64)) pipelineOutcome {
	t.Helper()
	var o pipelineOutcome
	synctest.Test(t, func(t *testing.T) {
		var done atomic.Int64
		s := subject[pooledFence, uint64]{can: Capability{Contract: true}, open: func(s Sizes) World[pooledFence, uint64] {
			return mutantWorld{NewMutexPool(s), func(w pooled) pooled { return countedSignals{w, &done} }}
		}}
		f := s.flow(1, pipelineCase{rate: unhurriedJobs, out: out})
		f.rest = func() { time.Sleep(100 * time.Microsecond) }
		prepare(f, &done)
		if err := f.run(unhurriedJobs, nothing, nothing); err != nil {
			t.Fatal(err)
		}
		o = f.outcome()
		if err := f.close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

const unhurriedJobs = 10_000

// standStill makes the device of a pipeline stand still for 100 ms once.
func standStill(f *flow[pooledFence, uint64]) {
	f.lanes[0].stall = func(i uint64) {
		if i == unhurriedJobs/2 {
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// countedSignals counts the fences that were signaled.
type countedSignals struct {
	pooled
	done *atomic.Int64
}

func (w countedSignals) Signal(f pooledFence, err error) bool {
	defer w.done.Add(1)
	return w.pooled.Signal(f, err)
}

func (w countedSignals) Finish(f pooledFence, err error) bool {
	defer w.done.Add(1)
	return w.pooled.Finish(f, err)
}

// TestStallShows: a device that stands still for 100 ms makes the thousand jobs that were due meanwhile late, by 100 ms
// down to nothing. They are one in ten, so that half of them exceed p95, which is 50 ms. The queue has room for a
// quarter of them: those that the submitter couldn't even send are late all the same.
func TestStallShows(t *testing.T) {
	o := unhurried(t, false, func(f *flow[pooledFence, uint64], _ *atomic.Int64) { standStill(f) })
	for share, want := range map[int64]time.Duration{
		50_000: 0, 89_000: 0, 95_000: 50 * time.Millisecond, 99_000: 90 * time.Millisecond, 99_900: 99 * time.Millisecond,
	} {
		got, ok := o.total.At(load.Percentile{Share: share})
		if d := time.Duration(got); !ok || d < want-time.Millisecond || d > want+time.Millisecond {
			t.Errorf("%v %% are late by %v (%v) at most, want %v", float64(share)/1000, d, ok, want)
		}
	}
	if got := time.Duration(o.total.Max()); got < 100*time.Millisecond || got > 101*time.Millisecond {
		t.Errorf("the longest is %v, want 100ms", got)
	}
	// The device stood still before its call of Signal.
	if got := time.Duration(o.callback.Max()); got > time.Millisecond {
		t.Errorf("a callback took %v from its signal", got)
	}
}

// TestClosedLoopHides: the same device, measured by a submitter that waits for each job and takes the time from when it
// sends the next. The stall is one job, and in no percentile.
func TestClosedLoopHides(t *testing.T) {
	o := unhurried(t, false, func(f *flow[pooledFence, uint64], done *atomic.Int64) {
		standStill(f)
		f.lanes[0].pace = func(i int) int64 {
			for done.Load() < int64(i) {
				f.rest()
			}
			time.Sleep(100 * time.Microsecond) // the rate, where nothing stalls
			return load.Now()
		}
	})
	if got, ok := o.total.At(load.Percentiles[3]); !ok || time.Duration(got) > time.Millisecond {
		t.Errorf("p99.9 is %v (%v)", time.Duration(got), ok)
	}
	if got := time.Duration(o.total.Max()); got < 100*time.Millisecond || got > 101*time.Millisecond {
		t.Errorf("the longest is %v, want 100ms", got)
	}
}

// TestOrder: a device completes in order, or in an order that isn't. What it waits for, to complete a batch in another
// order, doesn't count as lateness: that would be 0.8 ms on average.
func TestOrder(t *testing.T) {
	for _, out := range []bool{false, true} {
		next, away := uint64(0), 0
		o := unhurried(t, out, func(f *flow[pooledFence, uint64], _ *atomic.Int64) {
			f.lanes[0].stall = func(i uint64) {
				if i != next {
					away++
				}
				next++
			}
		})
		if next != unhurriedJobs || out && away < unhurriedJobs*3/4 || !out && away > 0 {
			t.Errorf("out of order: %v: %d of %d jobs were completed at another place than their own", out, away, next)
		}
		if got := time.Duration(o.total.Max()); got > 300*time.Microsecond {
			t.Errorf("out of order: %v: a job is late by %v where nothing takes time", out, got)
		}
		if o.done < 0.99*unhurriedJobs || o.done > 1.01*unhurriedJobs {
			t.Errorf("out of order: %v: %v jobs per second, %d were offered", out, o.done, unhurriedJobs)
		}
	}
}
