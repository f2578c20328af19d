package plan

import (
	"math/rand/v2"
	"slices"
	"time"
)

// A Plan is a run: each item once per round, each round in an order of its own. A drift
// of the machine then spreads over all rows instead of looking like a difference
// between two of them. A Plan is read-only once made.
type Plan struct {
	Items     []Item
	Rounds    int
	Seed      uint64
	BenchTime time.Duration // of one sample

	Builds int                   // how many builds are measured side by side; 0 is one
	Costs  map[Row]time.Duration // what a row takes to set up; of those that aren't in it, nothing is known
}

// Round returns the order of round i. It depends on the items, the seed and i alone. Rounds after
// the first Few are without the long rows.
func (p *Plan) Round(i int) []Item {
	items := append([]Item(nil), p.Items...)
	r := rand.New(rand.NewPCG(p.Seed, uint64(i)))
	r.Shuffle(len(items), func(a, b int) { items[a], items[b] = items[b], items[a] })
	if i < Few {
		return items
	}
	return slices.DeleteFunc(items, func(i Item) bool { return IsLong(i.Row) })
}

// Samples returns how many samples of each build the plan takes if none is thrown away.
func (p *Plan) Samples() int { return p.SamplesFrom(0) }

// SamplesFrom returns how many of them are left when round i begins.
func (p *Plan) SamplesFrom(i int) int {
	long := 0
	for _, item := range p.Items {
		if IsLong(item.Row) {
			long++
		}
	}
	return max(0, p.Rounds-i)*(len(p.Items)-long) + max(0, min(p.Rounds, Few)-i)*long
}

// perSample is a process's start and end; rampUp is how much longer than the wanted
// time a benchmark runs, because it finds its number of iterations by trying.
const (
	perSample = 40 * time.Millisecond
	rampUp    = 1.7
)

// perRound is the look at the machine before each round.
const perRound = time.Second

// Estimate guesses how long the plan takes on a quiet machine.
func (p *Plan) Estimate() time.Duration {
	var all time.Duration
	for _, item := range p.Items {
		n := p.Rounds
		if IsLong(item.Row) {
			n = min(n, Few)
		}
		one := perSample + time.Duration(rampUp*float64(p.BenchTime)) + p.Costs[item.Row]
		all += time.Duration(n*max(1, p.Builds)) * one
	}
	return all + time.Duration(p.Rounds)*perRound
}
