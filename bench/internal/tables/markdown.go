package tables

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/perf/benchmath"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/results"
)

// shown are the columns of a Markdown table. Others that are better than these are named
// in the last column.
var shown = []string{ours, "mutexpool", "mutex", "channel"}

// Markdown returns the medians of a file as a Markdown table: a row per case, unit and CPU
// count, with ours held against the best conventional implementation, and before it a
// sentence that says where ours is behind. Rows without either are left out. The sentence
// counts all rows; where they are more than a page has room for, the table has those of a default
// run. Without any row it fails with results.ErrEmpty. It takes milliseconds.
func Markdown(log *results.Log) (string, error) {
	d, err := collect(log.Results)
	if err != nil {
		return "", err
	}
	m := markdown{d: d, cpus: machineCPUs(log), unit: d.unit()}
	found := d.verdicts()
	m.brief = len(found) > mostRows
	for _, f := range found {
		m.row(f)
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
	lost      int
	losses    []loss
	starred   bool // a row is oversubscribed
	brief     bool // the table has the rows of a default run alone
}

// mostRows of a table that has all of them.
const mostRows = 60

// everyday tells that a default run has a row.
func everyday(f finding) bool {
	name := "Benchmark" + f.bench + "/"
	if f.keys != "" {
		name += f.keys + "/"
	}
	row := plan.Row(name + "impl=" + ours)
	return slices.ContainsFunc(plan.Default, func(p plan.Pick) bool {
		return p.Matches(row) && (p.Only == nil || p.Only(f.cpus))
	})
}

// A loss counts a benchmark's rows in which ours is behind.
type loss struct {
	bench     string
	rows, of  int
	worst     float64
	boundless bool // behind something at zero
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

// row counts a row and adds its line.
func (m *markdown) row(f finding) {
	text, sign := m.verdict(f.mine, f.other, f.rival, f.unit)
	if m.count(f, sign); m.brief && !everyday(f) {
		return
	}
	name := strings.TrimSpace(f.bench + " " + strings.ReplaceAll(f.keys, "/", " "))
	if f.unit != "sec/op" {
		name += ", " + strings.Replace(f.unit, "-sec", "", 1)
	}
	cpus := strings.ReplaceAll(cpuLabel(f.cpus, m.cpus), "*", `\*`)
	m.starred = m.starred || strings.HasSuffix(cpus, "*")
	fmt.Fprintf(&m.lines, "| %s | %s |", name, cpus)
	for i, impl := range shown {
		s := m.d.sample(f.row, f.unit, impl)
		fmt.Fprintf(&m.lines, " %s |", spelled(s, f.unit))
		if i == 0 {
			fmt.Fprintf(&m.lines, " %s |", strings.TrimSuffix(inUnit(s, f.unit, m.unit), " R"))
		}
	}
	fmt.Fprintf(&m.lines, " %s |\n", text)
}

// count enters a verdict into the sums of its benchmark.
func (m *markdown) count(f finding, sign int) {
	m.rows++
	if n := len(m.losses); n == 0 || m.losses[n-1].bench != f.bench {
		m.losses = append(m.losses, loss{bench: f.bench})
	}
	l := &m.losses[len(m.losses)-1]
	l.of++
	switch {
	case sign < 0:
		m.won++
	case sign > 0:
		m.lost++
		l.rows++
		a, b := summary(f.mine).Center, summary(f.other).Center
		if min(a, b) == 0 {
			l.boundless = true
		} else {
			l.worst = max(l.worst, max(a, b)/min(a, b))
		}
	}
}

// String is "Lifecycle 5 of 6 (1.59x)".
func (l loss) String() string {
	if l.boundless {
		return fmt.Sprintf("%s %d of %d (by any factor: the other is at zero)", l.bench, l.rows, l.of)
	}
	return fmt.Sprintf("%s %d of %d (%.2fx)", l.bench, l.rows, l.of, l.worst)
}

// verdict is negative when ours is better. A loss stands out.
func (m *markdown) verdict(mine, other *benchmath.Sample, rival, unit string) (string, int) {
	_, sign := judge(mine, other, rival, unit)
	if !slices.Contains(shown, rival) {
		rival += " (" + spelled(other, unit) + ")"
	}
	switch {
	case sign < 0:
		return fmt.Sprintf("%s than %s", times(mine, other, unit), rival), sign
	case sign > 0:
		return fmt.Sprintf("**behind: %s is %s**", rival, times(other, mine, unit)), sign
	}
	return "no difference to " + rival, 0
}

// sentence says how often ours is behind, in which benchmarks, and by how much at the worst. Each
// row's own line says the rest.
func (m *markdown) sentence() string {
	var s strings.Builder
	fmt.Fprintf(&s, "Of %d rows, %s is ahead of the best conventional implementation in %d, behind in %d, and in %d no difference was found.",
		m.rows, ours, m.won, m.lost, m.rows-m.won-m.lost)
	var behind []string
	for _, l := range m.losses {
		if l.rows > 0 {
			behind = append(behind, l.String())
		}
	}
	if len(behind) > 0 {
		s.WriteString(" **Behind**, with the worst factor: " + strings.Join(behind, ", ") + ".")
	}
	if m.brief {
		s.WriteString(" The table has the rows of a default run.")
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
