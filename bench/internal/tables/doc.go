// Package tables turns measurements into text: a table per benchmark and unit, a row
// per case and CPU count, a column per implementation; who wins where; and how two runs
// differ.
//
// A value is the median of a sample with its 95 % interval; two samples are compared by
// the Mann-Whitney U test. Rows are many, so a difference counts only below Alpha. No
// mean is taken over rows: they measure different things.
package tables

import "golang.org/x/perf/benchmath"

// Alpha is the p-value below which two samples are said to differ.
const Alpha = 0.01

// needed is the smallest sample size at which the test can get below Alpha.
const needed = 5

// width is the widest a table gets; one with more columns goes on below itself.
const width = 132

const confidence = 0.95

var thresholds = benchmath.Thresholds{CompareAlpha: Alpha}

// compare tests two samples. Its P is 1 when they are equal throughout.
func compare(base, other *benchmath.Sample) benchmath.Comparison {
	return benchmath.AssumeNothing.Compare(base, other)
}

// tooSmall tells that the test could not have found a difference, however large.
func tooSmall(c benchmath.Comparison) bool { return min(c.N1, c.N2) < needed && c.P >= Alpha }
