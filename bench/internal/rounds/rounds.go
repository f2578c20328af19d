// Package rounds carries out a plan: waits for a quiet machine, takes the samples of a
// round, throws away those that others disturbed, and keeps the rest as they come.
package rounds

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/quiet"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/sample"
)

// attempts is how often one sample is tried in its round before the round goes without.
const attempts = 3

// A Taker takes one sample.
type Taker interface {
	Take(ctx context.Context, item plan.Item, d time.Duration) (sample.Sample, error)
}

// A Gate waits for a quiet machine.
type Gate interface {
	Pass(ctx context.Context) (quiet.Report, error)
}

// A Keeper keeps whole lines; Sync makes sure of them.
type Keeper interface {
	Append(lines string) error
	Sync() error
}

// A Run joins what carries out a plan. One goroutine calls Do, once.
type Run struct {
	Plan   *plan.Plan
	Taker  Taker
	Gate   Gate
	Keeper Keeper
	Header string           // kept before the first sample
	PSI    func() string    // read at the start of each round
	Tell   func(Progress)   // called before each sample and each wait
	Now    func() time.Time // time.Now

	pending string // lines that wait for the next sample, so that none stand alone
	out     Outcome
	started time.Time
}

// A Progress says how far a run is.
type Progress struct {
	Round, Rounds int
	Done, Total   int
	Rejected      int
	Waiting       bool // for a quiet machine; else for the next sample
	Next          plan.Item
	Left          time.Duration
}

// An Outcome says what a run brought, also one that ended early.
type Outcome struct {
	Kept     int
	Rejected map[plan.Item]int // samples thrown away
	Missing  map[plan.Item]int // of those, never replaced
	NotQuiet int               // rounds that began although others were busy
	Rounds   int               // begun
}

// Do carries out the plan. It ends early, with an error, when ctx ends, when a benchmark
// fails, or when something cannot be kept; every sample taken until then is kept.
func (r *Run) Do(ctx context.Context) (Outcome, error) {
	r.out = Outcome{Rejected: map[plan.Item]int{}, Missing: map[plan.Item]int{}}
	r.started, r.pending = r.Now(), r.Header
	var err error
	for i := 0; i < r.Plan.Rounds && err == nil; i++ {
		err = r.round(ctx, i)
	}
	if r.out.Kept > 0 {
		// After a full disk this may fail too; the first error says why.
		if noteErr := r.Keeper.Append(r.notes(err)); err == nil {
			err = noteErr
		}
	}
	return r.out, err
}

// A try is an item of a round with the attempts it has behind it.
type try struct {
	plan.Item
	failed int
}

func (r *Run) round(ctx context.Context, i int) error {
	report, err := r.wait(ctx, i, len(r.Plan.Items))
	if err != nil {
		return err
	}
	r.out.Rounds++
	if report.State == quiet.Busy {
		r.out.NotQuiet++
	}
	r.pending += fmt.Sprintf("%sround %d of %d: %v; psi %s\n", results.NotePrefix, i+1, r.Plan.Rounds, report, r.psi())

	var queue []try
	for _, item := range r.Plan.Round(i) {
		queue = append(queue, try{Item: item})
	}
	calm := 0 // retakes up to this attempt have been preceded by a wait
	for len(queue) > 0 {
		t := queue[0]
		queue = queue[1:]
		if t.failed > calm {
			calm = t.failed
			if _, err := r.wait(ctx, i, len(queue)+1); err != nil {
				return err
			}
		}
		r.Tell(r.progress(t.Item, i, len(queue)+1))
		s, err := r.Taker.Take(ctx, t.Item, r.Plan.BenchTime)
		if err != nil {
			return err
		}
		if s.Starved() {
			r.out.Rejected[t.Item]++
			if t.failed++; t.failed < attempts && r.mayRetake() {
				queue = append(queue, t) // last: a disturbance lasts a while
			} else {
				r.out.Missing[t.Item]++
			}
			continue
		}
		if err := r.Keeper.Append(r.pending + s.Line + "\n"); err != nil {
			return err
		}
		r.pending = ""
		r.out.Kept++
	}
	return r.Keeper.Sync()
}

func (r *Run) wait(ctx context.Context, round, leftInRound int) (quiet.Report, error) {
	p := r.progress(plan.Item{}, round, leftInRound)
	p.Waiting = true
	r.Tell(p)
	return r.Gate.Pass(ctx)
}

func (r *Run) psi() string {
	if s := r.PSI(); s != "" {
		return s
	}
	return quiet.Unknown.String()
}

// mayRetake bounds what a busy machine adds to a run to a quarter of it.
func (r *Run) mayRetake() bool {
	return total(r.out.Rejected) <= r.Plan.Samples()/4+attempts
}

func (r *Run) progress(next plan.Item, round, leftInRound int) Progress {
	taken := r.out.Kept + total(r.out.Rejected)
	left := leftInRound + (r.Plan.Rounds-1-round)*len(r.Plan.Items)
	each := r.Plan.Estimate() / time.Duration(max(1, r.Plan.Samples()))
	if taken >= min(10, len(r.Plan.Items)) {
		each = r.Now().Sub(r.started) / time.Duration(taken)
	}
	return Progress{
		Round: round + 1, Rounds: r.Plan.Rounds,
		Done: r.Plan.Samples() - left, Total: r.Plan.Samples(),
		Rejected: total(r.out.Rejected), Next: next, Left: time.Duration(left) * each,
	}
}

// notes are the lines that end a file.
func (r *Run) notes(err error) string {
	var b strings.Builder
	note := func(format string, args ...any) {
		fmt.Fprintf(&b, results.NotePrefix+format+"\n", args...)
	}
	if r.out.NotQuiet > 0 {
		note("not quiet: %d of %d rounds began while other processes were busy", r.out.NotQuiet, r.out.Rounds)
	}
	for _, item := range slices.SortedFunc(maps.Keys(r.out.Rejected), func(a, b plan.Item) int {
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	}) {
		note("rejected: %s-%d: %d samples without the CPUs they need, %d not replaced",
			item.Row, item.CPUs, r.out.Rejected[item], r.out.Missing[item])
	}
	switch {
	case err == nil:
		note("complete: %d samples in %v", r.out.Kept, r.Now().Sub(r.started).Round(time.Second))
	default:
		note("incomplete: %d of %d samples", r.out.Kept, r.Plan.Samples())
	}
	return b.String()
}

func total(counts map[plan.Item]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}
