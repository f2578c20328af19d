package commit

import (
	"container/heap"
	"context"
	"math"
	"sync"
	"sync/atomic"
)

// A heapMark keeps those who wait in a binary heap under a mutex, the lowest position on top. It touches only those it reaches, and
// reuses their channels.
type heapMark struct {
	at      atomic.Uint64 // moves under mu
	mu      sync.Mutex
	err     error // under mu; set before those who wait are woken for it
	waiting waiterHeap
	due     []*heapWaiter // of the syncing goroutine
	idle    sync.Pool     // of *heapWaiter with an empty channel
}

// A heapWaiter belongs to its wait until that has received the wake-up or taken it out of the heap.
type heapWaiter struct {
	position uint64
	index    int           // under mu: its place in the heap; -1: taken out
	wake     chan struct{} // room for one
}

// MutexHeap is the way of a binary heap under a mutex.
var MutexHeap = Way{"mutexheap", func(waiters int) (Mark, error) {
	m := &heapMark{waiting: make(waiterHeap, 0, waiters), due: make([]*heapWaiter, 0, waiters)}
	m.idle.New = func() any { return &heapWaiter{wake: make(chan struct{}, 1)} }
	return m, nil
}}

func (m *heapMark) Wait(ctx context.Context, position uint64) error {
	// Pairs with: the Store in Reach, whose sync was before it.
	if m.at.Load() >= position {
		return nil
	}
	m.mu.Lock()
	if m.at.Load() >= position || m.err != nil || ctx.Err() != nil {
		defer m.mu.Unlock()
		return m.answer(ctx, position)
	}
	w := m.idle.Get().(*heapWaiter)
	w.position = position
	heap.Push(&m.waiting, w)
	m.mu.Unlock()
	select {
	case <-w.wake:
	case <-ctx.Done():
		if !m.leave(w) {
			<-w.wake // it was taken out already: the wake-up is on its way, and must not be left to w's next wait
		}
	}
	m.idle.Put(w)
	if m.at.Load() >= position {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answer(ctx, position)
}

// leave takes w out of the heap; false when that was done already.
func (m *heapMark) leave(w *heapWaiter) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if w.index < 0 {
		return false
	}
	heap.Remove(&m.waiting, w.index)
	return true
}

// answer is what Wait returns. Under mu.
func (m *heapMark) answer(ctx context.Context, position uint64) error {
	switch {
	case m.at.Load() >= position:
		return nil
	case m.err != nil:
		return m.err
	}
	return context.Cause(ctx)
}

func (m *heapMark) Reach(position uint64) {
	m.mu.Lock()
	m.at.Store(position)
	m.release(position)
}

func (m *heapMark) Fail(err error) {
	m.mu.Lock()
	m.err = err
	m.release(math.MaxUint64)
}

// release takes out those who wait for position or less, unlocks mu, and wakes them.
func (m *heapMark) release(position uint64) {
	m.due = m.due[:0]
	for len(m.waiting) > 0 && m.waiting[0].position <= position {
		m.due = append(m.due, heap.Pop(&m.waiting).(*heapWaiter))
	}
	m.mu.Unlock()
	for _, w := range m.due {
		w.wake <- struct{}{} // doesn't block: one for each wait, and each receives its own
	}
	clear(m.due)
}

func (*heapMark) Close() {}

// A waiterHeap is a heap.Interface whose elements know their places.
type waiterHeap []*heapWaiter

func (h waiterHeap) Len() int           { return len(h) }
func (h waiterHeap) Less(i, j int) bool { return h[i].position < h[j].position }

func (h waiterHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *waiterHeap) Push(x any) {
	w := x.(*heapWaiter)
	w.index = len(*h)
	*h = append(*h, w)
}

// Pop implements heap.Interface.
func (h *waiterHeap) Pop() any {
	last := len(*h) - 1
	w := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	w.index = -1
	return w
}
