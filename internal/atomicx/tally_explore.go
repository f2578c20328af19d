//go:build explore

package atomicx

// A Tally is a number that one goroutine at a time changes and any other may read. Here it is a plain one: threads of
// an exploration never run at once, and nothing is decided by a Tally.
type Tally struct{ v uint64 }

// Add adds n, which may be negative as two's complement.
func (t *Tally) Add(n uint64) { t.v += n }

// Set stores v.
func (t *Tally) Set(v uint64) { t.v = v }

// Load returns the number.
func (t *Tally) Load() uint64 { return t.v }
