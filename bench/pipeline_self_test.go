package bench

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fencert/fencert/bench/internal/load"
)

func nothing() {}

// TestPipeline puts every implementation, and the harness alone, under a small load.
func TestPipeline(t *testing.T) {
	for _, s := range subjects {
		if s.capability().Contract {
			t.Run("impl="+s.name(), s.pipe)
		}
	}
	t.Run("impl=noop", directSubject.pipe)
}

func (s subject[F, T]) pipe(t *testing.T) {
	const jobs, lanes, rate = 500, 2, 50_000
	for _, out := range []bool{false, true} {
		f := s.flow(lanes, pipelineCase{rate: rate, out: out})
		for round := range 2 { // the second run finds what the first has left
			if err := f.run(jobs+round, nothing, nothing); err != nil {
				t.Fatalf("out of order: %v: %v", out, err)
			}
			o := f.outcome()
			if o.total.Count() != int64(jobs+round) || o.callback.Count() != int64(jobs+round) {
				t.Errorf("%d and %d latencies of %d jobs", o.total.Count(), o.callback.Count(), jobs+round)
			}
			every, waits := waitedEvery(rate), int64(0)
			if s.can.Contract {
				half := (jobs + round) / lanes
				waits = int64((half+every-1)/every + (jobs+round-half+every-1)/every)
			}
			if o.wake.Count() != waits {
				t.Errorf("%d waits, want %d", o.wake.Count(), waits)
			}
			if o.done <= 0 || o.done > rate*1.001 {
				t.Errorf("%v jobs done per second, %d were offered", o.done, rate)
			}
		}
		if err := f.close(); err != nil {
			t.Error(err)
		}
	}
}

type metricsSeen map[string]float64

func (m metricsSeen) ReportMetric(v float64, unit string) { m[unit] = v }

// TestPipelineOverload: a rate that nobody reaches is seen not to be reached.
func TestPipelineOverload(t *testing.T) {
	const rate = 2_000_000_000
	f := directSubject.flow(1, pipelineCase{rate: rate})
	if err := f.run(20_000, nothing, nothing); err != nil {
		t.Fatal(err)
	}
	got := metricsSeen{}
	f.report(got)
	if got["rate-ops/s"] != rate || got["done-ops/s"] <= 0 || got["done-ops/s"] > rate/10 {
		t.Errorf("offered %v, done %v", got["rate-ops/s"], got["done-ops/s"])
	}
	if got["total-max-ns"] < got["total-p99-ns"] || got["total-p99-ns"] < got["total-p50-ns"] || got["total-p50-ns"] <= 0 {
		t.Errorf("percentiles that don't rise: %v", got)
	}
	if _, ok := got["signal-wake-max-ns"]; ok {
		t.Error("nobody waits, and a wake is reported")
	}
}

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
		f.rest = func() { time.Sleep(50 * time.Microsecond) }
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

// TestStallShows: a device that stands still for 100 ms makes the thousand jobs that were due meanwhile late, by 100 ms down to
// nothing. They are one in ten, so that half of them exceed p95, which is 50 ms. The queue has room for a quarter of them:
// those that the submitter couldn't even send are late all the same.
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

// TestBatchIsDueWithItsLast: what the device waits for, to complete it in another order, doesn't count as lateness; out of order
// a job would be late by 0.8 ms on average.
func TestBatchIsDueWithItsLast(t *testing.T) {
	for _, out := range []bool{false, true} {
		o := unhurried(t, out, func(*flow[pooledFence, uint64], *atomic.Int64) {})
		if got := time.Duration(o.total.Max()); got > 200*time.Microsecond {
			t.Errorf("out of order: %v: a job is late by %v where nothing takes time", out, got)
		}
		if o.done < 0.99*unhurriedJobs || o.done > 1.01*unhurriedJobs {
			t.Errorf("out of order: %v: %v jobs per second, %d were offered", out, o.done, unhurriedJobs)
		}
	}
}

// TestDeviceKeepsOrder: a device completes in order, or in an order that isn't.
func TestDeviceKeepsOrder(t *testing.T) {
	for _, out := range []bool{false, true} {
		next, away := uint64(0), 0
		unhurried(t, out, func(f *flow[pooledFence, uint64], _ *atomic.Int64) {
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
	}
}

// TestPipelineChecksBite breaks one promise at a time and expects the run's own checks to notice.
func TestPipelineChecksBite(t *testing.T) {
	quit := make(chan struct{})
	defer close(quit)
	for _, m := range []struct {
		name string
		wrap func(pooled) pooled
	}{
		{"callback_lost", func(w pooled) pooled { return callbackLost{w} }},
		{"callback_twice", func(w pooled) pooled { return callbackTwice{w} }},
		{"callback_of_another", func(w pooled) pooled { return wrongArgument{w} }},
		{"callback_late", func(w pooled) pooled { return &finishedLate{pooled: w} }},
		{"callback_with_another_result", func(w pooled) pooled { return otherResult{w} }},
		{"add_refused", func(w pooled) pooled { return addRefused{w} }},
		{"finish_does_nothing", func(w pooled) pooled { return finishNothing{w} }},
		{"finish_refused", func(w pooled) pooled { return finishRefused{w} }},
		{"waiter_released_early", func(w pooled) pooled { return releasedEarly{w} }},
		{"waiter_without_result", func(w pooled) pooled { return waitNothing{w} }},
		{"waiter_with_another_result", func(w pooled) pooled { return wokenWithout{w} }},
		{"waiter_never_released", func(w pooled) pooled { return neverReleased{w, quit} }},
	} {
		t.Run(m.name, func(t *testing.T) {
			s := subject[pooledFence, uint64]{can: Capability{Contract: true}, open: func(s Sizes) World[pooledFence, uint64] {
				return mutantWorld{NewMutexPool(s), m.wrap}
			}}
			f := s.flow(1, pipelineCase{rate: 50_000})
			f.release = 50 * time.Millisecond
			if err := f.run(200, nothing, nothing); !errors.Is(err, errPipeline) {
				t.Errorf("the run passed: %v", err)
			}
		})
	}
}

type wrongArgument struct{ pooled }

func (w wrongArgument) Add(f pooledFence, arg uint64) (uint64, bool) { return w.pooled.Add(f, arg^1) }

// finishedLate finishes each fence when the next one comes.
type finishedLate struct {
	pooled
	last pooledFence
}

func (w *finishedLate) Finish(f pooledFence, err error) bool {
	ok := w.last.slot == nil || w.pooled.Finish(w.last, err)
	w.last = f
	return ok
}

type otherResult struct{ pooled }

func (w otherResult) Finish(f pooledFence, _ error) bool { return w.pooled.Finish(f, errResult) }

type addRefused struct{ pooled }

func (w addRefused) Add(f pooledFence, arg uint64) (uint64, bool) {
	t, ok := w.pooled.Add(f, arg)
	return t, ok && arg != 77
}

type finishNothing struct{ pooled }

func (w finishNothing) Finish(pooledFence, error) bool { return true }

type finishRefused struct{ pooled }

func (w finishRefused) Finish(f pooledFence, err error) bool {
	w.pooled.Finish(f, err)
	return false
}

// releasedEarly knows the result before the signal.
type releasedEarly struct{ pooled }

func (w releasedEarly) Wait(context.Context, pooledFence, Strategy) error { return errWoken }

type wokenWithout struct{ pooled }

func (w wokenWithout) Wait(ctx context.Context, f pooledFence, s Strategy) error {
	_ = w.pooled.Wait(ctx, f, s)
	return nil
}

type neverReleased struct {
	pooled
	quit <-chan struct{}
}

func (w neverReleased) Wait(context.Context, pooledFence, Strategy) error {
	<-w.quit
	return nil
}
