package fencert

import (
	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/internal/atomicx"
)

// A queue is slots in the order of coming, linked through the arena's link words, which belong to who
// has the slot: Running keeps its life from ending, and the runner is the only one who has it.
type queue struct{ first, last uint32 }

// push appends n, which the caller has. The links are release stores only for the depot's overtaken walkers (D3): the
// runner alone follows them here.
func (q *queue) push(a *arena.Arena, n uint32) {
	atomicx.StoreRelease32(a.Link(n), 0)
	if q.first == 0 {
		q.first = n
	} else {
		atomicx.StoreRelease32(a.Link(q.last), n)
	}
	q.last = n
}

// pop takes the first one out; 0: there is none.
func (q *queue) pop(a *arena.Arena) uint32 {
	n := q.first
	if n != 0 {
		q.first = a.Link(n).Load()
	}
	return n
}
