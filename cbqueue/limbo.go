package cbqueue

import (
	"github.com/fencert/fencert/internal/atomicx"
)

// A limbo is nodes that a sweeper unlinked from a list whose runner may still stand on one of
// them (Q5). They are free once the list has ended its run.
type limbo struct {
	head uint32 // linked by aux; 0: empty
	word *atomicx.Uint64
	life uint64
	next *limbo // of the pool's orphans
}

// ended tells whether the run is over: Running is clear, or the word is in another life (Q7).
func (l *limbo) ended() bool {
	b := l.word.Load()
	return b>>LifeShift != l.life>>LifeShift || b&Running == 0
}

// settle empties the limbo if it can, and the orphans; it tells whether o's limbo is empty.
func (l *limbo) settle(o *Owner) bool {
	if l.head != 0 {
		if !l.ended() {
			return false
		}
		o.freeDead(l.head)
		*l = limbo{}
	}
	// Owns: all orphans there are. Pairs with: the CAS in adopt.
	for orphan := o.pool.orphans.Swap(nil); orphan != nil; {
		next := orphan.next
		if orphan.ended() {
			o.freeDead(orphan.head)
		} else {
			o.pool.adopt(orphan)
		}
		orphan = next
	}
	return true
}

// orphan leaves a limbo that could not be settled to whoever settles next: its Owner closes. It
// allocates, in the one case where a sweep met a close whose callbacks still run.
func (l *limbo) orphan(o *Owner) {
	if l.head != 0 {
		left := *l
		o.pool.adopt(&left)
		*l = limbo{}
	}
}

// adopt pushes a limbo to the orphans.
func (p *Pool) adopt(l *limbo) {
	for {
		top := p.orphans.Load()
		l.next = top
		// Publishes: *l. Pairs with: the Swap in settle. ABA: whole stacks are taken, never
		// one element, so next is right whenever the head is. Progress: lock-free.
		if p.orphans.CompareAndSwap(top, l) {
			return
		}
	}
}
