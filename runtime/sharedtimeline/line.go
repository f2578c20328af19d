package sharedtimeline

import (
	"time"

	fencert "github.com/fencert/fencert/runtime"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// A line is one process's side of the protocol on the shared words (H1 to H4, H7). It may fault: see guard.
type line struct {
	_      pad.Line
	h      *header
	os     sleeper
	failed atomicx.Pointer[error] // nil, then what ended the Mapping; CAS, once
	seen   atomicx.Uint64         // H7; CAS upwards
	_      pad.Line
}

// A sleeper is how the system lets a goroutine sleep until another process wakes it.
type sleeper interface {
	// sleep returns when somebody wakes who sleeps on the word, at the latest after d, at once where the word isn't
	// old, and at times for no reason. late: after d.
	sleep(word *atomicx.Uint32, old uint32, d time.Duration) (late bool, err error)
	// wake ends the sleep of all who sleep on the word. It doesn't block.
	wake(word *atomicx.Uint32) error
}

// most is how often a loop tries that another process could keep going.
const most = 1 << 10

// look is the value, checked.
func (l *line) look() (uint64, error) {
	for range most {
		if err := l.failure(); err != nil {
			return l.seen.Load(), err
		}
		// H7: seen before the value. Pairs with: the CAS below.
		seen := l.seen.Load()
		v := l.h.value.Load() // pairs with: the CAS in raise: what the writer did before is visible
		saw()
		switch {
		case v > fencert.MaxPoint:
			return seen, l.fail(ErrCorrupt)
		case v < seen:
			return seen, l.fail(ErrBackwards)
		case v == seen:
			return v, nil
		}
		// Publishes: v, to those who poll points by seen. ABA: it only grows. Progress: a failed CAS means that another
		// goroutine of this process saw something higher.
		if l.seen.CompareAndSwap(seen, v) {
			return v, nil
		}
	}
	return l.seen.Load(), nil
}

// fail ends the Mapping with an error, unless it has one; it returns the one it has.
func (l *line) fail(err error) error {
	l.failed.CompareAndSwap(nil, &err) // ABA: it is set once. No loop: a failure means that it has one
	return *l.failed.Load()
}

// failure is what has ended the Mapping.
func (l *line) failure() error {
	if err := l.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// raise raises the value to n. It wakes nobody.
func (l *line) raise(n uint64) error {
	for range most {
		v, err := l.look()
		switch {
		case err != nil:
			return err
		case v >= n:
			return fencert.ErrSignaled
		}
		// Signals: all points up to n, in all processes. Publishes: all that the caller did before. Pairs with: look. Linearization of
		// Advance. ABA: the value only grows. Progress: a failed CAS means that another goroutine raised it (or that somebody
		// writes who may not, which look sees).
		published()
		if l.h.value.CompareAndSwap(v, n) {
			return nil
		}
	}
	return l.fail(ErrCorrupt)
}

// due tells whether somebody sleeps for a point up to v, and takes the wish away: the caller rouses.
func (l *line) due(v uint64) bool {
	// Pairs with: the CAS in announce. It stands behind the CAS in raise as that one stands before the look at the value (H2).
	if l.h.wanted.Load() > v {
		return false
	}
	l.h.wanted.Swap(nobody) // all are roused, also those whose wish came just now
	return true
}

// rouse wakes all who sleep, in all processes.
func (l *line) rouse() error {
	l.h.turn.Add(1) // pairs with: the Load in prepare; before the wake-up, so that who isn't asleep yet won't be
	return l.os.wake(&l.h.turn)
}

// advance raises the value and wakes who waits for that.
func (l *line) advance(n uint64) error {
	if err := l.raise(n); err != nil {
		return err
	}
	if l.due(n) {
		return l.rouse()
	}
	return nil
}

// prepare says that somebody is going to sleep for point n. The value must be looked at between this and the sleep, which is
// on the turn that it returns.
func (l *line) prepare(n uint64) (turn uint32) {
	turn = l.h.turn.Load() // before the wish is seen, and so before it can be taken away (H2). Pairs with: the Add in rouse
	l.announce(n)
	return turn
}

// announce lowers wanted to n.
func (l *line) announce(n uint64) {
	for range most {
		w := l.h.wanted.Load()
		// Publishes: the wish. Pairs with: the Load in due. ABA: a number is all there is. Progress: a failed CAS means that
		// another wish came, or that all were taken away; who writes at random ends it by most, and the sleep by H4.
		if w <= n || l.h.wanted.CompareAndSwap(w, n) {
			return
		}
	}
}
