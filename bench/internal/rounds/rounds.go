// Package rounds carries out a plan: waits for a quiet machine, takes the samples of a
// round, throws away those that others disturbed, and keeps the rest as they come. It measures
// one build, or several side by side: then the samples of an item are taken one after the other, in an
// order drawn anew each time, and are kept or thrown away together.
package rounds

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/quiet"
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

// A Side is a build that is measured and where its samples go.
type Side struct {
	Taker  Taker
	Keeper Keeper
	Header string // kept before the first sample
}

// A Run joins what carries out a plan. One goroutine calls Do, once.
type Run struct {
	Plan  *plan.Plan
	Sides []Side
	Gate  Gate
	From  Point            // where to go on; the zero Point is the start
	PSI   func() string    // read at the start of each round
	Tell  func(Progress)   // called before each sample and each wait
	Now   func() time.Time // time.Now

	pending []string // by side: lines that wait for the next sample, so that none stand alone
	order   *rand.Rand
	out     Outcome
	started time.Time
	waited  time.Duration // for a quiet machine
	waits   int
}

// An Outcome says what a run brought, also one that ended early.
type Outcome struct {
	Kept     int               // of each side, with those from before it went on
	Rejected map[plan.Item]int // samples thrown away
	Missing  map[plan.Item]int // of those, never replaced
	NotQuiet int               // rounds that began although others were busy
	Rounds   int               // begun
}

// Do carries out the plan. It ends early, with an error, when ctx ends, when a benchmark
// fails, or when something cannot be kept; every sample taken until then is kept.
func (r *Run) Do(ctx context.Context) (Outcome, error) {
	r.out = Outcome{Rejected: map[plan.Item]int{}, Missing: map[plan.Item]int{}, Kept: r.From.Kept}
	r.started = r.Now()
	r.order = rand.New(rand.NewPCG(r.Plan.Seed, uint64(len(r.Sides))))
	for _, s := range r.Sides {
		r.pending = append(r.pending, s.Header)
	}
	var err error
	for i := r.From.Round; i < r.Plan.Rounds && err == nil; i++ {
		err = r.round(ctx, i)
	}
	if r.out.Kept > 0 {
		// After a full disk this may fail too; the first error says why.
		if noteErr := r.keep(r.notes(err), nil); err == nil {
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

// queue is what is left to do of a round.
func (r *Run) queue(i int) (queue []try) {
	for _, item := range r.Plan.Round(i) {
		if i > r.From.Round || !r.From.Has[item] {
			queue = append(queue, try{Item: item})
		}
	}
	return queue
}

func (r *Run) round(ctx context.Context, i int) error {
	queue := r.queue(i)
	if len(queue) == 0 {
		return nil
	}
	report, err := r.wait(ctx, i, len(queue))
	if err != nil {
		return err
	}
	r.out.Rounds++
	if report.State == quiet.Busy {
		r.out.NotQuiet++
	}
	for s := range r.pending {
		r.pending[s] += fmt.Sprintf("%s%d of %d: %v; psi %s\n", roundPrefix, i+1, r.Plan.Rounds, report, r.psi())
	}
	if err := r.samples(ctx, i, queue); err != nil {
		return err
	}
	for _, s := range r.Sides {
		if err := s.Keeper.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// samples takes what is queued, and again what others disturbed.
func (r *Run) samples(ctx context.Context, i int, queue []try) error {
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
		lines, starved, err := r.take(ctx, t.Item)
		if err != nil {
			return err
		}
		if starved {
			r.out.Rejected[t.Item]++
			if t.failed++; t.failed < attempts && r.mayRetake() {
				queue = append(queue, t) // last: a disturbance lasts a while
			} else {
				r.out.Missing[t.Item]++
			}
			continue
		}
		if err := r.keep("", lines); err != nil {
			return err
		}
		r.out.Kept++
	}
	return nil
}

// take measures an item on all sides, in an order of its own, and returns a line for each.
// When one of them is starved it doesn't go on to the next.
func (r *Run) take(ctx context.Context, item plan.Item) (lines []string, starved bool, err error) {
	lines = make([]string, len(r.Sides))
	for _, side := range r.order.Perm(len(r.Sides)) {
		s, err := r.Sides[side].Taker.Take(ctx, item, r.Plan.BenchTime)
		if err != nil || s.Starved() {
			return nil, err == nil, err
		}
		lines[side] = s.Line + "\n"
	}
	return lines, false, nil
}

// keep appends what is pending, a sample's line, and the end.
func (r *Run) keep(end string, lines []string) error {
	for i, s := range r.Sides {
		text := r.pending[i] + end
		if lines != nil {
			text = r.pending[i] + lines[i] + end
		}
		if err := s.Keeper.Append(text); err != nil {
			return err
		}
		r.pending[i] = ""
	}
	return nil
}

func (r *Run) wait(ctx context.Context, round, leftInRound int) (quiet.Report, error) {
	p := r.progress(plan.Item{}, round, leftInRound)
	p.Waiting = true
	r.Tell(p)
	from := r.Now()
	report, err := r.Gate.Pass(ctx)
	r.waited += r.Now().Sub(from)
	r.waits++
	return report, err
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
