// Package history makes the index of the committed runs: each row that gets a verdict, as ours and its rivals
// measured it in one run after the other.
//
// Runs of one machine follow each other; between machines nothing is compared, and no line is drawn. A machine
// is its processor, their number, the hypervisor and the system: what a file can tell. A step is
// a change from one run to the next of the same machine that the Mann-Whitney U test tells apart, that is
// larger than the interval of either median, and at least LeastStep. Where the kernel, the compiler or a setting differ
// as well, the step says so: it need not be the code.
package history

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/schema"
	"github.com/fencert/fencert/bench/internal/tables"
)

// LeastStep is the smallest change that is called a step: layout of the code alone moves more than less.
const LeastStep = 0.05

// Index reads the runs in these folders and puts them in the order of their names, which is that of time.
func Index(folders []string) (*schema.Index, error) {
	x := &schema.Index{
		Head: schema.Head{Schema: schema.IndexName, Version: schema.Version},
		Runs: []schema.Run{}, Rows: []schema.Trail{},
	}
	folders = slices.SortedFunc(slices.Values(folders), func(a, b string) int { return cmp.Compare(filepath.Base(a), filepath.Base(b)) })
	b := builder{trails: map[string]*trail{}, rivals: map[string]bool{}}
	for i, folder := range folders {
		log, err := results.Read(folder)
		if err != nil {
			return nil, err
		}
		x.Runs = append(x.Runs, describe(filepath.Base(folder), log))
		list, err := tables.Headlines(log)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", log.Path, err)
		}
		for _, h := range list {
			b.add(i, h)
		}
	}
	if len(x.Runs) == 0 {
		return nil, fmt.Errorf("the index of all runs: %w", results.ErrNone)
	}
	for _, key := range b.order {
		t := b.trails[key]
		if t.impl == tables.Ours || b.rivals[key] {
			x.Rows = append(x.Rows, t.finish(x.Runs))
		}
	}
	return x, nil
}

// describe says where a run is from.
func describe(folder string, log *results.Log) schema.Run {
	get := func(keys ...string) string {
		var words []string
		for _, k := range keys {
			v := log.Get(k)
			if v == "" {
				v = "unknown"
			}
			words = append(words, k+" "+v)
		}
		return strings.Join(words, ", ")
	}
	r := schema.Run{
		Folder: folder, Time: "unknown", Commit: strings.TrimPrefix(get("commit"), "commit "), Samples: len(log.Results),
		Machine:   get("cpu", "cpus", "hypervisor", "goos", "goarch"),
		Condition: get("kernel", "go", "goamd64", "goarm64", "gogc", "governor", "turbo", "smt", "affinity", "cgroup-cpu-limit", "thp", "benchtime"),
	}
	if t, ok := results.Time(folder); ok {
		r.Time = t.Format(time.RFC3339)
	}
	if log.Get("dirty") == "yes" {
		r.Commit += " with changes"
	}
	return r
}

// A builder collects rows over runs.
type builder struct {
	order  []string
	trails map[string]*trail
	rivals map[string]bool // was the best conventional one in some run
}

// A trail is a row under construction.
type trail struct {
	schema.Trail
	impl      string
	headlines []tables.Headline
}

func (b *builder) add(run int, h tables.Headline) {
	row := schema.Trail{Benchmark: h.Benchmark, Keys: h.Keys, Unit: h.Unit, CPUs: h.CPUs, Impl: h.Impl}
	key := fmt.Sprintf("%s\x00%s\x00%d\x00%s", row.Row(), h.Unit, h.CPUs, h.Impl)
	t := b.trails[key]
	if t == nil {
		t = &trail{Trail: row, impl: h.Impl}
		b.trails[key] = t
		b.order = append(b.order, key)
	}
	if h.Rival {
		b.rivals[key] = true
	}
	t.Points = append(t.Points, schema.Point{Run: run, N: h.Cell.N, Median: h.Cell.Median, Low: h.Cell.Low, High: h.Cell.High})
	t.headlines = append(t.headlines, h)
}

// finish marks the steps.
func (t *trail) finish(runs []schema.Run) schema.Trail {
	for i := range t.Points {
		for j := i - 1; j >= 0; j-- {
			if runs[t.Points[j].Run].Machine != runs[t.Points[i].Run].Machine {
				continue
			}
			t.Points[i].Step = step(t.headlines[j], t.headlines[i],
				runs[t.Points[j].Run].Condition != runs[t.Points[i].Run].Condition)
			break
		}
	}
	return t.Trail
}

// step compares a run's samples with those of the run before; nil is no step.
func step(before, after tables.Headline, condition bool) *schema.Step {
	a, b := before.Cell, after.Cell
	if a.Median <= 0 || b.Median <= 0 {
		return nil
	}
	change := b.Median/a.Median - 1
	p, different := tables.Differ(before, after)
	if !different || math.Abs(math.Log(b.Median/a.Median)) < max(math.Log1p(LeastStep), noise(a), noise(b)) {
		return nil
	}
	return &schema.Step{Change: change, P: p, Condition: condition}
}

// noise is how far a median's interval reaches, as a logarithm.
func noise(c schema.Cell) float64 {
	if c.Low == nil || c.High == nil || *c.Low <= 0 {
		return math.Inf(1)
	}
	return max(math.Log(c.Median / *c.Low), math.Log(*c.High/c.Median))
}

// ErrRuns: the index is not of these runs. Test with errors.Is.
var ErrRuns = errors.New("the index is of other runs")

// Check compares an index with the folders that it should be of.
func Check(x *schema.Index, names []string) error {
	var have []string
	for _, r := range x.Runs {
		have = append(have, r.Folder)
	}
	names = slices.Sorted(slices.Values(names))
	if !slices.Equal(have, names) {
		return fmt.Errorf("%w: %s, not %s", ErrRuns, strings.Join(have, ", "), strings.Join(names, ", "))
	}
	return nil
}
