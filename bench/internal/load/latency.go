package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// longest is the longest latency that is told from longer ones; digits the decimal digits of a latency that are kept.
const (
	longest = int64(time.Minute)
	digits  = 3
)

// beyond is how many latencies have to lie above a percentile for it to be shown: what a few of them happen to be says
// nothing about the next run.
const beyond = 10

// A Latency is a distribution of latencies in nanoseconds.
//
// Make one with NewLatency, for each goroutine that records its own, and Merge them.
//
// Callers: one goroutine at a time. Cost of Record: no allocation, some 10 ns.
type Latency struct {
	seen *hdrhistogram.Histogram
	sum  float64
	max  int64
	odd  int64 // records of less than nothing
}

// NewLatency returns an empty distribution.
func NewLatency() *Latency { return &Latency{seen: hdrhistogram.New(1, longest, digits)} }

// Record adds one latency. More than a minute counts as a minute, but for Max and Mean.
func (l *Latency) Record(ns int64) {
	if ns < 0 {
		l.odd++
		return
	}
	l.sum += float64(ns)
	l.max = max(l.max, ns)
	_ = l.seen.RecordValue(min(ns, longest)) // which is in range
}

// Merge adds all that other has recorded.
func (l *Latency) Merge(other *Latency) {
	l.seen.Merge(other.seen)
	l.sum += other.sum
	l.max = max(l.max, other.max)
	l.odd += other.odd
}

// Count returns how many latencies were recorded.
func (l *Latency) Count() int64 { return l.seen.TotalCount() }

// Negative returns how many records were refused because they were negative, which is a mistake of the load.
func (l *Latency) Negative() int64 { return l.odd }

// Max returns the longest latency, 0 without any.
func (l *Latency) Max() int64 { return l.max }

// Mean returns the mean latency, 0 without any.
func (l *Latency) Mean() float64 {
	if l.Count() == 0 {
		return 0
	}
	return l.sum / float64(l.Count())
}

// A Percentile is a share of the latencies, in parts of 100,000, and how metrics spell it.
type Percentile struct {
	Share int64
	Name  string
}

// Percentiles are those that Report knows.
var Percentiles = []Percentile{{50_000, "p50"}, {90_000, "p90"}, {99_000, "p99"}, {99_900, "p99.9"}, {99_990, "p99.99"}}

// At returns a latency that p of all latencies don't exceed, as exactly as the digits kept allow, and whether enough
// latencies lie beyond it for that to mean something.
func (l *Latency) At(p Percentile) (ns int64, ok bool) {
	const whole = 100_000
	if l.Count() == 0 {
		return 0, false
	}
	ns = l.seen.ValueAtPercentile(float64(p.Share) / (whole / 100))
	return min(ns, l.max), l.Count()*(whole-p.Share) >= beyond*whole
}

// A Reporter takes metrics, as a testing.B does.
type Reporter interface {
	ReportMetric(value float64, unit string)
}

// Report hands the percentiles and the longest latency to a benchmark, under names that begin with prefix: prefix +
// "p50-ns". A percentile of which too few latencies would lie beyond is left out; without any latency all are.
func (l *Latency) Report(to Reporter, prefix string) {
	if l.Count() == 0 {
		return
	}
	for _, p := range Percentiles {
		if ns, ok := l.At(p); ok {
			to.ReportMetric(float64(ns), prefix+p.Name+"-ns")
		}
	}
	to.ReportMetric(float64(l.max), prefix+"max-ns")
}
