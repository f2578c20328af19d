package cbqueue

import (
	"github.com/fencert/fencert/internal/atomicx"
)

// Cancel takes back a callback of the list in w. True: it was pending and will never run.
// False: it ran, runs or will run, or another Cancel got it, or the ticket is not of this list
// and life. It never blocks and may be called from anywhere that has an Owner.
//
// left is zero, but when this call swept and was the last to leave a list that was closed
// meanwhile: it has freed the list (Q6), and left is the word as this call left it. The caller then
// does what it would have done after Release.
//
// Lock-free; two CAS for the newest, else three, and O(1) amortised for sweeping.
func (o *Owner) Cancel(w *atomicx.Uint64, a *Anchor, life uint64, t Ticket) (ok bool, left uint64) {
	i := t.index()
	// Generation 0 is that of nodes that were never used, whose words look pending.
	if t <= HeadMask || i >= uint32(len(o.nodes)) {
		return false, 0
	}
	n := &o.nodes[i]
	p := n.word.Load() // a guess until the CAS below
	if !t.names(p) || p&stateMask != pending || !Open(o.Expect(w), life) && !Open(w.Load(), life) {
		return false, 0
	}
	// Claims: the right to decide. ABA: the word carries the node's generation. No loop: a failure is another's success.
	if !n.word.CompareAndSwap(p, p|tentative) {
		return false, 0
	}
	// Pairs with: the CAS that closed the list, which comes before the runner's look at
	// this node (Q3).
	b := w.Load()
	if !Open(b, life) {
		return false, 0
	}
	if b&HeadMask == uint64(i) && b&Sweeping == 0 {
		v := b&^HeadMask | uint64(n.next.Load())
		// Unlinks the newest node. ABA: Q4.
		if w.CompareAndSwap(b, v) {
			o.Left(w, v)
			// For Undecided: read late, it waits for longer. One writer: the node is ours (Q1).
			atomicx.StoreRelease64(&n.word, p|canceled)
			o.counts.canceled.Add(1)
			o.put(i)
			o.Trim() // others may add what this Owner cancels
			return true, 0
		}
	}
	// Pairs with: claim. One of the two wins.
	if !n.word.CompareAndSwap(p|tentative, p|canceled) {
		return false, 0
	}
	o.counts.canceled.Add(1)
	return true, o.died(w, a, life)
}

// Undecided tells whether a Cancel is just deciding about the callback: it has claimed the right to, and not yet looked whether
// the list is closed. Anybody may call it. Wait-free; one load.
func (p *Pool) Undecided(t Ticket) bool {
	i := t.index()
	if i == 0 || i > p.depot.Limit() {
		return false
	}
	// Pairs with: the CAS to canceled in Cancel, or the store after a pop.
	w := p.nodes[i].word.Load()
	return t.names(w) && w&stateMask == tentative
}

const (
	sample     = 16 // cancels that stand for one visit to the shared count
	sweepLeast = 64 // cancels that make a sweep worth while, however short the list is
)

const debtMask = 1<<24 - 1

// died counts a node that stays in its list as canceled, and sweeps when there are enough. Only
// one in sample cancels, at random so that no pattern over several lists evades it, touches the
// shared count.
func (o *Owner) died(w *atomicx.Uint64, a *Anchor, life uint64) (left uint64) {
	o.random ^= o.random << 13
	o.random ^= o.random >> 17
	o.random ^= o.random << 5
	if o.random%o.pool.sample != 0 {
		return 0
	}
	tag := uint32(life>>LifeShift) << 24
	d := a.debt.Load()
	due := d & debtMask
	if d&^debtMask != tag || due == 0 {
		due = o.pool.sweepLeast
	}
	if due > o.pool.sample {
		// ABA and a lost race only move the sweep a little: debt is a guess. No loop.
		a.debt.CompareAndSwap(d, tag|(due-o.pool.sample))
		return 0
	}
	return o.sweep(w, a, life)
}
