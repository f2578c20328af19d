package tables

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/perf/benchmath"

	"github.com/fencert/fencert/bench/internal/results"
)

// shown are the columns of a Markdown table. Others that are better than these are named
// in the last column.
var shown = []string{ours, "mutexpool", "mutex", "channel"}

// Markdown returns the medians of a file as a Markdown table: a row per case, unit and CPU
// count, with ours held against the best conventional implementation, and before it a
// sentence that says where ours is behind. Rows without either are left out. Without any
// row it fails with results.ErrEmpty. It takes milliseconds.
func Markdown(log *results.Log) (string, error) {
	d, err := collect(log.Results)
	if err != nil {
		return "", err
	}
	m := markdown{d: d, cpus: machineCPUs(log), unit: d.unit()}
	for _, t := range d.split() {
		if t.unit == "allocs/op" || t.unit == "sec/op" && d.stoodIn(t.bench) {
			continue
		}
		for _, r := range t.rows {
			m.row(r, t)
		}
	}
	if m.rows == 0 {
		return "", fmt.Errorf("%s: %w: none of %s beside another implementation", log.Path, results.ErrEmpty, ours)
	}
	return m.sentence() + "\n" + m.head() + m.lines.String(), nil
}

// markdown is a table under construction.
type markdown struct {
	d         data
	cpus      int
	unit      float64 // R, or 0
	lines     strings.Builder
	rows, won int
	lost      []string // label and verdict
	starred   bool     // a row is oversubscribed
}

func (m *markdown) head() string {
	var h strings.Builder
	h.WriteString("| row | CPUs |")
	rule := "|---|--:|"
	for i, impl := range shown {
		h.WriteString(" " + impl + " |")
		rule += "--:|"
		if i == 0 {
			h.WriteString(" in R |")
			rule += "--:|"
		}
	}
	return h.String() + " " + ours + " against the best of the others |\n" + rule + "---|\n"
}

// row adds a line, if the row holds ours and another.
func (m *markdown) row(r row, t table) {
	mine := m.d.sample(r, t.unit, ours)
	rival, other := m.d.best(r, t)
	if mine == nil || other == nil {
		return
	}
	name := strings.TrimSpace(r.bench + " " + strings.ReplaceAll(r.keys, "/", " "))
	if t.unit != "sec/op" {
		name += ", " + strings.Replace(t.unit, "-sec", "", 1)
	}
	cpus := strings.ReplaceAll(cpuLabel(r.cpus, m.cpus), "*", `\*`)
	m.starred = m.starred || strings.HasSuffix(cpus, "*")
	fmt.Fprintf(&m.lines, "| %s | %s |", name, cpus)
	for i, impl := range shown {
		s := m.d.sample(r, t.unit, impl)
		fmt.Fprintf(&m.lines, " %s |", spelled(s, t.unit))
		if i == 0 {
			fmt.Fprintf(&m.lines, " %s |", strings.TrimSuffix(inUnit(s, t.unit, m.unit), " R"))
		}
	}
	text, sign := m.verdict(mine, other, rival, t.unit)
	fmt.Fprintf(&m.lines, " %s |\n", text)
	m.rows++
	switch {
	case sign < 0:
		m.won++
	case sign > 0:
		on := "s"
		if r.cpus == 1 {
			on = ""
		}
		m.lost = append(m.lost, fmt.Sprintf("%s on %s CPU%s (%s)", name, cpus, on, strings.TrimPrefix(strings.Trim(text, "*"), "behind: ")))
	}
}

// verdict is negative when ours is better. A loss stands out.
func (m *markdown) verdict(mine, other *benchmath.Sample, rival, unit string) (string, int) {
	_, sign := judge(mine, other, rival, unit)
	a, b := summary(mine).Center, summary(other).Center
	if !slices.Contains(shown, rival) {
		rival += " (" + spelled(other, unit) + ")"
	}
	switch {
	case sign < 0:
		return fmt.Sprintf("%s than %s", times(b, a), rival), sign
	case sign > 0:
		return fmt.Sprintf("**behind: %s is %s**", rival, times(a, b)), sign
	}
	return "no difference to " + rival, 0
}

// sentence says how often ours is behind, and where.
func (m *markdown) sentence() string {
	var s strings.Builder
	fmt.Fprintf(&s, "Of %d rows, %s is ahead of the best conventional implementation in %d, behind in %d, and in %d no difference was found.",
		m.rows, ours, m.won, len(m.lost), m.rows-m.won-len(m.lost))
	if len(m.lost) > 0 {
		s.WriteString(" **It is behind in:** " + strings.Join(m.lost, "; ") + ".")
	}
	if m.starred {
		fmt.Fprintf(&s, " (\\*: oversubscribed, more workers than the machine's %d CPUs.)", m.cpus)
	}
	if m.unit > 0 {
		fmt.Fprintf(&s, " R is one uncontended atomic add, %s there.", withUnit(quantityText(m.unit, "sec/op"), "sec/op"))
	}
	return s.String() + "\n"
}

// spelled is a median with its unit, nothing without a sample.
func spelled(s *benchmath.Sample, unit string) string {
	if s == nil {
		return ""
	}
	return withUnit(quantityText(summary(s).Center, unit), unit)
}

// withUnit turns "12.3n" into "12.3 ns".
func withUnit(text, unit string) string {
	number := strings.TrimRightFunc(text, unicode.IsLetter)
	symbol := "s"
	switch {
	case strings.HasPrefix(unit, "B/"):
		symbol = "B"
	case strings.HasSuffix(unit, "/s"):
		symbol = "/s"
	}
	return number + " " + text[len(number):] + symbol
}
