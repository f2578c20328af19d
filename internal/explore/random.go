//go:build explore

package explore

import "math/rand/v2"

// dice draws one schedule. Every second one is a walk, each step as likely as any other; those between follow
// priorities.
type dice struct {
	*rand.Rand
	walk     bool
	priority [agents]int
	lowest   int
	changes  []int // steps at which the running agent gets the lowest priority so far
}

// newDice makes the n-th strategy of a seed, for runs about as long as the longest so far.
func newDice(o Options, n uint64, longest int) *dice {
	d := &dice{Rand: rand.New(rand.NewPCG(o.Seed, n)), walk: n%2 == 0}
	for i, p := range d.Perm(agents) {
		d.priority[i] = p
	}
	for range o.Preemptions {
		d.changes = append(d.changes, d.IntN(max(longest, 16)))
	}
	return d
}

func (d *dice) take(r *run, c *choice) uint8 {
	if d.walk || c.value {
		return uint8(d.IntN(int(c.count)))
	}
	for _, at := range d.changes {
		if at == r.steps && r.current != nil {
			d.lowest--
			d.priority[r.current.id] = d.lowest
		}
	}
	best := 0
	for i, a := range c.enabled[:c.count] {
		if d.priority[a] > d.priority[c.enabled[best]] {
			best = i
		}
	}
	return uint8(best)
}
