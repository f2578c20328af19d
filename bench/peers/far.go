package peers

import (
	"container/heap"

	"github.com/fencert/fencert/internal/atomicx"
)

// A far counts the indices beyond the window: those of who began much later than the oldest that is open, or who leaves gaps as
// wide. It is a heap and a map, as the original has for all, allocates as they do, and is the one place with a lock.
type far struct {
	indices atomicx.Uint64 // in open, or about to be; looked at without the lock
	last    atomicx.Uint64 // no lower than any index that was ever in open; likewise
	lock    lock
	open    map[uint64]int64
	heap    lowestFirst
}

// countFar is count for an index that was seen beyond the window. False: it isn't any more, and nothing was counted.
func (w *window) countFar(index uint64, n int64) bool {
	w.far.lock.Lock()
	defer w.far.lock.Unlock()
	// Claims: the attention of the owner, before the second look at until. Pairs with: the load in moveIn, which comes after the
	// store of until. So of the two one sees the other (P4).
	w.far.indices.Add(1)
	until := w.until.Load()
	if index < until || index-until <= w.mask {
		w.far.indices.Add(^uint64(0))
		return false
	}
	raise(&w.far.last, index)
	if _, known := w.far.open[index]; known {
		w.far.indices.Add(^uint64(0))
	} else {
		heap.Push(&w.far.heap, index)
	}
	w.far.open[index] += n
	return true
}

// drop takes the lowest index out. Callers: who has the lock.
func (f *far) drop() (index uint64, n int64) {
	index = heap.Pop(&f.heap).(uint64)
	n = f.open[index]
	delete(f.open, index)
	f.indices.Add(^uint64(0))
	return index, n
}

// moveIn takes what the window has reached into it. Callers: the owner, after each store of until.
func (w *window) moveIn() {
	// Pairs with: the Add in countFar.
	if w.far.indices.Load() == 0 {
		return
	}
	w.far.lock.Lock()
	defer w.far.lock.Unlock()
	until := w.until.Load()
	for len(w.far.heap) > 0 && w.far.heap[0]-until <= w.mask {
		index, n := w.far.drop()
		raise(&w.last, index)
		w.add(index, n) // the place is this index's: who counts it now finds it here too, and sums don't mind
	}
}

// passFar goes on to last, beyond a window in which nothing is open. It returns the last index that is done, 0 when that is none, and
// the first that is open. Callers: the owner.
func (w *window) passFar(last, counts uint64) (done, open uint64) {
	w.far.lock.Lock()
	defer w.far.lock.Unlock()
	for len(w.far.heap) > 0 && w.far.heap[0] <= last {
		index := w.far.heap[0]
		if w.far.open[index] > 0 && index >= counts {
			return done, index
		}
		w.far.drop()
		done = index
	}
	return done, none
}

// lowestFirst is a heap for package heap.
type lowestFirst []uint64

func (h lowestFirst) Len() int           { return len(h) }
func (h lowestFirst) Less(i, j int) bool { return h[i] < h[j] }
func (h lowestFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is for package heap.
func (h *lowestFirst) Push(x any) { *h = append(*h, x.(uint64)) }

// Pop is for package heap.
func (h *lowestFirst) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
