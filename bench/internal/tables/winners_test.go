package tables

import (
	"testing"

	"golang.org/x/perf/benchmath"
)

// TestTimes: a factor is one number where a second run would find the same.
func TestTimes(t *testing.T) {
	steady := []float64{9.8, 9.9, 10, 10, 10, 10.1, 10.2, 10.3}
	for _, c := range []struct {
		want  string
		ahead []float64
		more  []float64
		unit  string
	}{
		{"2.00x better", steady, []float64{19.7, 19.8, 20, 20, 20, 20.1, 20.4, 20.5}, "sec/op"},
		{"1.9x to 3.2x better", steady, []float64{19.7, 19.8, 20, 20, 31, 31, 32, 32}, "sec/op"},
		{"2.00x better", steady, []float64{19.7, 19.8, 20, 20, 20, 20.1, 20.4, 61}, "sec/op"}, // one was disturbed
		{"2.0x to 3.3x better", steady[:6], []float64{19.7, 19.8, 20, 20, 20.1, 32}, "sec/op"},
		{"up to 3.2x better", []float64{9.8, 9.9, 10, 10, 25, 25, 26, 26}, []float64{20, 20, 20, 20, 31, 31, 32, 32}, "sec/op"},
		{"better, at zero", []float64{0, 0, 0, 0, 0, 0}, steady, "allocs/op"},
		{"2.00x better", []float64{19.7, 19.8, 20, 20, 20, 20.1, 20.4, 20.5}, steady, "commits/s"}, // more is better
	} {
		sample := func(v []float64) *benchmath.Sample { return benchmath.NewSample(v, &thresholds) }
		if got := times(sample(c.ahead), sample(c.more), c.unit); got != c.want {
			t.Errorf("%v against %v %s: %q, want %q", c.ahead, c.more, c.unit, got, c.want)
		}
	}
}
