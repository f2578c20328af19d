package bench

import (
	"context"
	"sync/atomic"
	"unsafe"
)

// A heapFence is lock-free: its list of callbacks is closed with the result.
type heapFence struct {
	callbacks heapList
	waiters   atomic.Pointer[chan struct{}] // made by the first Wait that parks
	seqno     uint64
}

type heapWorld struct{}

// NewHeap returns the world of impl=heap: a lock-free list of heap-allocated
// callbacks on a heap-allocated fence. The collector frees both, which also
// answers ABA.
func NewHeap(Sizes) World[*heapFence, *heapNode] { return heapWorld{} }

func (heapWorld) Close() {}

func (heapWorld) NewWorker(h Handler) Worker[*heapFence, *heapNode] {
	w := new(heapWorker)
	w.callback = w.handler(h)
	return w
}

type heapWorker struct {
	tally
	callback Handler
	seqno    uint64
	drained  []*heapNode // scratch of Signal; nil while a Signal uses it
}

func (w *heapWorker) Arm() *heapFence {
	w.seqno++
	return &heapFence{seqno: w.seqno}
}

func (w *heapWorker) Add(f *heapFence, arg uint64) (*heapNode, bool) {
	n := &heapNode{run: w.callback, arg: arg}
	return n, f.callbacks.push(n, n)
}

func (w *heapWorker) AddMany(f *heapFence, args []uint64) int {
	if len(args) == 0 {
		return 0
	}
	block := make([]heapNode, len(args))
	for i, arg := range args {
		block[i].run, block[i].arg = w.callback, arg
		if i > 0 {
			block[i].next = unsafe.Pointer(&block[i-1])
		}
	}
	if !f.callbacks.push(&block[len(block)-1], &block[0]) {
		return 0
	}
	return len(args)
}

func (w *heapWorker) Cancel(f *heapFence, n *heapNode) bool {
	if !n.claim(nodeCanceled) {
		return false
	}
	f.callbacks.unlink(n)
	return true
}

func (w *heapWorker) Signal(f *heapFence, err error) bool {
	r := signaledNil
	if err != nil {
		r = newHeapResult(err)
	}
	newest, ok := f.callbacks.shut(r)
	if !ok {
		return false
	}
	// Pairs with: Wait stores waiters, then looks at the list again. One of the
	// two sees the other.
	defer func() {
		if wake := f.waiters.Load(); wake != nil {
			close(*wake)
		}
	}()
	if newest != nil {
		w.runAll(newest, err)
	}
	return true
}

// runAll runs the list from its oldest node on. It collects the nodes first: their
// links may still be read, and changed, by a cancel or a sweep under way.
func (w *heapWorker) runAll(newest *heapNode, err error) {
	nodes := w.drained[:0]
	w.drained = nil // a callback may signal another fence with this worker
	for n := newest; n != nil; n = n.older() {
		nodes = append(nodes, n)
	}
	defer func() {
		clear(nodes)
		w.drained = nodes
	}()
	runNodes(nodes, err, false)
}

// runNodes is runEach for nodes that still have to be claimed, the last one first.
func runNodes(nodes []*heapNode, err error, swallow bool) {
	i := len(nodes) - 1
	defer func() {
		if i >= 0 {
			if swallow {
				_ = recover()
			}
			runNodes(nodes[:i], err, true)
		}
	}()
	for ; i >= 0; i-- {
		if n := nodes[i]; n.claim(nodeTaken) {
			n.run(n.arg, err)
		}
	}
}

func (w *heapWorker) Drop(*heapFence) {}

func (w *heapWorker) Finish(f *heapFence, err error) bool { return w.Signal(f, err) }

func (w *heapWorker) Signaled(f *heapFence) bool { return closedBy(f.callbacks.head.Load()) != nil }

func (w *heapWorker) Hold(*heapFence) bool { return true }

func (w *heapWorker) Err(f *heapFence) error {
	r := closedBy(f.callbacks.head.Load())
	if r == nil {
		return ErrPending
	}
	return r.err
}

func (w *heapWorker) Release(*heapFence) {}

func (w *heapWorker) Wait(ctx context.Context, f *heapFence, s Strategy) error {
	if w.Signaled(f) {
		return w.Err(f)
	}
	if s == Spin {
		if !spinUntil(ctx, func() bool { return w.Signaled(f) }) {
			return context.Cause(ctx)
		}
		return w.Err(f)
	}
	wake := f.waiters.Load()
	if wake == nil {
		made := make(chan struct{})
		if wake = &made; !f.waiters.CompareAndSwap(nil, wake) {
			wake = f.waiters.Load()
		}
	}
	if w.Signaled(f) || parkUntil(ctx, *wake) || w.Signaled(f) {
		return w.Err(f)
	}
	return context.Cause(ctx)
}

func (w *heapWorker) Seqno(f *heapFence) uint64 { return f.seqno }

func (w *heapWorker) Close() {}
