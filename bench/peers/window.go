package peers

import (
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// none is an index that doesn't come.
const none = ^uint64(0)

// A window counts which indices are open, and tells until where all are done; see the package comment for P1 to P6.
type window struct {
	places []atomicx.Int64 // tallies of until ... until+len-1, each at its index modulo len
	mask   uint64

	_    pad.Line
	last atomicx.Uint64 // no lower than any index in places
	stop atomicx.Uint64 // what the last turn was stopped by; none: by nothing

	_     pad.Line
	until atomicx.Uint64 // written by the owner
	floor atomicx.Uint64 // until here all are done whatever was counted; only rises
	turn  atomicx.Uint32
	_     pad.Line

	far far
}

// The states of turn.
const (
	idle  uint32 = iota
	owned        // a goroutine looks what is done
	asked        // and will look again
)

// newWindow makes one with that many places, a power of two, in which all up to until are done.
func newWindow(places int, until uint64) *window {
	w := &window{places: make([]atomicx.Int64, places), mask: uint64(places - 1)}
	w.far.open = map[uint64]int64{}
	w.until.Store(until)
	w.last.Store(until)
	w.floor.Store(until)
	w.stop.Store(none)
	return w
}

func (w *window) place(index uint64) *atomicx.Int64 { return &w.places[index&w.mask] }

// count adds n to what is open at index; n isn't 0. False: the index lies below until.
func (w *window) count(index uint64, n int64) bool {
	for {
		until := w.until.Load()
		if index < until {
			return false
		}
		if index-until > w.mask {
			if w.countFar(index, n) {
				return true
			}
			continue // the window has moved since
		}
		raise(&w.last, index)
		if t := w.add(index, n); n < 0 || !t.open() || w.until.Load() <= index {
			return true
		}
		// It was passed between the two looks, so it was begun out of order: P6.
		w.takeBack(index, n)
		return false
	}
}

// raise makes a word no lower than n.
func raise(word *atomicx.Uint64, n uint64) {
	// Publishes: that there is something up to n. Pairs with: the load in turns of the owner.
	// ABA: it only rises. Progress: a failed CAS means that another one raised it.
	for v := word.Load(); v < n && !word.CompareAndSwap(v, n); v = word.Load() {
	}
}

// add counts in the window and returns what is there now.
func (w *window) add(index uint64, n int64) tally {
	p := w.place(index)
	for {
		old := p.Load()
		t := tally(old).plus(n)
		// Publishes: that the index is open, or done. Pairs with: the owner's CAS, which empties the place (P3).
		// ABA: nothing but what is in the word matters. Progress: a failed CAS means that another one counted, or the owner passed.
		if p.CompareAndSwap(old, int64(t)) {
			return t
		}
	}
}

// takeBack undoes an add that came too late: the place may be another index's by now.
func (w *window) takeBack(index uint64, n int64) {
	p := w.place(index)
	for {
		old := p.Load()
		t := tally(old).plus(-n)
		if t == spoken {
			t = 0
		}
		// As in add.
		if p.CompareAndSwap(old, int64(t)) {
			return
		}
	}
}
