package tables

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/results"
)

// environment are the keys of the header in which two runs ought to agree.
var environment = []string{
	"goos", "goarch", "cpu", "cpus", "hypervisor", "kernel", "go", "goamd64", "goarm64", "go386",
	"gogc", "governor", "turbo", "smt", "affinity", "cgroup-cpu-limit", "thp", "benchtime",
}

// Diff returns how a second run differs from a first, row by row, and where the two were
// not measured under the same conditions. It takes milliseconds.
func Diff(before, after *results.Log) (string, error) {
	old, err := collect(before.Results)
	if err != nil {
		return "", err
	}
	now, err := collect(after.Results)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "old: %s\nnew: %s\n", before.Path, after.Path)
	for _, key := range environment {
		if a, b := before.Get(key), after.Get(key); a != b {
			fmt.Fprintf(&out, "%s differs: %s, then %s\n", key, orNothing(a), orNothing(b))
		}
	}
	both := data{}
	for c, s := range old {
		if now[c] != nil {
			both[c] = s
		}
	}
	var found, compared int
	small := false
	for _, t := range both.split() {
		n, m, s := renderDiff(&out, t, old, now)
		found, compared, small = found+n, compared+m, small || s
	}
	fmt.Fprintf(&out, "\n%d rows compared, %d differ at p < %v\n", compared, found, Alpha)
	if found == 0 {
		fmt.Fprintln(&out, "no difference found")
	}
	if small {
		tooFew(&out)
	}
	missing(&out, "old", old, now)
	missing(&out, "new", now, old)
	return out.String(), nil
}

func orNothing(s string) string {
	if s == "" {
		return "not given"
	}
	return s
}

// renderDiff prints the rows of one benchmark and unit, an implementation at a time; of
// allocations only what differs.
func renderDiff(out *strings.Builder, t table, old, now data) (found, compared int, small bool) {
	var (
		rows    []row
		impl    = &band{heading: "impl", aligns: []align{left}}
		before  = &band{heading: "old", aligns: []align{right, right}}
		after   = &band{heading: "new", aligns: []align{right, right}}
		verdict = &band{heading: "difference", aligns: []align{left, left}}
	)
	for _, i := range t.impls {
		for _, r := range t.rows {
			a, b := old.sample(r, t.unit, i), now.sample(r, t.unit, i)
			if a == nil || b == nil {
				continue
			}
			c := compare(a, b)
			text := delta(c, a, b)
			compared++
			small = small || tooSmall(c)
			if text != "~" {
				found++
			} else if text = "no difference found"; t.unit == "allocs/op" {
				continue // nearly always, and nearly always 0
			}
			rows = append(rows, r)
			impl.cells = append(impl.cells, []string{i})
			before.cells = append(before.cells, value(a, t.unit))
			after.cells = append(after.cells, value(b, t.unit))
			verdict.cells = append(verdict.cells, []string{text, pValue(c)})
		}
	}
	if len(rows) == 0 {
		return found, compared, small
	}
	fmt.Fprintf(out, "\n%s, %s\n", t.bench, t.unit)
	print(out, append(keyBands(rows, 0), impl, before, after, verdict))
	return found, compared, small
}

// missing names the rows that only one of two runs has.
func missing(out *strings.Builder, name string, has, lacks data) {
	var rows []string
	for c := range has {
		if lacks[c] == nil {
			label := c.label(0) + " impl=" + c.impl
			if !slices.Contains(rows, label) {
				rows = append(rows, label)
			}
		}
	}
	slices.Sort(rows)
	if n := len(rows); n > 10 {
		rows = append(rows[:10], fmt.Sprintf("... and %d more", n-10))
	}
	if len(rows) > 0 {
		fmt.Fprintf(out, "only in %s:\n  %s\n", name, strings.Join(rows, "\n  "))
	}
}
