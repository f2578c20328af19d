package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/chart"
	"github.com/fencert/fencert/bench/internal/schema"
	"github.com/fencert/fencert/bench/internal/tables"
)

// An axis is what the charts of a table are drawn over.
type axis struct {
	key  string // "" is the CPU count
	none bool   // nothing varies: names of implementations instead
}

// over chooses what a table is drawn over: CPU counts if there are several, else the one quantity in its
// rows' names that takes most values.
func over(t *schema.Table) axis {
	cpus := map[int]bool{}
	values := map[string]map[string]bool{}
	var keys []string
	for _, r := range t.Rows {
		cpus[r.CPUs] = true
		for _, k := range r.Keys {
			if _, ok := tables.Quantity(k.Value); !ok {
				continue
			}
			if values[k.Key] == nil {
				values[k.Key] = map[string]bool{}
				keys = append(keys, k.Key)
			}
			values[k.Key][k.Value] = true
		}
	}
	if len(cpus) > 1 {
		return axis{}
	}
	best := axis{none: true}
	for _, k := range keys {
		if n := len(values[k]); n > 1 && (best.none || n > len(values[best.key])) {
			best = axis{key: k}
		}
	}
	return best
}

// split returns the name of the panel that a row belongs to, and where on the axis it stands.
func (a axis) split(r schema.Row) (name string, x float64) {
	if a.none {
		return r.Case(), 0
	}
	if a.key == "" {
		return r.Case(), float64(r.CPUs)
	}
	var rest []schema.Pair
	for _, k := range r.Keys {
		if k.Key == a.key {
			x, _ = tables.Quantity(k.Value)
		} else {
			rest = append(rest, k)
		}
	}
	return schema.Join(rest), x
}

// ticks are the places on the axis where something was measured.
func (a axis) ticks(t *schema.Table) []chart.Tick {
	var list []chart.Tick
	for _, r := range t.Rows {
		_, x := a.split(r)
		label := cpuLabel(r.CPUs, r.Oversubscribed)
		for _, k := range r.Keys {
			if a.key != "" && k.Key == a.key {
				label = shortNumber(k.Value)
			}
		}
		if !slices.ContainsFunc(list, func(k chart.Tick) bool { return k.At == x }) {
			list = append(list, chart.Tick{At: x, Label: label})
		}
	}
	slices.SortFunc(list, func(a, b chart.Tick) int { return cmp.Compare(a.At, b.At) })
	return list
}

// shortNumber turns "1000000" into "1M"; what isn't a whole number of thousands stays.
func shortNumber(s string) string {
	for _, m := range []struct{ zeros, suffix string }{{"000000000", "G"}, {"000000", "M"}, {"000", "k"}} {
		if rest, ok := strings.CutSuffix(s, m.zeros); ok && rest != "" && strings.Trim(rest, "0123456789") == "" {
			return rest + m.suffix
		}
	}
	return s
}

func cpuLabel(n int, over bool) string {
	switch {
	case n == 0:
		return "?"
	case over:
		return fmt.Sprintf("%d*", n)
	}
	return fmt.Sprint(n)
}

// A scale multiplies values of a unit for an axis, and names the result.
type scale struct {
	by    float64
	label string
}

// scaleOf chooses nanoseconds, microseconds and so on by a table's median value.
func scaleOf(list ...*schema.Table) scale {
	var medians []float64
	for _, t := range list {
		for _, r := range t.Rows {
			for _, c := range r.Cells {
				if c.Median > 0 && !slices.Contains(lines, c.Impl) {
					medians = append(medians, c.Median)
				}
			}
		}
	}
	what, per, _ := strings.Cut(list[0].Unit, "/")
	if what != "sec" && !strings.HasSuffix(what, "-sec") {
		return scale{1, list[0].Unit}
	}
	if per != "" {
		per = "/" + per
	}
	slices.Sort(medians)
	x := 1e-9
	if len(medians) > 0 {
		x = medians[len(medians)/2]
	}
	for _, s := range []scale{{1e9, "ns"}, {1e6, "µs"}, {1e3, "ms"}} {
		if x*s.by < 2000 {
			return scale{s.by, s.label + per}
		}
	}
	return scale{1, "s" + per}
}
