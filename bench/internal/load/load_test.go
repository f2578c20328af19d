package load

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestNowRises(t *testing.T) {
	last := Now()
	for range 1000 {
		now := Now()
		if now < last {
			t.Fatalf("%d after %d", now, last)
		}
		last = now
	}
}

// TestNowIsTheClock: it runs with the clock that tests can set, and in nanoseconds.
func TestNowIsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := Now()
		time.Sleep(time.Second)
		if got := Now() - before; got != int64(time.Second) {
			t.Errorf("a second is %d ns", got)
		}
	})
}

func TestTimetable(t *testing.T) {
	one := Share(1000, 1_000_000, 0, 1)
	for i, want := range map[int]int64{0: 1000, 1: 2000, 5: 6000, 1_000_000_000: 1000 + 1_000_000_000_000} {
		if got := one.Due(i); got != want {
			t.Errorf("job %d of a million per second is due at %d, want %d", i, got, want)
		}
	}
	// A third of a nanosecond each time would be half a millisecond after a million and a half jobs.
	if got, want := Share(0, 3_000_000, 0, 1).Due(3_000_000), int64(1e9); max(got-want, want-got) > 1 {
		t.Errorf("a second's jobs take %d ns", got)
	}
}

// TestShare: submitters together are due when one alone would be.
func TestShare(t *testing.T) {
	for _, submitters := range []int{1, 2, 3, 8} {
		var due []int64
		for s := range submitters {
			for i := range 10 {
				due = append(due, Share(50, 10_000, s, submitters).Due(i))
			}
		}
		slices.Sort(due)
		one := Share(50, 10_000, 0, 1)
		for i, got := range due {
			if want := one.Due(i); max(got-want, want-got) > 1 {
				t.Fatalf("%d submitters: job %d is due at %d, want %d", submitters, i, got, want)
			}
		}
	}
}

func TestShuffle(t *testing.T) {
	const batch = 16
	a, b, other := NewShuffle(batch, 1), NewShuffle(batch, 1), NewShuffle(batch, 2)
	inOrder, differ := 0, 0
	for range 2 * orders {
		order := a.Next()
		if !slices.Equal(order, b.Next()) {
			t.Fatal("one seed, two orders")
		}
		if !slices.Equal(order, other.Next()) {
			differ++
		}
		if slices.IsSorted(order) {
			inOrder++
		}
		sorted := slices.Sorted(slices.Values(order))
		for i, n := range sorted {
			if n != i || len(sorted) != batch {
				t.Fatalf("%v is no order of %d jobs", order, batch)
			}
		}
	}
	if inOrder > 2 || differ == 0 {
		t.Errorf("%d of %d batches in order, %d differ under another seed", inOrder, 2*orders, differ)
	}
	if got := NewShuffle(1, 1).Next(); !slices.Equal(got, []int{0}) {
		t.Errorf("the order of one job is %v", got)
	}
}

// TestLatencyAgainstSorting holds percentiles against those of a sorted list, merged from several parts.
func TestLatencyAgainstSorting(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	all, merged, parts := []int64{}, NewLatency(), []*Latency{NewLatency(), NewLatency(), NewLatency()}
	for i := range 200_000 {
		ns := int64(50 + r.ExpFloat64()*20_000)
		all = append(all, ns)
		parts[i%len(parts)].Record(ns)
	}
	for _, p := range parts {
		merged.Merge(p)
	}
	slices.Sort(all)
	sum := 0.0
	for _, ns := range all {
		sum += float64(ns)
	}
	if merged.Count() != int64(len(all)) || merged.Max() != all[len(all)-1] || merged.Negative() != 0 {
		t.Errorf("%d latencies up to %d, want %d up to %d", merged.Count(), merged.Max(), len(all), all[len(all)-1])
	}
	if got, want := merged.Mean(), sum/float64(len(all)); max(got-want, want-got) > want/1e6 {
		t.Errorf("mean %v, want %v", got, want)
	}
	for _, p := range Percentiles {
		want := float64(all[(int64(len(all))*p.Share+99_999)/100_000-1])
		got, ok := merged.At(p)
		if !ok || float64(got) < want || float64(got) > want*1.002 {
			t.Errorf("%s is %d (%v), want %v", p.Name, got, ok, want)
		}
	}
}

type metrics map[string]float64

func (m metrics) ReportMetric(v float64, unit string) { m[unit] = v }

// TestReportLeavesOut: a percentile is there from the size on at which ten latencies lie beyond it.
func TestReportLeavesOut(t *testing.T) {
	for _, c := range []struct {
		n    int
		want []string
	}{
		{0, nil},
		{1, []string{"x-max-ns"}},
		{19, []string{"x-max-ns"}},
		{20, []string{"x-max-ns", "x-p50-ns"}},
		{99, []string{"x-max-ns", "x-p50-ns"}},
		{100, []string{"x-max-ns", "x-p50-ns", "x-p90-ns"}},
		{1000, []string{"x-max-ns", "x-p50-ns", "x-p90-ns", "x-p99-ns"}},
		{9999, []string{"x-max-ns", "x-p50-ns", "x-p90-ns", "x-p99-ns"}},
		{10_000, []string{"x-max-ns", "x-p50-ns", "x-p90-ns", "x-p99-ns", "x-p99.9-ns"}},
		{99_999, []string{"x-max-ns", "x-p50-ns", "x-p90-ns", "x-p99-ns", "x-p99.9-ns"}},
		{100_000, []string{"x-max-ns", "x-p50-ns", "x-p90-ns", "x-p99-ns", "x-p99.9-ns", "x-p99.99-ns"}},
	} {
		l, got := NewLatency(), metrics{}
		for i := range c.n {
			l.Record(int64(i))
		}
		l.Report(got, "x-")
		var names []string
		for name := range got {
			names = append(names, name)
		}
		slices.Sort(names)
		slices.Sort(c.want)
		if !slices.Equal(names, c.want) {
			t.Errorf("%d latencies: %v, want %v", c.n, names, c.want)
		}
	}
}

func TestLatencyEnds(t *testing.T) {
	l := NewLatency()
	l.Record(-1)
	l.Record(0)
	l.Record(2 * longest)
	if l.Negative() != 1 || l.Count() != 2 || l.Max() != 2*longest {
		t.Errorf("%d refused, %d taken up to %d", l.Negative(), l.Count(), l.Max())
	}
	if got, _ := l.At(Percentile{99_000, "p99"}); got < longest {
		t.Errorf("p99 is %d, want a minute at least", got)
	}
	if got := testing.AllocsPerRun(100, func() { l.Record(12345) }); got != 0 {
		t.Errorf("recording allocates %v times", got)
	}
}
