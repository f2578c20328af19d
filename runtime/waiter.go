package fencert

import (
	"time"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/depot"
)

// A waiter is the record of one goroutine that waits, for one fence or for several, or of one channel of Done. On each fence
// it is a callback like any other, whose handler puts it on the Local's list of those to be woken after the callbacks.
//
// # The state
//
//	bit  63      parked: the goroutine needs a wake-up; set and cleared by it alone
//	bits[32:63]  fired: callbacks whose fence has been signaled, with all its callbacks done
//	bits[0:32]   references: one for each callback that may still come, and one for the goroutine while it is there
//
// A callback that comes is one Add: fired + 1, references - 1. The goroutine waits for need of them. Whose Add makes fired
// equal to need while parked is set gives the wake-up, exactly once; before it has come, the goroutine doesn't leave. A
// goroutine that leaves takes its own reference back, and those of the callbacks that it has canceled, by one Add. Whose Add
// leaves no reference frees the record (R8). So a wait never sits behind a callback that it could not cancel.
//
// # Waking in chunks
//
// A waiter that is parked for one fence may be given a chunk: others of the same fence, which it wakes when it has seen fired.
// So the signaler pays for one wake-up in chunkSize. Where the goroutine has left meanwhile, the signaler is the last to
// refer to the record, and wakes the chunk itself: the Add decides who does.
type waiter struct {
	// What a signaler touches of a waiter for one fence lies on one line.
	state  atomicx.Uint64
	result atomicx.Cell[error]   // of a wait for one fence; written by the signaler, read after fired was seen
	chunk  atomicx.Cell[uint64]  // likewise
	lead   atomicx.Cell[*waiter] // the record that has the state: itself, or that of another runtime
	parker atomicx.Parker
	need   atomicx.Cell[uint32] // 0: a channel of Done
	index  uint32
	few    [fewFences]wakeLink // by position among the fences

	// What is not of the signalers is plain: written by who takes the record, before the first callback is added.
	many    []wakeLink // for the positions after few
	home    *waiters
	next    *waiter       // the records of other runtimes for the same wait
	timer   *time.Timer   // stopped between waits
	channel chan struct{} // of Done
	view    waitView      // what others see of it
	_       [56]byte
}

// A wakeLink is the next on a signaler's list of those to be woken. Written and read by that signaler, or by who was given
// the list as a chunk.
type wakeLink = atomicx.Cell[uint64]

// fewFences is for how many fences a wait doesn't allocate.
const fewFences = 8

// chunkSize is how many waiters one wake-up stands for.
const chunkSize = 32

const (
	oneReference = 1
	oneFired     = 1 << 32
	parked       = 1 << 63
)

func references(state uint64) uint32 { return uint32(state) }
func fired(state uint64) uint32      { return uint32(state &^ parked >> 32) }

// waiters are the records, by index from 1.
type waiters struct {
	depot    *depot.Depot
	records  []waiter
	spin     spinner
	strategy Strategy // of waits for several fences
	waitTally
}

func (ws *waiters) init(n int, s Strategy) {
	ws.strategy = s
	ws.depot, ws.records = depot.New(uint32(n)), make([]waiter, n+1)
	ws.spin.init()
}

// take returns a record for that many callbacks, need of which end the wait, 0 for a channel; nil when there is none. Its
// first use allocates the parker.
func (ws *waiters) take(callbacks, need int) *waiter {
	var i [1]uint32
	if ws.depot.Take(i[:]) == 0 {
		return nil
	}
	w := &ws.records[i[0]]
	if w.home == nil {
		w.home, w.index, w.parker = ws, i[0], atomicx.NewParker()
	}
	w.lead.Set(w)
	w.need.Set(uint32(need))
	w.chunk.Set(0)
	// The record is ours alone: the CAS that adds its first callback publishes all this.
	w.state.Store(uint64(callbacks + 1))
	if callbacks > fewFences {
		w.many = make([]wakeLink, callbacks-fewFences)
	}
	return w
}

// put gives the record back, with those of other runtimes. Who calls it has the last reference.
func (w *waiter) put() {
	for w != nil {
		next := w.next
		w.view.end()
		w.next, w.many, w.channel = nil, nil, nil
		w.result.Set(nil)
		w.lead.Set(nil)
		w.home.depot.Put([]uint32{w.index})
		w = next
	}
}

// arg is the argument of the callback on the fence at that position: bits[32:64] position, bits[0:32] index.
func (w *waiter) arg(position int) uint64 { return uint64(position)<<32 | uint64(w.index) }

// at is the record that arg names, and the link of its position.
func (ws *waiters) at(arg uint64) (*waiter, *wakeLink) {
	w := ws.records[uint32(arg)].lead.Get()
	position := arg >> 32
	if position < fewFences {
		return w, &w.few[position]
	}
	return w, &w.many[position-fewFences]
}

// done tells whether the wait has ended.
func (w *waiter) done() bool {
	// Pairs with: the Add in fire.
	return fired(w.state.Load()) >= w.need.Get()
}

// drop gives up references of the goroutine's side: its own, and those of callbacks that were canceled.
func (w *waiter) drop(n int) {
	// Pairs with: the Add in fire; whose leaves none is last (R8). ABA: none, it is a count. No loop.
	if references(w.state.Add(-uint64(n))) == 0 {
		w.pass()
		w.put()
	}
}
