package fencert

import "math/bits"

// Complete completes a number that the window has issued. If all below it are complete, it moves the timeline's value over it and
// over all that are complete behind it, in one step where they are at the time, and signals their points: what was
// done before each of these was completed is visible to who sees its point signaled. Callbacks run as by Local.Advance.
//
// nil says that this call has completed n. Where the timeline is closed before all below are complete, the value
// doesn't get there, and who waits for it is told the cause.
//
// In callbacks: yes; of this timeline's points too. In signaling sections: yes. Lock-free but for what the callbacks do; no
// allocation. One CAS, and one more where it moves the value; then as Local.Advance.
//
// Errors: ErrSignaled: it was completed before, or is not above the value. ErrNotIssued. The cause of Close. ErrForeign for
// a window on another runtime's timeline. With each of them nothing was changed.
func (l *Local) Complete(w *CommitWindow, n uint64) error {
	if w == nil || w.timeline.runtime != l.runtime {
		return ErrForeign
	}
	n, err := w.complete(n)
	if n != 0 && !w.timeline.wheel.Quiet(n) {
		l.comeDue(w.timeline, n)
	}
	return err
}

// Complete is Local.Complete on a borrowed Local, which the callbacks are given. It borrows one only when something may be due.
func (w *CommitWindow) Complete(n uint64) error {
	n, err := w.complete(n)
	if n == 0 || w.timeline.wheel.Quiet(n) {
		return err
	}
	rt := w.timeline.runtime
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // a callback may panic
	l.comeDue(w.timeline, n)
	return nil
}

// complete completes n, and is how far it has moved the value; 0: it hasn't.
func (w *CommitWindow) complete(n uint64) (moved uint64, err error) {
	// Pairs with: the CAS in learn, the store in close (K2, K6).
	for w.known.Load()-1-n >= w.size {
		if err := w.learn(n); err != nil {
			return 0, err
		}
	}
	block, bit := n>>blockBits, uint64(1)<<(n%blockSize)
	lap, word := w.lap(block), w.word(block)
	for {
		before := word.Load()
		after := before | bit
		switch {
		case before&^blockMask != lap:
			if int64(before-lap) > 0 {
				return 0, ErrSignaled // by another call, for it is passed
			}
			after = lap | bit
		case before == after:
			return 0, ErrSignaled
		}
		// Completes n. Publishes: what the caller did before. Pairs with: the loads in move. ABA: it only grows (K2). Progress:
		// a failure means that another has completed a number of this block, which has but few.
		if word.CompareAndSwap(before, after) {
			if (after+1)&(bit-1) != 0 {
				return 0, nil // one below is incomplete (K4)
			}
			return w.look(n, after), nil
		}
	}
}

// learn looks again what was issued, for n, which isn't known to be. nil: it is now, or somebody else has looked.
//
//go:noinline
func (w *CommitWindow) learn(n uint64) error {
	k := w.known.Load()
	switch {
	case k == 0 && w.timeline.Value() < n:
		return *w.timeline.cause.Load() // set before known (K6)
	case k == 0, n < k && k-1-n >= w.size:
		return ErrSignaled // K2
	case n < k:
		return nil
	}
	i := w.issued.Load() // pairs with: the CAS in next
	if i < n {
		return ErrNotIssued
	}
	// Raises what is known. ABA: it grows, until it is 0 for good. No loop: a failure means that another has done so.
	w.known.CompareAndSwap(k, i+1)
	return nil
}

// look moves the value if n, which was just completed, has closed the gap. word is that of n, at that moment.
func (w *CommitWindow) look(n, word uint64) (moved uint64) {
	block := n >> blockBits
	// After the CAS of the word (K4).
	switch v := w.timeline.wheel.Word().Load(); {
	case v >= n: // or closed
		return 0
	case v == n-1:
		run := uint64(bits.TrailingZeros64(^word)) // that are complete, of this block
		if run < blockSize {
			// Signals and publishes as in move, of what was seen in word (K3). A failure means that another has raised it.
			if n = block<<blockBits + run - 1; w.timeline.wheel.RaiseFrom(v, n) {
				return n
			}
		}
	case int64(w.word(block-1).Load()-w.lap(block-1)) < int64(blockMask):
		return 0 // one of the block before is incomplete (K4)
	}
	return w.move()
}

// move moves the value over what is complete, by one step, and is how far; 0: it is there already, or the timeline closed.
//
//go:noinline
func (w *CommitWindow) move() uint64 {
	wheel := &w.timeline.wheel
	for {
		v := wheel.Word().Load()
		if v > MaxPoint {
			return 0
		}
		n, current := w.reach(v)
		if !current {
			continue // Progress: another has moved the value
		}
		// Signals: the points up to n (K3). Publishes: what was done before each was completed. Pairs with: the load in Signaled.
		if n == v || !wheel.TryRaise(n) && !wheel.Raise(n) {
			return 0
		}
		return n
	}
}

// reach is the number before the first one behind v that isn't complete. current is false when the value has gone on: a word is
// found that is in a later lap.
func (w *CommitWindow) reach(v uint64) (n uint64, current bool) {
	// It ends: after all words comes the first one again, in the same lap.
	for n = v; ; {
		block, at := (n+1)>>blockBits, (n+1)%blockSize
		// Pairs with: the CAS in complete.
		word := w.word(block).Load()
		if lap := w.lap(block); word&^blockMask != lap {
			return n, int64(word-lap) < 0
		}
		run := uint64(bits.TrailingZeros64(^(word & blockMask >> at)))
		n += run
		if at+run < blockSize {
			return n, true
		}
	}
}
