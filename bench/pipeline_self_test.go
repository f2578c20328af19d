package bench

import "testing"

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

func TestPairs(t *testing.T) {
	for procs, want := range map[int]int{1: 1, 2: 1, 3: 1, 4: 1, 5: 2, 8: 3, 64: 31} {
		if got := pairs(procs); got != want {
			t.Errorf("%d pairs on %d processors, want %d", got, procs, want)
		}
	}
}

// TestWaitedEvery: some thousand waits per second at every rate, and waiters that find their own jobs in different batches.
func TestWaitedEvery(t *testing.T) {
	for _, c := range pipelineCases {
		every := waitedEvery(c.rate)
		if perSecond := c.rate / every; perSecond < 1000 || perSecond > 10_000 {
			t.Errorf("%v: %d waits per second", c, perSecond)
		}
		if every*pipelineWaiters < pipelineBatch {
			t.Errorf("%v: a waiter has several jobs in a batch", c)
		}
	}
}
