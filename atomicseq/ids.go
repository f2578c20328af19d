package atomicseq

// IDs hands out ids of fence contexts: 1, 2, 3, … The id 0 is reserved for the
// context of fences that were born signaled, and never handed out.
//
// The zero IDs is ready. It must not be copied after first use.
// Callers: any goroutine may call any method at any time.
// Ordering: none beyond the uniqueness of the ids.
// Progress: wait-free (lock-free where the processor has no atomic add).
// Errors: ErrRange after the id Max, from then on for ever.
type IDs struct{ counter Counter }

// Next returns an id that no other call returns. One atomic add.
func (i *IDs) Next() (uint64, error) { return i.counter.Next() }

// Last returns the largest id handed out so far, 0 before the first. One load.
func (i *IDs) Last() uint64 { return i.counter.Last() }
