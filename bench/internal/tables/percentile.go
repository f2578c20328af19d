package tables

import (
	"slices"
	"strconv"
	"strings"
)

// Percentile reads the unit of a percentile, such as "p99.9-sec" or "signal-cb-max-sec": what it
// is of ("", "signal-cb"), and the part of the observations below it, 1 for the maximum.
func Percentile(unit string) (kind string, q float64, ok bool) {
	name, ok := strings.CutSuffix(unit, "-sec")
	if !ok {
		return "", 0, false
	}
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		kind, name = name[:i], name[i+1:]
	}
	if name == "max" {
		return kind, 1, true
	}
	digits, ok := strings.CutPrefix(name, "p")
	x, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || !(x > 0 && x < 100) {
		return "", 0, false
	}
	return kind, x / 100, true
}

// judged tells whether a row gets a verdict in this unit. Of percentiles those do that a handful of
// samples can settle: the others are in the tables.
func judged(unit string) bool {
	_, q, ok := Percentile(unit)
	return unit != "allocs/op" && (!ok || q == 0.5 || q == 0.99)
}

// stoodIn tells whether a benchmark has a metric that says better than its time per operation what
// it is about.
func (d data) stoodIn(bench string) bool {
	for c := range d {
		if c.bench != bench {
			continue
		}
		if _, q, ok := Percentile(c.unit); ok && q == 0.5 || slices.Contains(standIns, c.unit) {
			return true
		}
	}
	return false
}
