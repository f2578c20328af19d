package verdict

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchmath"

	"github.com/fencert/fencert/bench/internal/noise"
	"github.com/fencert/fencert/bench/internal/results"
)

// A better says which way a unit is better. What is in no list is not judged.
type better int

const (
	unknown better = iota
	less
	more
)

func direction(unit string) better {
	switch unit {
	case "sec/op", "allocs/op", "B/fence", "gc-sec", "gc-ms":
		return less
	case "done-ops/s":
		return more
	}
	for _, latency := range []string{"p50-sec", "p99-sec"} {
		if unit == latency || strings.HasSuffix(unit, "-"+latency) {
			return less
		}
	}
	return unknown
}

type key struct{ name, unit string }

// table is the judged samples of a run.
type table struct {
	values map[key][]float64
	order  []key
}

func gather(log *results.Log) table {
	t := table{values: map[key][]float64{}}
	for _, r := range log.Results {
		for _, v := range r.Values {
			if direction(v.Unit) == unknown {
				continue
			}
			k := key{r.Name.String(), v.Unit}
			if _, seen := t.values[k]; !seen {
				t.order = append(t.order, k)
			}
			t.values[k] = append(t.values[k], v.Value)
		}
	}
	slices.SortStableFunc(t.order, func(a, b key) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.unit, b.unit)) })
	return t
}

func newRow(k key, before, after []float64) Row {
	r := Row{Name: k.name, Unit: k.unit, N1: len(before), N2: len(after), P: 1, Adjusted: 1}
	a, okA := noise.Of(before)
	b, okB := noise.Of(after)
	r.Floor, r.HasFloor = max(a, b), okA && okB
	if !r.HasFloor && min(r.N1, r.N2) >= noise.Fewest {
		r.Floor, r.HasFloor = math.Inf(1), true // medians of 0 and of more: every difference is below it
	}
	old := benchmath.NewSample(slices.Clone(before), &benchmath.DefaultThresholds)
	now := benchmath.NewSample(slices.Clone(after), &benchmath.DefaultThresholds)
	r.Old, r.New = benchmath.AssumeNothing.Summary(old, confidence), benchmath.AssumeNothing.Summary(now, confidence)
	if !slices.ContainsFunc(append(slices.Clone(before), after...), func(x float64) bool { return x != before[0] }) {
		r.Equal = true
		return r
	}
	r.P = benchmath.AssumeNothing.Compare(old, now).P
	switch {
	case r.Old.Center == r.New.Center:
	case r.Old.Center == 0:
		r.Effect = math.Inf(1)
	default:
		r.Effect = r.New.Center/r.Old.Center - 1
	}
	return r
}

// beyond tells that the medians are apart by more than noise and by enough to count. How far
// apart they are is told from the smaller one, so that it is the same both ways.
func (r *Row) beyond() bool {
	apart := math.Abs(r.Effect)
	if r.Effect < 0 {
		apart = 1/(1+r.Effect) - 1
	}
	return apart >= Least && r.HasFloor && apart > r.Floor
}

// tooFew is why a row can't be told that may well be the same or not; Text says how many it takes.
const tooFew = "too few samples"

// judge sets the states of all rows.
func (rep *Report) judge() {
	rep.correct()
	drifted := rep.drift()
	for i := range rep.Rows {
		r := &rep.Rows[i]
		where := r.bench() + "-" + r.cpus()
		switch {
		case r.State == CantTell: // lost
		case rep.Drifted != "":
			r.State, r.Why = CantTell, "the machine moved"
		case drifted[where]:
			r.State, r.Why = CantTell, "its control rows moved"
		case r.Equal:
		case !r.HasFloor:
			r.State, r.Why = CantTell, tooFew
		case r.Adjusted < Alpha && r.beyond():
			r.State = Slower
			if (r.Effect < 0) == (direction(r.Unit) == less) {
				r.State = Faster
			}
		case leastP(r.N1, r.N2)*float64(rep.Counted) >= Alpha:
			r.State, r.Why = CantTell, tooFew
		}
	}
}

// correct adjusts the p-values by Holm's method: the smallest is multiplied by the number of
// rows, the next by one less, and none gets smaller than one before it.
func (rep *Report) correct() {
	var tested []*Row
	for i := range rep.Rows {
		if r := &rep.Rows[i]; !r.Equal {
			tested = append(tested, r)
		}
	}
	slices.SortFunc(tested, func(a, b *Row) int { return cmp.Compare(a.P, b.P) })
	rep.Counted = len(tested)
	least := 0.0
	for i, r := range tested {
		least = max(least, min(1, r.P*float64(len(tested)-i)))
		r.Adjusted = least
	}
}

// leastP is the smallest p that samples of these sizes can have: all of one below all of
// the other, in one of two ways out of all.
func leastP(n1, n2 int) float64 {
	ways := 1.0
	for i := range n1 {
		ways *= float64(n2+i+1) / float64(i+1)
	}
	return min(1, 2/ways)
}

// Needed returns how many samples each row must have for a difference in one of so many to
// be found.
func Needed(rows int) int {
	n := noise.Fewest
	for leastP(n, n)*float64(rows) >= Alpha {
		n++
	}
	return n
}
