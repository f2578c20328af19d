package fencert

import (
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/depot"
)

// A waiter is one goroutine in Wait. It is a callback on the fence like any other, whose handler puts it
// on the Local's list of those to be woken after the callbacks.
//
//	spinning --> parked --> done       the signaler swaps in done, and wakes whom it found parked
//	     |          `-----> abandoned  the goroutine left, for its context.Context ended while the
//	     `---> done                    callbacks before it ran: the signaler frees the record
type waiter struct {
	state  atomicx.Uint32
	parker atomicx.Parker
	made   bool // parker was; owner: who has the record
	// Written by the signaler, read by the waiter after it has seen done.
	result atomicx.Cell[error]
	next   atomicx.Cell[uint32]
	view   waitView // what others see of it
}

const (
	spinning = iota
	parked
	done
	abandoned
)

// waiters are the records, by index from 1.
type waiters struct {
	depot   *depot.Depot
	records []waiter
	waitTally
}

func newWaiters(n int) waiters {
	return waiters{depot: depot.New(uint32(n)), records: make([]waiter, n+1)}
}

// take returns a record in state spinning, 0 when there is none. Its first use allocates the parker.
func (ws *waiters) take() uint32 {
	var i [1]uint32
	if ws.depot.Take(i[:]) == 0 {
		return 0
	}
	w := &ws.records[i[0]]
	if !w.made {
		w.parker, w.made = atomicx.NewParker(), true
	}
	w.state.Store(spinning) // the record is ours alone: the CAS that adds its callback publishes it
	return i[0]
}

func (ws *waiters) put(i uint32) {
	ws.records[i].view.end()
	ws.records[i].result.Set(nil)
	ws.depot.Put([]uint32{i})
}

// collectWaiter is the handler of waiters: it runs among the callbacks and wakes nobody yet.
func collectWaiter(l *Local, arg uint64, result error) {
	w := &l.runtime.waiters.records[arg]
	w.result.Set(result)
	f := l.innermost()
	w.next.Set(f.wake)
	f.wake = uint32(arg)
}

// wakeAll wakes a list of waiters.
func (ws *waiters) wakeAll(i uint32) {
	for i != 0 {
		w := &ws.records[i]
		next := w.next.Get() // w may be another's right after the swap
		// Publishes: result. Pairs with: the load of state in spin, the CAS in park and leave.
		switch w.state.Swap(done) {
		case parked:
			w.parker.Wake()
		case abandoned:
			ws.put(i)
		}
		i = next
	}
}
