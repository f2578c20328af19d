package cbqueue

import (
	"github.com/fencert/fencert/internal/atomicx"
)

// Sweep takes what was canceled out of a list at once, where Cancel leaves that until it is worth while: for who finds no
// callback free. It does nothing while somebody else sweeps. left is as Cancel's. Lock-free; O(callbacks).
func (o *Owner) Sweep(w *atomicx.Uint64, a *Anchor, life uint64) (left uint64) {
	return o.sweep(w, a, life)
}

// sweep unlinks the canceled nodes behind the newest one, unless somebody else does or the list
// is closed. See Cancel for left.
func (o *Owner) sweep(w *atomicx.Uint64, a *Anchor, life uint64) (left uint64) {
	if !o.limbo.settle(o) {
		return 0 // one limbo per Owner; the next cancel tries again
	}
	b := w.Load()
	for {
		if !Open(b, life) || b&Sweeping != 0 || b&HeadMask == 0 {
			return 0
		}
		// Claims: next of the listed nodes (Q4). ABA: the word says all that is claimed. Progress: a failure is another's success.
		if w.CompareAndSwap(b, b|Sweeping) {
			break
		}
		b = w.Load()
	}
	dead, live := o.unlink(w, life, uint32(b&HeadMask))
	a.debt.Store(uint32(life>>LifeShift)<<24 | min(max(live/2, o.pool.sweepLeast), debtMask))
	for {
		b = w.Load()
		v := b &^ Sweeping
		// Publishes: the new next of the listed nodes, or, when the list is closed, that
		// nobody writes them any more. Pairs with: the runner's CAS (Q5, Q6).
		if !w.CompareAndSwap(b, v) {
			continue
		}
		switch {
		case Open(b, life):
			o.Left(w, v)
			o.freeDead(dead)
			return 0
		case b&Running != 0:
			o.limbo = limbo{head: dead, word: w, life: life}
			return 0
		default:
			o.freeDead(dead)
			o.freeList(a.rest.Get())
			return v
		}
	}
}

// unlink takes the canceled nodes behind the newest out of the list and returns them, linked by
// aux, and how many nodes it passed.
func (o *Owner) unlink(w *atomicx.Uint64, life uint64, newest uint32) (dead, live uint32) {
	nodes := o.nodes
	before := &nodes[newest]
	for i := before.next.Load(); i != 0; {
		n := &nodes[i]
		next := n.next.Load()
		// The look at before stands after the setting of Sweeping (Q4).
		if n.word.Load()&stateMask == canceled && before.word.Load()&stateMask != tentative {
			atomicx.StoreRelease32(&before.next, next)
			n.aux.Set(dead)
			dead = i
		} else {
			before = n
			if live++; live%1024 == 0 && !Open(w.Load(), life) {
				break // no use in going on: the runner frees what is still linked
			}
		}
		i = next
	}
	return dead, live
}

// freeDead frees a chain linked by aux.
func (o *Owner) freeDead(i uint32) {
	for i != 0 {
		next := o.nodes[i].aux.Get()
		o.put(i)
		i = next
	}
	o.trim()
}

// freeList frees a list that the runner left (Q6).
func (o *Owner) freeList(head uint32) {
	r := Run{head: head}
	o.recount(&r)
	o.Free(&r)
	o.Trim()
}
