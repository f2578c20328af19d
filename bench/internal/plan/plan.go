package plan

import (
	"math/rand/v2"
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
}

// Round returns the order of round i. It depends on the seed and i alone.
func (p *Plan) Round(i int) []Item {
	items := append([]Item(nil), p.Items...)
	r := rand.New(rand.NewPCG(p.Seed, uint64(i)))
	r.Shuffle(len(items), func(a, b int) { items[a], items[b] = items[b], items[a] })
	return items
}

// Samples returns how many samples the plan takes if none is thrown away.
func (p *Plan) Samples() int { return len(p.Items) * p.Rounds }

// perSample is a process's start and end; rampUp is how much longer than the wanted
// time a benchmark runs, because it finds its number of iterations by trying.
const (
	perSample = 40 * time.Millisecond
	rampUp    = 1.7
)

// Estimate guesses how long the plan takes, rows with a costly set-up left aside.
func (p *Plan) Estimate() time.Duration {
	one := perSample + time.Duration(rampUp*float64(p.BenchTime))
	return time.Duration(p.Samples())*one + time.Duration(p.Rounds)*time.Second
}
