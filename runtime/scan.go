package fencert

import (
	"cmp"
	"slices"
	"time"

	"github.com/fencert/fencert/cbqueue"
)

const (
	snapshotCallbacks = 1 << 16     // how far the list of a fence's callbacks is walked
	firstHandler      = funcHandler // the first of those that users have registered: the others are waiters'
)

// A foundLife is one that is armed and not over, as scan found it.
type foundLife struct {
	ref   Ref
	seqno uint64
}

// contextLives are those of a fence context.
type contextLives struct {
	context       *FenceContext
	pending, kept int
	found         []foundLife // at least the limit's number of the oldest
}

// scan finds the lives of each fence context, by ID.
func (rt *Runtime) scan(limit int) []*contextLives {
	found := make(map[uint64]*contextLives)
	rt.contexts.Range(func(id uint64, c *FenceContext) bool {
		if c.of == nil {
			found[id] = &contextLives{context: c}
		}
		return true
	})
	for n := uint32(1); n <= rt.arena.Touched(); n++ {
		l, id, signaled, ok := rt.armedLife(n)
		if !ok {
			continue
		}
		of := found[id]
		if of == nil { // made meanwhile
			c, ok := rt.contexts.Load(id)
			if !ok {
				continue
			}
			of = &contextLives{context: c}
			found[id] = of
		}
		of.add(l, signaled, limit)
	}
	all := make([]*contextLives, 0, len(found))
	for _, of := range found {
		all = append(all, of)
	}
	slices.SortFunc(all, func(a, b *contextLives) int { return cmp.Compare(a.context.id, b.context.id) })
	return all
}

// armedLife is the life in slot n, if it is armed.
func (rt *Runtime) armedLife(n uint32) (l foundLife, context uint64, signaled, ok bool) {
	w, s := &rt.words[n], &rt.slots[n]
	for b := w.Load(); ; {
		// Pairs with: the release stores in Arm, of seqno before owner. While the word stays in the life, both are its
		// own (R7).
		o := s.owner.Load()
		l = foundLife{Ref(b&lifeMask | uint64(n)), s.seqno.Load()}
		v := w.Load()
		if v&lifeMask == b&lifeMask {
			// A slot that is free or reserved has an owner of an older life.
			return l, o &^ lifeMask, v&closedBit != 0, b&lifeMask != 0 && o&lifeMask == b&lifeMask
		}
		b = v // Progress: a life has ended
	}
}

// add counts a life, and keeps it if it may be among the oldest.
func (of *contextLives) add(l foundLife, signaled bool, limit int) {
	if signaled {
		of.kept++
	} else {
		of.pending++
	}
	if limit == 0 {
		return
	}
	of.found = append(of.found, l)
	if len(of.found) >= 2*max(limit, SnapshotFences) { // so that sorting costs each life a constant
		of.found = of.oldest(limit)
	}
}

// oldest are the first of those that were found.
func (of *contextLives) oldest(limit int) []foundLife {
	slices.SortFunc(of.found, func(a, b foundLife) int { return cmp.Compare(a.seqno, b.seqno) })
	return of.found[:min(limit, len(of.found))]
}

// describe tells what a life looks like now; ok is false when it is over.
func (rt *Runtime) describe(l foundLife) (f FenceSnapshot, ok bool) {
	f.Fence, f.Seqno = rt.Fence(l.ref), l.seqno
	w, life := f.Fence.word, l.ref.Life()
	b := w.Load()
	for range 4 {
		f.Callbacks = 0
		if b&closedBit == 0 {
			all, waiters, _ := rt.pool.Count(w, life, firstHandler, snapshotCallbacks)
			f.Callbacks = all - waiters
		}
		f.Holders = rt.holders(l.ref.Index(), b)
		f.State, f.Dropped, f.Result = state(b), b&(closedBit|droppedBit) == closedBit|droppedBit, ErrPending
		if b&closedBit != 0 {
			f.Result = rt.resultOf(f.Fence, l.ref.Index(), b)
		}
		v := w.Load()
		if v&lifeMask != life {
			return f, false
		}
		if v&^heldBit == b&^heldBit {
			break
		}
		b = v // it has changed: once more
	}
	return f, true
}

// state is that of a fence that is not recycled.
func state(w uint64) FenceState {
	switch {
	case w&closedBit == 0:
		return FencePending
	case running(w):
		return FenceRunning
	}
	return FenceSignaled
}

// holders is how many hold the life in w.
func (rt *Runtime) holders(n uint32, w uint64) int {
	h := rt.slots[n].holds.Load()
	count := int(h &^ lifeMask)
	if w&heldBit == 0 || h&lifeMask != w&lifeMask || count == 0 {
		return 0
	}
	if w&closedBit != 0 && w&(droppedBit|cbqueue.Running|cbqueue.Sweeping) == droppedBit {
		return count
	}
	return count - 1 // the issuer's, which is given up by then (R4)
}

// resultOf is the result in a closed word.
func (rt *Runtime) resultOf(f Fence, n uint32, w uint64) error {
	if code(w) < codeTable {
		return fixedError(code(w))
	}
	if !rt.hold(f.word, n, f.life()) { // R6
		return ErrStale
	}
	l, s := rt.borrow()
	defer rt.giveBack(l, s)
	err := rt.results.decode(code(w))
	l.release(f.word, n, f.life())
	return err
}

// waitsFor are the goroutines that wait for one fence.
type waitsFor struct {
	waiting int
	longest time.Duration
}

// byFence finds who waits for what.
func (ws *waiters) byFence(now time.Duration) (found map[Ref]waitsFor, all int) {
	found = make(map[Ref]waitsFor)
	for i := range ws.depot.Touched() {
		r, since, ok := ws.records[i+1].view.look()
		if !ok {
			continue
		}
		w := found[r]
		w.waiting++
		if since != 0 {
			w.longest = max(w.longest, now-since)
		}
		found[r] = w
		all++
	}
	return found, all
}
