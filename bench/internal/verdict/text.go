package verdict

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchunit"
)

// Text returns the report for people: conditions that differ, the rows, those first that are slower, and what
// that rests on; the last line says how it ends.
func (rep *Report) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "old: %s\nnew: %s\n", rep.OldPath, rep.NewPath)
	for _, r := range rep.Remarks {
		fmt.Fprintln(&b, r)
	}
	fmt.Fprintln(&b)
	rep.table(&b)
	fmt.Fprintf(&b, "\nmedian ± 95 %% interval; p by the U test, corrected for %d rows by Holm's method; floor: what the row differs by when nothing changed\n", rep.Counted)
	fmt.Fprintf(&b, "a difference has p < %v and is above the floor and at least %.0f %%\n", Alpha, 100*Least)
	if slices.ContainsFunc(rep.Rows, func(r Row) bool { return r.Why == tooFew }) {
		fmt.Fprintf(&b, "too few samples: a difference in one of %d rows takes %d samples of it to be found: run --count %[2]d\n",
			rep.Counted, Needed(rep.Counted))
	}
	if len(rep.Unjudged) > 0 {
		fmt.Fprintf(&b, "not judged, with few and long samples: %s\n", strings.Join(rep.Unjudged, ", "))
	}
	only(&b, "old", rep.OnlyOld)
	only(&b, "new", rep.OnlyNew)
	fmt.Fprintf(&b, "\n%s\n", rep.Summary())
	return b.String()
}

// Summary says in one line or two how it ends.
func (rep *Report) Summary() string {
	count := map[State]int{}
	for _, r := range rep.Rows {
		count[r.State]++
	}
	switch {
	case rep.Drifted != "":
		return "can't tell: " + rep.Drifted
	case len(rep.Rows) == 0:
		return "can't tell: no row that is under test has samples in both"
	}
	line := fmt.Sprintf("%d rows compared: %d slower, %d faster, %d without a difference, %d can't be told",
		len(rep.Rows), count[Slower], count[Faster], count[Same], count[CantTell])
	switch {
	case count[Slower] > 0:
		return line + "\nslower"
	case count[CantTell] > 0 || rep.Unfinished:
		return line + "\ncan't tell"
	case count[Faster] == 0:
		return line + "\nno difference found"
	}
	return line + "\nnothing slower"
}

// inOrder sorts rows by what is said of them: first what matters most.
func inOrder(rows []Row) []Row {
	rank := map[State]int{Slower: 0, Faster: 1, CantTell: 2, Same: 3}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(rank[a.State], rank[b.State]) })
	return rows
}

// table prints the rows; of allocations and memory only what differs.
func (rep *Report) table(b *strings.Builder) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	// A strings.Builder takes everything.
	if len(rep.Rows)+len(rep.Controls) == 0 {
		return
	}
	_, _ = fmt.Fprintln(w, "row\tunit\told\t\tnew\t\teffect\tp\tfloor\t")
	over := false
	line := func(r *Row, verdict string) {
		name := r.Name
		if r.over(rep.machine) {
			name, over = name+"*", true
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, r.Unit, value(r.Old, r.Unit), value(r.New, r.Unit),
			effect(r), probability(r), floor(r)+"\t"+verdict)
	}
	rows := inOrder(rep.Rows)
	for i := range rows {
		r := &rows[i]
		verdict := r.State.String()
		switch {
		case r.State == Same && r.Equal && r.Unit != "sec/op":
			continue
		case r.Why != "":
			verdict += ": " + r.Why
		}
		line(r, verdict)
	}
	for i := range rep.Controls {
		if r := &rep.Controls[i]; r.moved() != 0 {
			line(r, "control row, moved")
		}
	}
	_ = w.Flush()
	if over {
		fmt.Fprintf(b, "* oversubscribed: more workers than the machine's %d CPUs\n", rep.machine)
	}
}

func value(s benchmath.Summary, unit string) string {
	if s.Confidence == 0 {
		return "none\t" // it has no samples
	}
	text := "0"
	if s.Center != 0 {
		text = benchunit.Scale(s.Center, benchunit.ClassOf(unit))
	}
	if s.Center == 0 {
		return text + "\t"
	}
	return text + "\t±" + s.PctRangeString()
}

func effect(r *Row) string {
	if math.IsInf(r.Effect, 0) {
		return "from 0"
	}
	return fmt.Sprintf("%+.1f%%", 100*r.Effect)
}

func probability(r *Row) string {
	if r.control() {
		return fmt.Sprintf("p=%.3f, alone", r.P)
	}
	if r.Adjusted < 0.001 {
		return "p<0.001"
	}
	return fmt.Sprintf("p=%.3f", r.Adjusted)
}

func floor(r *Row) string {
	if !r.HasFloor {
		return "none"
	}
	if math.IsInf(r.Floor, 1) {
		return "∞"
	}
	return fmt.Sprintf("%.1f%%", 100*r.Floor)
}

// only names rows that one run lacks, each once.
func only(b *strings.Builder, name string, rows []string) {
	var names []string
	for _, r := range rows {
		if len(names) == 0 || names[len(names)-1] != r {
			names = append(names, r)
		}
	}
	if n := len(names); n > 10 {
		names = append(names[:10], fmt.Sprintf("... and %d more", n-10))
	}
	if len(names) > 0 {
		fmt.Fprintf(b, "only in %s:\n  %s\n", name, strings.Join(names, "\n  "))
	}
}
