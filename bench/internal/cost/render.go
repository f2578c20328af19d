package cost

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Render returns the table as text: implementations of a row below each other.
func (t *Table) Render() string {
	var b strings.Builder
	fmt.Fprintf(&b, `Costs per operation, the same in every run, made by ./benchstat.sh cost.

Atomics and cache lines of 64 bytes are counted exactly. cas: compare-and-swaps, and locks of mutexes; adds: and their
unlocks; releases: stores that are plain ones on amd64. touched and written: lines of words and fields that goroutines
share; of mutexpool and mutexheap those of the words alone, for what a lock guards isn't seen.
%s
`, t.about())
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	const head = "instructions\tless noop\tcas\tswaps\tadds\tstores\treleases\tloads\ttouched\twritten\t\n"
	width := 0
	for _, r := range t.Rows {
		width = max(width, len(r.Row))
	}
	last := ""
	fmt.Fprintf(w, "%s\t%s\t%s", pad("", width+2), pad("", 10), head)
	for _, r := range t.Rows {
		name := r.Row
		if name == last {
			name = ""
		} else if last != "" {
			fmt.Fprintf(w, "\t\t\t\t\t\t\t\t\t\t\t\t\n")
		}
		last = r.Row
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t", pad("  "+name, width+2), pad(r.Impl, 10), instructions(r.Instructions), t.net(r))
		for _, n := range []int{r.Compares, r.Swaps, r.Adds, r.Stores, r.Releases, r.Loads, r.Touched, r.Written} {
			fmt.Fprintf(w, "%s\t", short(float64(n)/float64(r.Operations)))
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // into memory
	return trimmed(b.String())
}

// about says of what the instructions are.
func (t *Table) about() string {
	if !t.Counted() {
		return "Instructions were not counted: that takes valgrind.\n"
	}
	return fmt.Sprintf(`Instructions are callgrind's, of %s, %s/%s level %s, a processor with %s. The harness is in them: less
noop is without it.
`, t.Host.Go, t.Host.GOOS, t.Host.GOARCH, t.Host.Level, t.Host.Features)
}

// net is what an implementation costs beyond the harness.
func (t *Table) net(r Row) string {
	noop := t.find(r.Row, "noop")
	if noop == nil || r.Impl == "noop" || r.Instructions == nil || noop.Instructions == nil {
		return ""
	}
	return short(*r.Instructions - *noop.Instructions)
}

func instructions(x *float64) string {
	if x == nil {
		return "unknown"
	}
	return short(*x)
}

// short has two digits behind the point where they say something, and nothing for 0.
func short(x float64) string {
	switch {
	case x == 0:
		return "."
	case x > 0 && x < 0.005:
		return "<0.01"
	}
	return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)
}

func pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-len(s))) }

// trimmed takes the blanks from the ends of lines.
func trimmed(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
