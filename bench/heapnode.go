package bench

import (
	"sync/atomic"
	"unsafe"
)

// The states of a heapNode. A pending one becomes taken or canceled, once; a
// closed one is made so.
const (
	nodePending uint32 = iota
	nodeTaken
	nodeCanceled
	nodeClosed
)

// A heapNode is one callback in a list, newest first.
//
// ABA: nodes are never reused, so a head that compares equal is the same node.
// Invariant: from a node that was ever in the list, next leads to every pending
// node older than it. A sweep only bypasses canceled nodes, so that a pop that
// read next before the sweep brings back canceled nodes at worst.
type heapNode struct {
	// next is a *heapNode. Plain until the node is published by the CAS on head;
	// atomic afterwards, since one sweeper may change it. An atomic.Pointer would
	// cost a locked store before the publication too.
	next  unsafe.Pointer
	run   Handler
	arg   uint64
	state atomic.Uint32
}

func (n *heapNode) older() *heapNode { return (*heapNode)(atomic.LoadPointer(&n.next)) }

func (n *heapNode) claim(to uint32) bool {
	return n.state.Load() == nodePending && n.state.CompareAndSwap(nodePending, to)
}

// A heapResult is the node that closes a list and carries the result.
type heapResult struct {
	heapNode
	err error
}

// signaledNil closes the lists of all fences that are signaled without an error.
var signaledNil = newHeapResult(nil)

func newHeapResult(err error) *heapResult {
	r := &heapResult{err: err}
	r.state.Store(nodeClosed)
	return r
}

// closedBy returns the result node when n is one, else nil.
//
// Safety: only newHeapResult makes closed nodes, and the node is the first field.
func closedBy(n *heapNode) *heapResult {
	if n == nil || n.state.Load() != nodeClosed {
		return nil
	}
	return (*heapResult)(unsafe.Pointer(n))
}

// sweepAtLeast is how many canceled nodes a list collects before its first sweep.
const sweepAtLeast = 64

// A heapList is a closable list of callbacks without locks.
type heapList struct {
	head     atomic.Pointer[heapNode]
	sweeping atomic.Bool
	dead     atomic.Int32 // canceled nodes behind the head; more or less
	sweepAt  atomic.Int32 // written by the sweeper
}

// push publishes the chain newest..oldest; false: the list is closed.
// Publishes: the fields of the chain. Pairs with: the load of head by drain,
// cancel and sweep.
// Progress: lock-free; a failed CAS means that another push, pop or close won.
func (l *heapList) push(newest, oldest *heapNode) bool {
	for {
		head := l.head.Load()
		if closedBy(head) != nil {
			return false
		}
		oldest.next = unsafe.Pointer(head)
		if l.head.CompareAndSwap(head, newest) {
			return true
		}
	}
}

// shut closes the list with r and returns its newest node; false: it was closed.
func (l *heapList) shut(r *heapResult) (*heapNode, bool) {
	for {
		head := l.head.Load()
		if closedBy(head) != nil {
			return nil, false
		}
		if l.head.CompareAndSwap(head, &r.heapNode) {
			return head, true
		}
	}
}

// unlink takes the canceled node n out: at once when it is the newest, by a later
// sweep otherwise. O(1) amortised.
func (l *heapList) unlink(n *heapNode) {
	if l.head.Load() != n {
		if l.dead.Add(1) >= max(sweepAtLeast, l.sweepAt.Load()) {
			l.sweep()
		}
		return
	}
	for head := n; head != nil && head.state.Load() == nodeCanceled; head = l.head.Load() {
		l.head.CompareAndSwap(head, head.older())
	}
}

// sweep bypasses the canceled nodes behind the head. One sweeper at a time; the
// others go on without.
func (l *heapList) sweep() {
	if !l.sweeping.CompareAndSwap(false, true) {
		return
	}
	l.dead.Store(0)
	alive := int32(0)
	if at := l.head.Load(); at != nil && closedBy(at) == nil {
		for n := at.older(); n != nil; n = n.older() {
			if n.state.Load() == nodeCanceled {
				atomic.StorePointer(&at.next, atomic.LoadPointer(&n.next))
				continue
			}
			at = n
			alive++
		}
	}
	l.sweepAt.Store(alive)
	l.sweeping.Store(false)
}
