package arena

import (
	"errors"

	"github.com/fencert/fencert/internal/atomicx"
)

// ErrCanceled means that a Waiter left its queue before a slot came.
var ErrCanceled = errors.New("arena: stopped waiting for a slot")

// A Waiter is a place in the queue of those who wait for a slot: first come, first served. Join makes one. One goroutine
// calls Wait, once.
//
//	waiting --> served     the dispatcher has handed it a slot
//	   |`-----> turnedAway the arena was shut
//	   `------> left       it stopped waiting; the dispatcher unlinks it
type Waiter struct {
	arena  *Arena
	parker atomicx.Parker
	state  atomicx.Uint32
	index  atomicx.Cell[uint32]  // the slot; written by the dispatcher before served
	next   atomicx.Cell[*Waiter] // who pushes it, then the dispatcher
}

const (
	waiting = iota
	served
	turnedAway
	left
)

// Join puts the caller at the end of the queue. It doesn't block: Wait does, and must be called. Between the two the
// caller may make others give slots back. It allocates. Lock-free.
func (a *Arena) Join() *Waiter {
	w := &Waiter{arena: a, parker: atomicx.NewParker()}
	a.waiting.join(a, w)
	return w
}

// Wait returns when the waiter is handed a slot, which the caller then has as after Reserve, or when canceled is
// closed; a slot that has been handed over wins. A nil channel never cancels. Blocks. Errors: ErrCanceled; ErrShut.
func (w *Waiter) Wait(canceled <-chan struct{}) (Ref, error) {
	if !w.parker.Park(canceled, nil) && w.leave() {
		return 0, ErrCanceled
	}
	// Pairs with: the CAS in match.
	if w.state.Load() == turnedAway {
		return 0, ErrShut
	}
	i := w.index.Get()
	w.arena.begin(i)
	b := w.arena.words[i].Load()
	if b&indexMask != 0 {
		return 0, ErrShut // the slot is lost with its arena (A5)
	}
	return Ref(b | uint64(i)), nil
}

// leave gives the place up, unless it was served or turned away before.
func (w *Waiter) leave() bool {
	q := &w.arena.waiting
	q.gone.Add(1) // before the CAS, so that the dispatcher doesn't count below 0
	// Leaves. Pairs with: the CAS in match: one of the two is first, so a slot is never handed to somebody who has
	// left. ABA: the state changes once. No loop.
	if !w.state.CompareAndSwap(waiting, left) {
		q.gone.Add(^uint32(0))
		return false
	}
	w.arena.dispatch() // to be unlinked, in time
	return true
}

// Waiters is how many stand in the queue, some of which may have left just now. Wait-free; one load.
func (a *Arena) Waiters() int {
	if g := a.gate.Load(); int32(g) < 0 {
		return int(g &^ waitersBit)
	}
	return 0
}
