package tables

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchunit"

	"github.com/fencert/fencert/bench/internal/results"
)

// Render returns the tables of a file, who wins where, and what the file says of how it
// came about. It takes milliseconds.
func Render(log *results.Log) (string, error) {
	d, err := collect(log.Results)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	heading(&out, log)
	comparisons, small := 0, false
	for _, t := range d.split() {
		if t.unit == "allocs/op" {
			d.renderPlain(&out, t)
			continue
		}
		n, s := d.render(&out, t, machineCPUs(log))
		comparisons, small = comparisons+n, small || s
	}
	d.renderWinners(&out, machineCPUs(log))
	d.notes(&out, log, comparisons, small)
	return out.String(), nil
}

// machineCPUs is what the file says of the machine's size, 0 when it says nothing.
func machineCPUs(log *results.Log) int {
	n, _ := strconv.Atoi(log.Get("cpus"))
	return n
}

// heading tells in two lines where the numbers are from.
func heading(out *strings.Builder, log *results.Log) {
	var parts []string
	for _, key := range []string{"cpu", "cpus", "hypervisor", "kernel"} {
		if v := log.Get(key); v != "" {
			parts = append(parts, key+" "+v)
		}
	}
	if len(parts) > 0 {
		fmt.Fprintln(out, strings.Join(parts, ", "))
	}
	parts = nil
	if os := log.Get("goos"); os != "" {
		parts = append(parts, os+"/"+log.Get("goarch"))
	}
	if v := log.Get("go"); v != "" {
		parts = append(parts, v)
	}
	for _, key := range []string{"commit", "dirty", "count", "benchtime", "seed"} {
		if v := log.Get(key); v != "" {
			parts = append(parts, key+" "+v)
		}
	}
	if len(parts) > 0 {
		fmt.Fprintln(out, strings.Join(parts, ", "))
	}
}

// keyBands are the columns that name the rows.
func keyBands(rows []row, cpus int) []*band {
	var names []string
	for _, r := range rows {
		for _, part := range strings.Split(r.keys, "/") {
			if name, _, _ := strings.Cut(part, "="); part != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	var bands []*band
	for _, name := range names {
		b := &band{heading: name, aligns: []align{right}}
		for _, r := range rows {
			b.cells = append(b.cells, []string{valueOf(r.keys, name)})
		}
		bands = append(bands, b)
	}
	b := &band{heading: "cpus", aligns: []align{right}}
	for _, r := range rows {
		b.cells = append(b.cells, []string{cpuLabel(r.cpus, cpus)})
	}
	return append(bands, b)
}

// cpuLabel marks more workers than processors: such a row shows how the scheduler
// shares, not how the code scales.
func cpuLabel(n, machine int) string {
	switch {
	case n == 0:
		return "?"
	case machine > 0 && n > machine:
		return strconv.Itoa(n) + "*"
	}
	return strconv.Itoa(n)
}

func valueOf(keys, name string) string {
	for part := range strings.SplitSeq(keys, "/") {
		if key, value, _ := strings.Cut(part, "="); key == name {
			return value
		}
	}
	return ""
}

// render prints one table. It returns how many comparisons it made and whether one of
// them was between samples too small to differ.
func (d data) render(out *strings.Builder, t table, cpus int) (comparisons int, small bool) {
	fmt.Fprintf(out, "\n%s, %s (%s)\n", t.bench, t.unit, d.sizes(t))
	fixed := keyBands(t.rows, cpus)
	var others []*band
	for i, impl := range t.impls {
		b := &band{heading: impl, aligns: []align{right, right}}
		if i > 0 {
			b.aligns = append(b.aligns, right, left)
		}
		for _, r := range t.rows {
			line := value(d.sample(r, t.unit, impl), t.unit)
			base, s := d.sample(r, t.unit, t.impls[0]), d.sample(r, t.unit, impl)
			if i > 0 && base != nil && s != nil {
				c := compare(base, s)
				comparisons++
				small = small || tooSmall(c)
				line = append(line, delta(c, base, s), pValue(c))
			}
			b.cells = append(b.cells, line)
		}
		if i == 0 {
			fixed = append(fixed, b)
		} else {
			others = append(others, b)
		}
	}
	fold(out, fixed, others)
	return comparisons, small
}

// renderPlain prints a table of medians, unless all are zero.
func (d data) renderPlain(out *strings.Builder, t table) {
	fixed := keyBands(t.rows, 0)
	var others []*band
	any := false
	for _, impl := range t.impls {
		b := &band{heading: impl, aligns: []align{right}}
		for _, r := range t.rows {
			text := ""
			if s := d.sample(r, t.unit, impl); s != nil {
				m := summary(s).Center
				any = any || m != 0
				text = strconv.FormatFloat(m, 'g', 4, 64)
			}
			b.cells = append(b.cells, []string{text})
		}
		others = append(others, b)
	}
	if any {
		fmt.Fprintf(out, "\n%s, %s\n", t.bench, t.unit)
		fold(out, fixed, others)
	}
}

// sizes tells how many samples the cells of a table have.
func (d data) sizes(t table) string {
	least, most := math.MaxInt, 0
	for _, r := range t.rows {
		for _, impl := range t.impls {
			if s := d.sample(r, t.unit, impl); s != nil {
				least, most = min(least, len(s.Values)), max(most, len(s.Values))
			}
		}
	}
	if least == most {
		return fmt.Sprintf("n=%d", most)
	}
	return fmt.Sprintf("n=%d to %d", least, most)
}

// value is the median and its interval.
func value(s *benchmath.Sample, unit string) []string {
	if s == nil {
		return nil
	}
	m := summary(s)
	return []string{quantityText(m.Center, unit), "±" + leftPad(m.PctRangeString(), 4)}
}

func quantityText(x float64, unit string) string {
	if x == 0 {
		return "0"
	}
	return benchunit.Scale(x, benchunit.ClassOf(unit))
}

func leftPad(s string, n int) string { return fmt.Sprintf("%*s", n, s) }

// delta is how much more s is than base, "~" when no difference can be told.
func delta(c benchmath.Comparison, base, s *benchmath.Sample) string {
	if c.P >= Alpha {
		return "~"
	}
	from, to := summary(base).Center, summary(s).Center
	if from == 0 {
		return "from 0"
	}
	pct := 100 * (to/from - 1)
	if math.Abs(pct) >= 1000 {
		return fmt.Sprintf("%+.0f%%", pct)
	}
	return fmt.Sprintf("%+.1f%%", pct)
}

func pValue(c benchmath.Comparison) string {
	if c.P < 0.001 {
		return "p<0.001"
	}
	return fmt.Sprintf("p=%.3f", c.P)
}
