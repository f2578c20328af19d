package bench

import "github.com/fencert/fencert/internal/atomicx"

// slotStock is how many free slots a worker takes from the depot at a time, and
// half of what it keeps at most.
const slotStock = 64

// A slotDepot holds the free slots that no worker keeps.
type slotDepot struct {
	mu    atomicx.Mutex
	slots []*pooledSlot
}

// A slotList is one worker's free list over the depot, last in first out: the
// slice of the slot used last is still in the cache. It is faster than a
// sync.Pool, which also loses entries at each collection.
//
// Callers: the worker's goroutine. Cost: the depot's lock once in slotStock
// calls at most.
type slotList struct {
	depot *slotDepot
	slots []*pooledSlot
}

func (l *slotList) get() *pooledSlot {
	n := len(l.slots)
	if n == 0 {
		n = l.refill()
	}
	s := l.slots[n-1]
	l.slots = l.slots[:n-1]
	return s
}

func (l *slotList) put(s *pooledSlot) {
	if len(l.slots) == 2*slotStock {
		l.spill(slotStock)
	}
	l.slots = append(l.slots, s)
}

//go:noinline
func (l *slotList) refill() int {
	if l.slots == nil {
		l.slots = make([]*pooledSlot, 0, 2*slotStock)
	}
	d := l.depot
	d.mu.Lock()
	defer d.mu.Unlock()
	left := max(0, len(d.slots)-slotStock)
	if left == len(d.slots) {
		panic(ErrExhausted)
	}
	l.slots = append(l.slots, d.slots[left:]...)
	d.slots = d.slots[:left]
	return len(l.slots)
}

//go:noinline
func (l *slotList) spill(n int) {
	d := l.depot
	keep := len(l.slots) - n
	d.mu.Lock()
	d.slots = append(d.slots, l.slots[keep:]...)
	d.mu.Unlock()
	l.slots = l.slots[:keep]
}

func (l *slotList) close() { l.spill(len(l.slots)) }
