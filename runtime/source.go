package fencert

import (
	"errors"
	"fmt"

	"github.com/fencert/fencert/atomicseq"
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// Errors of Sync about what it found in the word. It was ignored, and the source works on.
var (
	// ErrSourceBack: the word is behind the timeline.
	ErrSourceBack = errors.New("fencert: the source's word has gone back, or somebody else advances the timeline: look who does")
	// ErrSourceAhead: the word has jumped by more than the bound, or beyond MaxPoint.
	ErrSourceAhead = errors.New("fencert: the source's word has jumped beyond the bound: look who writes it, or sync more often")
)

// MaxBound32 is the largest bound of a source of 32 bits, 2^31 - 1: with more it couldn't be told forward from back.
const MaxBound32 = 1<<31 - 1

// A Source lets a timeline follow a word that somebody else writes: a device, a DMA engine, another process. Sync looks at
// the word and advances the timeline to where it stands; Follow does so again and again. A word of 32 bits may wrap: it
// stands for the number with these lowest bits that is nearest to the timeline's value.
//
// Make one with NewSource; the zero Source is not usable, and it must not be copied. Any goroutine may call any method, and
// several may sync. Nobody else should advance the timeline. The word must stay valid, and a mapping mapped, for as long as
// somebody syncs; the collector keeps what it lies in.
//
// # Argument
//
// The word only grows, but for garbage. A sync loads the value v, then the word, whose number n is told relative to v.
//
//	F1  The value never gets beyond the word by a Source: it is raised only to a number that the word had. It had v when v was
//	    loaded, and the word that is loaded later is no less. So less than v is garbage, unless v is too old to tell, which a
//	    second load of the value rules out: the same v before and after the load of the word means that v was the value at
//	    that load.
//	F2  Likewise with n above v + bound: others may have advanced meanwhile, and then the distance was less; so look again.
//	F3  With n in between, v may be old too. A word of 32 bits may have gone round since, and then n is less than what it stands
//	    for, but never more: n is the lowest number from v on with these bits. Raising the value to what it has passed
//	    changes nothing.
//
// Linearization: the load of the word. ABA: the value only grows. Progress: lock-free: a look is repeated only where another
// has advanced.
type Source struct {
	timeline *Timeline
	narrow   *atomicx.Uint32 // one of the two is nil
	wide     *atomicx.Uint64
	bound    uint64
	_        pad.Line
	rejected atomicx.Uint64 // how many values
	last     atomicx.Uint64 // of them
	_        pad.Line
}

// NewSource makes a source for a timeline: word is what it follows, bound how far the word may move between two syncs. 0 stands
// for the largest bound, MaxBound32 for a uint32 and MaxPoint for a uint64. The timeline should begin where the word stands: see
// StartAt. Errors: ErrAddress; ErrConfig for a larger bound; ErrForeign for a Timeline that NewTimeline hasn't made; ErrHasWindow.
func NewSource[W uint32 | uint64](t *Timeline, word *W, bound uint64) (*Source, error) {
	if t == nil || t.runtime == nil {
		return nil, ErrForeign
	}
	if t.window.Load() != nil {
		return nil, ErrHasWindow
	}
	s := &Source{timeline: t, bound: bound}
	most := uint64(MaxPoint)
	switch word := any(word).(type) {
	case *uint32:
		s.narrow, most = word32(word), MaxBound32
	case *uint64:
		s.wide = word64(word)
	}
	if s.narrow == nil && s.wide == nil {
		return nil, ErrAddress
	}
	if bound == 0 {
		s.bound = most
	}
	if s.bound > most {
		return nil, fmt.Errorf("%w: a source with a bound of %d, want 1 to %d, or 0", ErrConfig, bound, most)
	}
	return s, nil
}

// Sync looks at the word and, where that has moved, advances the timeline, as Local.Advance does. moved tells whether this call
// did. What the writer of the word did before is visible to whoever sees the points signaled, as far as it and the
// processor order it.
//
// In callbacks and signaling sections: yes. Lock-free but for what the callbacks do; no allocation; three loads where the
// word stands still. Errors: ErrSourceBack and ErrSourceAhead: the value was ignored and counted, and where it is still there,
// the next Sync says so again. The cause of Close. ErrHasWindow. ErrForeign for a source of another runtime's timeline.
func (l *Local) Sync(s *Source) (moved bool, err error) {
	if s == nil || s.timeline.runtime != l.runtime {
		return false, ErrForeign
	}
	n, err := s.look()
	if n == 0 {
		return false, err
	}
	return s.advanced(l.Advance(s.timeline, n))
}

// Sync is Local.Sync on a borrowed Local, which the callbacks are given. It borrows one only when something may be due.
func (s *Source) Sync() (moved bool, err error) {
	n, err := s.look()
	if n == 0 {
		return false, err
	}
	return s.advanced(s.timeline.Advance(n))
}

// advanced is what Sync says after an Advance. Another one may have been faster.
func (*Source) advanced(err error) (moved bool, _ error) {
	if err == ErrSignaled {
		return false, nil
	}
	return err == nil, err
}

// look is where the timeline is to be advanced to; 0: nowhere.
func (s *Source) look() (n uint64, err error) {
	value := s.timeline.wheel.Word()
	for {
		// In this order (F1).
		v := value.Load()
		if v > MaxPoint {
			return 0, *s.timeline.cause.Load() // set before the closed bit (P3)
		}
		raw, n := s.read(v)
		switch {
		case n == v:
			return 0, nil
		case n > v && n <= MaxPoint && n-v <= s.bound:
			return n, nil
		case value.Load() != v: // F1, F2
			continue
		}
		s.last.Store(raw)
		s.rejected.Add(1)
		if n < v {
			return 0, ErrSourceBack
		}
		return 0, ErrSourceAhead
	}
}

// read loads the word, and is what that stands for as seen from the value v.
func (s *Source) read(v uint64) (raw, n uint64) {
	if s.wide != nil {
		// Pairs with: the store by who writes the word.
		raw = s.wide.Load()
		return raw, raw
	}
	low := s.narrow.Load() // as above
	return uint64(low), atomicseq.Extend32(v, low)
}

// Timeline is the timeline that follows.
func (s *Source) Timeline() *Timeline { return s.timeline }

// Rejected is how many values were ignored, and the last one as it was in the word, 0 when there is none. Those of two
// goroutines at once may be mixed up. Wait-free; two loads.
func (s *Source) Rejected() (count, last uint64) { return s.rejected.Load(), s.last.Load() }
