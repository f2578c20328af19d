package tables

import (
	"golang.org/x/perf/benchmath"

	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/schema"
)

// A Headline is one implementation's samples of a row that gets a verdict.
type Headline struct {
	Benchmark string
	Keys      []schema.Pair
	Unit      string
	CPUs      int
	Impl      string
	Rival     bool // the best conventional one of the row in this run
	Cell      schema.Cell

	sample *benchmath.Sample
}

// Headlines returns the samples of all rows that get a verdict, in the order of the verdicts: ours, and
// whatever else was measured there but for the harness and the limits. It takes milliseconds.
func Headlines(log *results.Log) ([]Headline, error) {
	d, err := collect(log.Results)
	if err != nil {
		return nil, err
	}
	var list []Headline
	all := d.split()
	for _, f := range d.verdicts() {
		for _, t := range all {
			if t.bench != f.bench || t.unit != f.unit {
				continue
			}
			for _, impl := range t.impls {
				s := d.sample(f.row, f.unit, impl)
				if s == nil || impl != ours && !conventional(impl) {
					continue
				}
				list = append(list, Headline{f.bench, pairs(f.keys), f.unit, f.cpus, impl, impl == f.rival, describeSample(s, impl), s})
			}
		}
	}
	return list, nil
}

// Differ compares two headlines of one row: the p of their samples, and whether it is below Alpha.
func Differ(a, b Headline) (p float64, different bool) {
	p = compare(a.sample, b.sample).P
	return p, p < Alpha
}

// Ours is the implementation that the others are held against.
const Ours = ours
