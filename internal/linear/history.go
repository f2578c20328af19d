package linear

import (
	"fmt"
	"sync/atomic"

	"github.com/fencert/fencert/internal/atomicx"
)

// An Operation is one step of one call: what was asked and answered, and when the call began and ended.
type Operation[O fmt.Stringer] struct {
	Op           O
	Thread, Step int
	Call, Return int64

	noted bool // by Note
}

// Overlaps tells whether the two calls went on at the same time.
func (x Operation[O]) Overlaps(y Operation[O]) bool { return x.Call < y.Return && y.Call < x.Return }

// A History is what some threads recorded of one run. Make one with NewHistory; it must not be copied.
type History[O fmt.Stringer] struct {
	clock   atomic.Int64
	threads []Thread[O]
}

// NewHistory is an empty history of the given number of threads.
func NewHistory[O fmt.Stringer](threads int) *History[O] {
	h := &History[O]{threads: make([]Thread[O], threads)}
	for k := range h.threads {
		h.threads[k].history, h.threads[k].id = h, k
	}
	return h
}

// Thread is the k-th thread, from 0. One goroutine at a time may use it.
func (h *History[O]) Thread(k int) *Thread[O] { return &h.threads[k] }

// Operations are all that were recorded, by thread. Nobody may be recording.
func (h *History[O]) Operations() (all []Operation[O]) {
	for k := range h.threads {
		all = append(all, h.threads[k].did...)
	}
	return all
}

// A Thread records the calls of one goroutine, one after the other.
type Thread[O fmt.Stringer] struct {
	history *History[O]
	id      int
	yield   atomicx.Uint32 // nothing but that
	call    int64          // when the present one began
	did     []Operation[O]
}

// Do makes a call and records it: f makes it and tells what was asked and answered.
func (t *Thread[O]) Do(f func() O) { t.Steps(func() []O { return []O{f()} }) }

// Steps is Do for a call in several steps; with none nothing is recorded: it has changed nothing and told nothing.
func (t *Thread[O]) Steps(f func() []O) {
	t.yield.Load() // under the explorer: others may go on until just before the call
	t.Begin()
	t.End(f()...)
}

// Begin and End are Steps for a call that ends somewhere else than it begins, perhaps on another goroutine.
func (t *Thread[O]) Begin() { t.call = t.history.clock.Add(1) }

// End ends what Begin began.
func (t *Thread[O]) End(steps ...O) {
	end := t.history.clock.Add(1)
	for k, o := range steps {
		t.did = append(t.did, Operation[O]{o, t.id, k, t.call, end, false})
	}
}

// Note records what happens at this moment, in the middle of another call: a callback runs. For a thread of its own, since
// the operation of that call comes later.
func (t *Thread[O]) Note(o O) {
	t.Begin()
	t.End(o)
	t.did[len(t.did)-1].noted = true
}

// Wrote records an operation of a made-up history; of those of one thread the calls must be given in their order.
func (h *History[O]) Wrote(thread int, call, end int64, steps ...O) {
	for k, o := range steps {
		h.threads[thread].did = append(h.threads[thread].did, Operation[O]{o, thread, k, call, end, false})
	}
}

// Sequence is the history of one thread that did these operations, each a call of its own.
func Sequence[O fmt.Stringer](ops ...O) *History[O] {
	h := NewHistory[O](1)
	for _, o := range ops {
		h.Thread(0).Note(o)
	}
	return h
}
