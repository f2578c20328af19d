package tables

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchmath"
)

// ours is the implementation that the others are held against.
const ours = "lockfree"

// unconventional are no alternatives that a user would have written: the harness, the
// bare limits, and variants of ours.
var unconventional = []string{ours, "implicit", "heap", "portable", "local", "handles", "limit", "bare", "noop"}

// conventional tells whether somebody would have written this instead.
func conventional(impl string) bool { return !slices.Contains(unconventional, impl) }

// standIns are metrics that say what a row is about better than its time per operation; medians are
// such as well.
var standIns = []string{"gc-sec"}

// rates are the metrics of which more is better; of every other less is.
var rates = []string{"commits/s", "done-ops/s"}

// better tells whether a is the better one of two values.
func better(a, b float64, unit string) bool {
	if slices.Contains(rates, unit) {
		return a > b
	}
	return a < b
}

// renderWinners prints a line per row: ours, the best conventional implementation, and
// by how much the better one is better.
func (d data) renderWinners(out *strings.Builder, cpus int) {
	var (
		label     = &band{heading: "row", aligns: []align{left}}
		mine      = &band{heading: ours, aligns: []align{right, right}}
		best      = &band{heading: "best of the others", aligns: []align{right, left}}
		verdict   = &band{heading: "verdict", aligns: []align{left}}
		unit      = d.unit()
		won, lost int
	)
	for _, f := range d.verdicts() {
		name := f.label(cpus)
		if f.unit != "sec/op" {
			name += " " + f.unit
		}
		text, sign := judge(f.mine, f.other, f.rival, f.unit)
		if sign < 0 {
			won++
		} else if sign > 0 {
			lost++
		}
		label.cells = append(label.cells, []string{name})
		mine.cells = append(mine.cells, []string{quantityText(summary(f.mine).Center, f.unit), inUnit(f.mine, f.unit, unit)})
		best.cells = append(best.cells, []string{quantityText(summary(f.other).Center, f.unit), f.rival})
		verdict.cells = append(verdict.cells, []string{text})
	}
	if unit > 0 {
		fmt.Fprintf(out, "\nR = one uncontended atomic add = %s\n", quantityText(unit, "sec/op"))
	}
	if n := len(label.cells); n > 0 {
		fmt.Fprintf(out, "\nWho wins where: %s is better in %d of %d rows, worse in %d, no difference in %d\n",
			ours, won, n, lost, n-won-lost)
		print(out, []*band{label, mine, best, verdict})
	}
}

// unit returns R in seconds, 0 when the file doesn't hold it.
func (d data) unit() float64 {
	s := d.sample(row{bench: "AtomicAdd", cpus: 1}, "sec/op", "limit")
	if s == nil {
		return 0
	}
	return summary(s).Center
}

func inUnit(s *benchmath.Sample, unit string, r float64) string {
	if r <= 0 || unit != "sec/op" {
		return ""
	}
	return fmt.Sprintf("%.1f R", summary(s).Center/r)
}

// best returns the conventional implementation with the best median in a row.
func (d data) best(r row, t table) (impl string, best *benchmath.Sample) {
	for _, i := range t.impls {
		s := d.sample(r, t.unit, i)
		if s == nil || !conventional(i) {
			continue
		}
		if best == nil || better(summary(s).Center, summary(best).Center, t.unit) {
			impl, best = i, s
		}
	}
	return impl, best
}

// judge compares ours with its best rival: negative when ours is better.
func judge(mine, other *benchmath.Sample, rival, unit string) (string, int) {
	c := compare(other, mine)
	a, b := summary(mine).Center, summary(other).Center
	switch {
	case tooSmall(c):
		return fmt.Sprintf("no verdict: %d samples, needs %d", min(c.N1, c.N2), needed), 0
	case c.P >= Alpha || a == b:
		return fmt.Sprintf("no difference (%s)", pValue(c)), 0
	case better(a, b, unit):
		return fmt.Sprintf("%s %s (%s)", ours, times(mine, other, unit), pValue(c)), -1
	}
	return fmt.Sprintf("%s %s (%s)", rival, times(other, mine, unit), pValue(c)), 1
}

// told is how far the ends of a factor may be from each other for it to be one number: 10 % to either side. Where samples
// have two speeds, which a process keeps, medians jump from run to run, and one number would promise too much.
const told = 1.1 * 1.1

// times says by how much the better one of two samples is better: how much at the least and at the most, where the samples
// leave it open.
func times(ahead, behind *benchmath.Sample, unit string) string {
	a, b := summary(ahead).Center, summary(behind).Center
	if min(a, b) == 0 {
		return "better, at zero"
	}
	fast, slow := inner(ahead), inner(behind)
	low, high := ends(fast, slow, better(1, 0, unit))
	switch {
	case high <= low*told:
		return fmt.Sprintf("%.2fx better", max(a, b)/min(a, b))
	case low < 1.01:
		return fmt.Sprintf("up to %.1fx better", high)
	}
	return fmt.Sprintf("%.1fx to %.1fx better", low, high)
}

// innerConfidence is that of the intervals of two medians whose ratio then lies between the ends with 95 %: both are seldom at
// their ends together (Goldstein and Healy, The Graphical Presentation of a Collection of Means, 1995).
const innerConfidence = 0.84

// inner is the interval between two order statistics that holds the median with that confidence: the narrowest, so that one sample
// that was disturbed decides nothing.
func inner(s *benchmath.Sample) benchmath.Summary {
	v := slices.Sorted(slices.Values(s.Values))
	n := len(v)
	outside, term := 0.0, math.Pow(0.5, float64(n)) // of n tosses, so many show heads: 0, 1, …
	k := 0
	for ; k < (n-1)/2; k++ {
		if outside += 2 * term; 1-outside < innerConfidence {
			k--
			break
		}
		term *= float64(n-k) / float64(k+1)
	}
	k = max(k, 0)
	return benchmath.Summary{Lo: v[k], Hi: v[n-1-k]}
}
