package load

import "math/rand/v2"

// orders is how many orders a Shuffle goes round in.
const orders = 64

// A Shuffle hands out orders in which to complete a batch of jobs: drawn once from a seed, the same in every run,
// so that drawing costs nothing while it is measured.
//
// Callers: one goroutine.
type Shuffle struct {
	drawn [][]int
	next  int
	batch int
}

// NewShuffle draws orders for batches of that many jobs. A batch of one is in order.
func NewShuffle(batch int, seed uint64) *Shuffle {
	s := &Shuffle{batch: batch}
	r := rand.New(rand.NewPCG(seed, 0))
	for range orders {
		s.drawn = append(s.drawn, r.Perm(batch))
	}
	return s
}

// Next returns the order of the next batch: the numbers below batch, each once. The caller leaves out those that a last
// batch, which may be short, hasn't got.
func (s *Shuffle) Next() []int {
	order := s.drawn[s.next%orders]
	s.next++
	return order
}

// Batch returns how many jobs a batch has.
func (s *Shuffle) Batch() int { return s.batch }
