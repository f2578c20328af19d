package cbqueue

import (
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// A Run is the callbacks of a closed list in the order in which they were added.
type Run struct {
	first      uint32 // the next one to run; not dense: 0 at the end
	head, tail uint32 // the whole list, newest and oldest
	count      uint32
	left       uint32 // dense: still to run
	step       uint32 // dense: from each to the one added after it; else 0, and aux leads there
}

// ClaimOne is Claim and Next for a list of one callback, small enough to be inlined. false: there may be more; call Claim.
// What it has claimed is freed by FreeOne, or by what frees Single's Run.
func (o *Owner) ClaimOne(head uint64) (handler uint32, arg uint64, ok bool) {
	n := o.view.node(uint32(head & HeadMask))
	word := n.word.Load()
	// Pairs with: the CAS to tentative in Cancel (Q3). The list was closed before.
	if n.next.Load()|uint32(word&stateMask) != 0 {
		return 0, 0, false
	}
	o.counts.ran.Add(1)
	return uint32(word>>handlerShift) & MaxHandler, n.arg.Get(), true
}

// FreeOne is Free after ClaimOne.
func (o *Owner) FreeOne(head uint64) {
	i := uint32(head & HeadMask)
	atomicx.StoreRelease32(&o.view.node(i).next, o.free)
	o.free = i
	o.count++
}

// Single is the Run of a list that ClaimOne has claimed, with nothing left to run.
func Single(head uint64) Run {
	i := uint32(head & HeadMask)
	return Run{head: i, tail: i, count: 1}
}

// Claim takes the callbacks of a list that the caller has just closed into r; head is the word before
// it was closed. Whoever closed it calls this once, then Next until it ends, then Release.
// O(callbacks); no read-modify-write but for a node that is being canceled at this moment.
func (o *Owner) Claim(r *Run, head uint64) {
	if i := uint32(head & HeadMask); !o.claimDense(r, i) {
		o.claimAll(r, i)
	}
}

// claimDense is Claim for a list of pending callbacks whose nodes lie side by side, as those do that were allocated
// together: the walk guesses the next index and compares, which leaves the processor branches to predict where it would have
// to wait for one load after the other; and it stores nothing. false: the list isn't such a one, and nothing was claimed.
func (o *Owner) claimDense(r *Run, head uint32) bool {
	v, i := o.view, head
	n := v.node(i)
	next := n.next.Load()
	step := next - i
	if next == 0 || step != 1 && step+1 != 0 {
		return false
	}
	count := uint32(1)
	// Pairs with: the CAS to tentative in Cancel (Q3). The list was closed before.
	for n.word.Load()&stateMask == pending {
		if next == 0 {
			r.first, r.head, r.tail, r.count, r.left, r.step = i, head, i, count, count, -step
			o.counts.ran.Add(uint64(count))
			return true
		}
		if next != i+step {
			return false
		}
		i += step
		count++
		n = v.node(i)
		next = n.next.Load()
	}
	return false
}

// claimAll is Claim for any list.
//
//go:noinline
func (o *Owner) claimAll(r *Run, head uint32) {
	v := o.view
	var first, tail, count, dead uint32
	for i := head; i != 0; {
		n := v.node(i)
		if p := n.word.Load(); p&stateMask == pending || n.claim(p) { // as in claimDense
			n.aux.Set(first)
			first = i
		} else {
			dead++
		}
		tail = i
		count++
		i = n.next.Load() // the sweeper may be unlinking dead nodes
	}
	r.first, r.head, r.tail, r.count, r.left, r.step = first, head, tail, count, 0, 0
	o.counts.ran.Add(uint64(count - dead))
}

// claim decides against a canceler between its two steps; p is the node's word. false: it is canceled.
//
//go:noinline
func (n *node) claim(p uint64) bool {
	// Owns: the callback. Pairs with: the CAS to canceled in Cancel; one of the two wins. ABA: the word carries the node's
	// generation. No loop.
	return p&stateMask == tentative && n.word.CompareAndSwap(p, p&^stateMask|claimed)
}

// Next takes the next callback out of the run. ok is false at the end.
func (r *Run) Next(v View) (handler uint32, arg uint64, ok bool) {
	if r.step != 0 {
		return r.NextDense(v)
	}
	if r.first == 0 {
		return 0, 0, false
	}
	n := v.node(r.first)
	r.first = n.aux.Get()
	handler, arg = n.callback()
	return handler, arg, true
}

// Dense tells whether NextDense will do.
func (r *Run) Dense() bool { return r.step != 0 }

// NextDense is Next for a run that is Dense, small enough to be inlined.
func (r *Run) NextDense(v View) (handler uint32, arg uint64, ok bool) {
	if r.left == 0 {
		return 0, 0, false
	}
	r.left--
	n := v.node(r.first)
	r.first += r.step
	handler, arg = n.callback()
	return handler, arg, true
}

// callback is what a node stands for. The handler's bits don't change while the node is in a list.
func (n *node) callback() (handler uint32, arg uint64) {
	return uint32(n.word.Load()>>handlerShift) & MaxHandler, n.arg.Get()
}

// A View is where a Pool's nodes lie: a loop that keeps it looks nothing up. Copying: freely.
//
// Safety: an unsafe.Pointer to the first node, which keeps the whole array alive.
type View struct{ nodes unsafe.Pointer }

// View returns the view of this pool.
func (p *Pool) View() View { return View{unsafe.Pointer(unsafe.SliceData(p.nodes))} }

// node is the i-th node.
//
// Safety: i comes from a list or a run, and all that these hold are indices of this pool (Q1), so it lies in the array.
func (v View) node(i uint32) *node {
	return (*node)(unsafe.Add(v.nodes, uintptr(i)*unsafe.Sizeof(node{})))
}

// Release frees the nodes of a run that has ended. It answers true when a sweeper is still at
// work on the list: then Running is clear already and the sweeper frees the nodes (Q6), and
// does what the user does after a run. Otherwise Running is still the caller's to clear.
func (o *Owner) Release(w *atomicx.Uint64, a *Anchor, r *Run, closedWord uint64) (left bool) {
	if closedWord&Sweeping != 0 && o.leave(w, a, r) {
		return true
	}
	o.Free(r)
	o.Trim()
	return false
}

// Free is Release for a list whose closed word has Sweeping clear. One goroutine at a time; wait-free, one step for the
// whole list; no read-modify-write.
func (o *Owner) Free(r *Run) {
	atomicx.StoreRelease32(&o.nodes[r.tail].next, o.free)
	o.free = r.head
	o.count += r.count
}

// Trim gives the depot what is above the stock. One goroutine at a time; a compare, and rarely a lock-free CAS.
func (o *Owner) Trim() {
	if o.count > o.most {
		o.trim()
	}
}

//go:noinline
func (o *Owner) leave(w *atomicx.Uint64, a *Anchor, r *Run) bool {
	a.rest.Set(r.head)
	for {
		b := w.Load()
		if b&Sweeping == 0 {
			o.recount(r) // the sweeper took nodes out of the list
			return false
		}
		// Publishes: a.rest. Pairs with: the CAS that clears Sweeping in sweep.
		// Progress: a failure means that a flag was set or the sweeper has left.
		if w.CompareAndSwap(b, b&^Running) {
			return true
		}
	}
}

// recount walks the list as the sweeper left it: what it unlinked is in its limbo.
func (o *Owner) recount(r *Run) {
	r.count = 0
	for i := r.head; i != 0; i = o.nodes[i].next.Load() {
		r.tail = i
		r.count++
	}
}
