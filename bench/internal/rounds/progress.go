package rounds

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/results"
)

// A Progress says how far a run is.
type Progress struct {
	Round, Rounds int
	Done, Total   int
	Rejected      int
	Waiting       bool // for a quiet machine; else for the next sample
	Next          plan.Item
	Left          time.Duration
}

// progress guesses the time left from what samples and waits have taken so far; a wait before each
// round that is to come.
func (r *Run) progress(next plan.Item, round, leftInRound int) Progress {
	taken := r.out.Kept - r.From.Kept + total(r.out.Rejected)
	left := leftInRound + r.Plan.SamplesFrom(round+1)
	each := r.Plan.Estimate() / time.Duration(max(1, r.Plan.Samples()))
	if taken >= min(10, len(r.Plan.Items)) {
		each = (r.Now().Sub(r.started) - r.waited) / time.Duration(taken)
	}
	return Progress{
		Round: round + 1, Rounds: r.Plan.Rounds,
		Done: r.Plan.Samples() - left, Total: r.Plan.Samples(),
		Rejected: total(r.out.Rejected), Next: next,
		Left: time.Duration(left)*each + r.waitsLeft(round),
	}
}

// waitsLeft guesses how long the waits before the rounds that are to come take: what those so far did, and no
// longer than the gate is willing to.
func (r *Run) waitsLeft(round int) time.Duration {
	if r.waits == 0 {
		return 0
	}
	rounds := time.Duration(r.Plan.Rounds - 1 - round)
	left := rounds * r.waited / time.Duration(r.waits)
	if g, ok := r.Gate.(interface{ Patience() time.Duration }); ok {
		left = min(left, rounds*time.Second+g.Patience())
	}
	return left
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
		note("%s: %d samples in %v", completeNote, r.out.Kept, r.Now().Sub(r.started).Round(time.Second))
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
