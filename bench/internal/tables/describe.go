package tables

import (
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/perf/benchmath"

	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/schema"
)

// Describe returns as data what Render prints: the tables, the verdicts, and where the
// figures are from. It takes milliseconds.
func Describe(log *results.Log) (*schema.Results, error) {
	d, err := collect(log.Results)
	if err != nil {
		return nil, err
	}
	r := &schema.Results{
		Head:        schema.Head{Schema: schema.ResultsName, Version: schema.Version},
		Environment: []schema.Pair{}, Notes: []string{}, Tables: []schema.Table{}, Verdicts: []schema.Verdict{},
		Alpha: Alpha, Confidence: confidence, R: d.unit(), Ours: ours,
	}
	if filepath.Base(log.Path) == results.BenchFile {
		r.Folder = filepath.Base(filepath.Dir(log.Path))
	}
	for _, c := range log.Header {
		r.Environment = append(r.Environment, schema.Pair{Key: c.Key, Value: string(c.Value)})
	}
	for _, n := range log.Notes {
		if !strings.HasPrefix(n, "round ") {
			r.Notes = append(r.Notes, n)
		}
	}
	cpus := machineCPUs(log)
	for _, t := range d.split() {
		r.Tables = append(r.Tables, d.describe(t, cpus))
	}
	for _, v := range d.verdicts() {
		r.Verdicts = append(r.Verdicts, d.describeVerdict(v, cpus))
	}
	r.Summary = schema.Count(r.Verdicts)
	return r, nil
}

func (d data) describe(t table, machine int) schema.Table {
	out := schema.Table{Benchmark: t.bench, Unit: t.unit, Better: schema.Less, Base: t.impls[0], Impls: t.impls}
	if better(1, 0, t.unit) {
		out.Better = schema.More
	}
	for _, r := range t.rows {
		line := schema.Row{Keys: pairs(r.keys), CPUs: r.cpus, Oversubscribed: machine > 0 && r.cpus > machine, Cells: []schema.Cell{}}
		base := d.sample(r, t.unit, t.impls[0])
		for i, impl := range t.impls {
			s := d.sample(r, t.unit, impl)
			if s == nil {
				continue
			}
			c := describeSample(s, impl)
			if i > 0 && base != nil {
				c.Against = against(base, s)
			}
			line.Cells = append(line.Cells, c)
		}
		out.Rows = append(out.Rows, line)
	}
	return out
}

func describeSample(s *benchmath.Sample, impl string) schema.Cell {
	m := summary(s)
	return schema.Cell{Impl: impl, N: len(s.Values), Median: m.Center, Low: finite(m.Lo), High: finite(m.Hi)}
}

// finite is nil for the ends of an interval that so few samples don't have.
func finite(x float64) *float64 {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return nil
	}
	return &x
}

func against(base, s *benchmath.Sample) *schema.Comparison {
	c := compare(base, s)
	out := &schema.Comparison{P: c.P, Different: c.P < Alpha}
	if from := summary(base).Center; from != 0 {
		out.Change = finite(summary(s).Center/from - 1)
	}
	return out
}

func pairs(keys string) []schema.Pair {
	list := []schema.Pair{}
	if keys == "" {
		return list
	}
	for part := range strings.SplitSeq(keys, "/") {
		k, v, _ := strings.Cut(part, "=")
		list = append(list, schema.Pair{Key: k, Value: v})
	}
	return list
}

// A finding is a row in which ours and another were measured.
type finding struct {
	row
	unit        string
	rival       string
	mine, other *benchmath.Sample
}

// verdicts are the rows of "who wins where".
func (d data) verdicts() []finding {
	var list []finding
	for _, t := range d.split() {
		if !judged(t.unit) || t.unit == "sec/op" && d.stoodIn(t.bench) {
			continue
		}
		for _, r := range t.rows {
			rival, other := d.best(r, t)
			if mine := d.sample(r, t.unit, ours); mine != nil && other != nil {
				list = append(list, finding{r, t.unit, rival, mine, other})
			}
		}
	}
	return list
}

func (d data) describeVerdict(f finding, machine int) schema.Verdict {
	v := schema.Verdict{
		Benchmark: f.bench, Keys: pairs(f.keys), Unit: f.unit, CPUs: f.cpus, Oversubscribed: machine > 0 && f.cpus > machine,
		Ours: summary(f.mine).Center, Rival: f.rival, RivalMedian: summary(f.other).Center,
		P: compare(f.other, f.mine).P, Outcome: schema.None,
	}
	if least := min(v.Ours, v.RivalMedian); least > 0 {
		v.Factor = orZero(max(v.Ours, v.RivalMedian) / least)
	}
	v.Low, v.High = ends(summary(f.mine), summary(f.other), better(1, 0, f.unit))
	switch _, sign := judge(f.mine, f.other, f.rival, f.unit); {
	case sign < 0:
		v.Outcome = schema.Ahead
	case sign > 0:
		v.Outcome = schema.Behind
	case tooSmall(compare(f.other, f.mine)):
		v.Outcome = schema.TooFew
	}
	return v
}

// ends are how many times better ours is at the least and at the most, when each median may
// be anywhere in its interval. Both are 0 where that can't be told.
func ends(mine, other benchmath.Summary, more bool) (low, high float64) {
	for _, x := range []float64{mine.Lo, mine.Hi, other.Lo, other.Hi} {
		if math.IsInf(x, 0) || math.IsNaN(x) || x <= 0 {
			return 0, 0
		}
	}
	if more {
		mine, other = other, mine
	}
	low, high = other.Lo/mine.Hi, other.Hi/mine.Lo
	if orZero(high) == 0 {
		return 0, 0
	}
	return low, high
}

// orZero is 0 for a ratio that no number is large enough for.
func orZero(x float64) float64 {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return 0
	}
	return x
}

// Spell writes a median with its unit as the tables do: "12.30 ns", "104 B", "1.2 k/s". Of
// allocations it is the plain number.
func Spell(x float64, unit string) string {
	if unit == "allocs/op" {
		return strings.TrimSpace(strings.TrimSuffix(withUnit(quantityText(x, unit), unit), "s"))
	}
	return withUnit(quantityText(x, unit), unit)
}

// UnitName is a unit as a heading says it: "time per operation", "p50", "add time per cb".
func UnitName(unit string) string {
	if kind, q, ok := Percentile(unit); ok {
		name := "maximum"
		if q < 1 {
			name = "p" + strconv.FormatFloat(100*q, 'g', 6, 64)
		}
		return strings.TrimSpace(kind + " " + name)
	}
	what, per, _ := strings.Cut(unit, "/")
	if per == "op" {
		per = "operation"
	}
	if what == "sec" {
		return "time per " + per
	}
	name, isTime := strings.CutSuffix(what, "-sec")
	switch {
	case isTime && per != "":
		return name + " time per " + per
	case isTime:
		return name + " time"
	}
	return unit
}
