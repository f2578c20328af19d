package tables

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchproc"
	"golang.org/x/perf/benchunit"
)

// A row is a case of a benchmark on so many processors: a line of a table.
type row struct {
	bench string // "Lifecycle"
	keys  string // "callbacks=1", several joined by "/", or nothing
	cpus  int    // 0 when the name doesn't say
}

// label describes a row on a line of its own. machine is how many processors there are.
func (r row) label(machine int) string {
	parts := []string{r.bench}
	if r.keys != "" {
		parts = append(parts, strings.Split(r.keys, "/")...)
	}
	if r.cpus > 0 {
		parts = append(parts, "cpus="+cpuLabel(r.cpus, machine))
	}
	return strings.Join(parts, " ")
}

// A cell is where the samples of one implementation go.
type cell struct {
	row
	unit, impl string
}

// data is all measurements of a file by cell.
type data map[cell]*benchmath.Sample

// skipped are metrics of the measuring rather than of what is measured.
var skipped = []string{"cpus", "cpus-want", "B/op", "commits/sync", "flush-sec", "rate-ops/s", "busy/cpu", "GCs/s"}

// collect sorts results into cells. Units are reduced to base units: sec, B.
func collect(list []*benchfmt.Result) (data, error) {
	var (
		parser benchproc.ProjectionParser
		fields [3]*benchproc.Projection
	)
	// Naming the two keys in projections of their own takes them out of .fullname.
	for i, p := range []string{"/gomaxprocs", "/impl", ".fullname"} {
		var err error
		if fields[i], err = parser.Parse(p, nil); err != nil {
			return nil, err
		}
	}
	value := func(i int, r *benchfmt.Result) string {
		return fields[i].Project(r).Get(fields[i].Fields()[0])
	}
	values := map[cell][]float64{}
	for _, r := range list {
		c := cell{impl: value(1, r)}
		c.bench, c.keys, _ = strings.Cut(value(2, r), "/")
		c.cpus, _ = strconv.Atoi(value(0, r))
		for _, v := range r.Values {
			var x float64
			if x, c.unit = base(v.Value, v.Unit); !slices.Contains(skipped, c.unit) {
				values[c] = append(values[c], x)
			}
		}
	}
	d := data{}
	for c, v := range values {
		d[c] = benchmath.NewSample(v, &thresholds)
	}
	return d, nil
}

// base reduces milliseconds to seconds; what benchfmt knows it has reduced itself.
func base(x float64, unit string) (float64, string) {
	if x == 0 {
		_, unit = benchunit.Tidy(1, unit) // benchfmt leaves the unit of a zero as it was
	}
	if prefix, ok := strings.CutSuffix(unit, "-ms"); ok {
		return x / 1e3, prefix + "-sec"
	}
	return x, unit
}

func summary(s *benchmath.Sample) benchmath.Summary {
	return benchmath.AssumeNothing.Summary(s, confidence)
}

// A table is the part of the data that one printed table shows.
type table struct {
	bench, unit string
	rows        []row
	impls       []string // the first is what the others are compared with
}

// split arranges the data as tables, each with its rows and columns in order.
func (d data) split() []table {
	type name struct{ bench, unit string }
	found := map[name]*table{}
	for c := range d {
		n := name{c.bench, c.unit}
		t := found[n]
		if t == nil {
			t = &table{bench: c.bench, unit: c.unit}
			found[n] = t
		}
		if !slices.Contains(t.rows, c.row) {
			t.rows = append(t.rows, c.row)
		}
		if !slices.Contains(t.impls, c.impl) {
			t.impls = append(t.impls, c.impl)
		}
	}
	var tables []table
	for _, t := range found {
		slices.SortFunc(t.rows, compareRows)
		slices.SortFunc(t.impls, byRank(impls))
		tables = append(tables, *t)
	}
	slices.SortFunc(tables, func(a, b table) int {
		if c := byRank(benches)(a.bench, b.bench); c != 0 {
			return c
		}
		return compareUnits(a.unit, b.unit)
	})
	return tables
}

// sample returns the measurements of an implementation in a row, nil without any.
func (d data) sample(r row, unit, impl string) *benchmath.Sample {
	return d[cell{r, unit, impl}]
}
