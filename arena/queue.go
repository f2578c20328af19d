package arena

import "github.com/fencert/fencert/internal/atomicx"

// A queue is the Waiters of an arena and who serves them: see "Waiting" in the package comment.
type queue struct {
	incoming atomicx.Pointer[Waiter] // newest first, linked by next
	turn     atomicx.Uint32          // idle, serving, again
	gone     atomicx.Uint32          // Waiters that have left and are linked still; for a moment too many
	// Oldest first, linked by next, all older than incoming. Plain: the dispatcher's (W3).
	first, last atomicx.Cell[*Waiter]
}

// The states of turn.
const (
	resting = iota
	serving
	again // serving, and somebody has asked for another look since the last one began
)

// join counts w in the gate and pushes it.
func (q *queue) join(a *Arena, w *Waiter) {
	for {
		g := a.gate.Load()
		v := uint32(waitersBit + 1)
		if int32(g) < 0 {
			v = g + 1
		}
		// Publishes: that somebody waits (W1). Pairs with: the loads in TryGive and put. ABA: harmless, all is in the
		// word. Progress: a failure is another's success.
		if a.gate.CompareAndSwap(g, v) {
			break
		}
	}
	for {
		top := q.incoming.Load()
		w.next.Set(top)
		// Publishes: w. Pairs with: the Swap in absorb. ABA: harmless, whole stacks are taken. Progress: as above.
		if q.incoming.CompareAndSwap(top, w) {
			break
		}
	}
	a.dispatch()
}

// dispatch hands slots of the depot to who waits, until there are no more of one or the other; or leaves that to the
// goroutine that is at it, which will look again. Wait-free for all but that one.
func (a *Arena) dispatch() {
	turn := &a.waiting.turn
	for {
		t := turn.Load()
		// again: the dispatcher hasn't begun its next look, so it will see what the caller did before this load.
		if t == again {
			return
		}
		// Owns: the list (W3), when it was resting. Otherwise: asks for another look. Pairs with: the CAS and the store
		// below. ABA: harmless, all is in the word. Progress: a failure is another's success.
		if turn.CompareAndSwap(t, t+1) {
			if t == serving {
				return
			}
			break
		}
	}
	for {
		a.match()
		// Gives the list up. Pairs with: the CAS above; it fails when somebody has asked meanwhile.
		if turn.CompareAndSwap(serving, resting) {
			return
		}
		turn.Store(serving) // before the next look: who finds again was before it (W2)
	}
}

// match serves the queue from its front. The caller is the dispatcher.
func (a *Arena) match() {
	q := &a.waiting
	shut := a.shut.Load() // Pairs with: the store in Shut, before its dispatch
	var slot [1]uint32
	n := 0
	for w := q.front(a); w != nil; w = q.front(a) {
		outcome := uint32(served)
		if shut {
			outcome = turnedAway
		} else if n == 0 {
			if n = a.depot.Take(slot[:]); n == 0 {
				break
			}
		}
		w.index.Set(slot[0])
		q.pop(a)
		// Publishes: index. Pairs with: the CAS in leave, the load in Wait. ABA: the state changes once. No loop: a
		// failure means that it has just left, and the slot is for the next.
		if !w.state.CompareAndSwap(waiting, outcome) {
			q.gone.Add(^uint32(0))
			continue
		}
		n = 0
		w.parker.Wake()
	}
	if n != 0 {
		a.depot.Put(slot[:]) // nobody waits; who joins now looks for itself, or has us look again
	}
	q.sweep(a)
}

// front is the oldest Waiter that had not left when it was looked at.
func (q *queue) front(a *Arena) *Waiter {
	for {
		w := q.first.Get()
		if w == nil {
			if !q.absorb() {
				return nil
			}
			continue
		}
		if w.state.Load() != left {
			return w
		}
		q.pop(a)
		q.gone.Add(^uint32(0))
	}
}

// pop unlinks the first.
func (q *queue) pop(a *Arena) {
	next := q.first.Get().next.Get()
	if q.first.Set(next); next == nil {
		q.last.Set(nil)
	}
	a.uncount()
}

// absorb appends what has come in, oldest first, and tells whether there was any.
func (q *queue) absorb() bool {
	if q.incoming.Load() == nil {
		return false
	}
	// Owns: all that has come in. Pairs with: the CAS in join.
	newest := q.incoming.Swap(nil)
	var oldest *Waiter
	for w := newest; w != nil; {
		next := w.next.Get()
		w.next.Set(oldest)
		oldest, w = w, next
	}
	if last := q.last.Get(); last != nil {
		last.next.Set(oldest)
	} else {
		q.first.Set(oldest)
	}
	q.last.Set(newest)
	return true
}

// sweep unlinks those who have left once they are half of the queue: O(1) for each of them, amortised. So the gate
// says that somebody waits only while that is true.
func (q *queue) sweep(a *Arena) {
	gone := q.gone.Load()
	if gone == 0 || 2*gone < a.gate.Load()&^waitersBit {
		return
	}
	q.absorb()
	var before *Waiter
	for w := q.first.Get(); w != nil; {
		next := w.next.Get()
		switch {
		case w.state.Load() != left:
			before = w
		case before == nil:
			q.pop(a)
			q.gone.Add(^uint32(0))
		default:
			if before.next.Set(next); next == nil {
				q.last.Set(before)
			}
			a.uncount()
			q.gone.Add(^uint32(0))
		}
		w = next
	}
}

// uncount takes an unlinked Waiter out of the gate. The last one leaves it at scarce.
func (a *Arena) uncount() {
	for {
		g := a.gate.Load()
		v := g - 1
		if v == waitersBit {
			v = 0
		}
		// ABA: harmless, all is in the word. Progress: a failure means that somebody has joined: nobody else takes
		// Waiters out.
		if a.gate.CompareAndSwap(g, v) {
			return
		}
	}
}
