package fencert

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fencert/fencert/internal/linear"
)

// A windowOp is one step of a call with a CommitWindow.
type windowOp struct {
	kind windowKind
	n    uint64 // that was issued or completed, or the value that was seen
	by   int    // the thread that completes
}

type windowKind uint8

const (
	windowIssue     windowKind = iota // TryIssue: n
	windowFull                        // TryIssue: ErrExhausted
	windowComplete                    // Complete: nil
	windowLooked                      // second step of it: it has seen where the first gap is
	windowSettled                     // third step: the value is there
	windowTwice                       // Complete: ErrSignaled
	windowNotIssued                   // Complete: ErrNotIssued
	windowEnded                       // TryIssue, Complete: the cause of Close
	windowValue                       // Value
	windowFinal                       // Close: nobody issues any more
	windowShut                        // second step of it: nobody completes any more
	windowClosed                      // third step: the value at which it did
)

func (o windowOp) String() string {
	return fmt.Sprintf("%s %d", [...]string{"Issue", "Issue: full", "Complete", "looks", "the value has moved", "Complete: ErrSignaled",
		"Complete: ErrNotIssued", "closed", "Value", "Close: issues end", "Close: completions end", "closed at"}[o.kind], o.n)
}

// A windowState is a window of numbers from 1.
type windowState struct {
	issued, value uint64    // value: it is no lower; the most that it can be is the prefix
	done          uint64    // bit n: n is complete
	seen          [4]uint64 // by each thread's last look
	closing       uint8     // steps of Close
}

// closed tells whether the value stays.
func (s windowState) closed() bool { return s.closing == 3 }

// prefix is the number up to which all are complete.
func (s windowState) prefix() (n uint64) {
	for s.done>>(n+1)&1 == 1 {
		n++
	}
	return n
}

// sees is the state after a look at the value.
func (s windowState) sees(v uint64) (windowState, bool) {
	ok := v == s.value || !s.closed() && v > s.value && v <= s.prefix()
	s.value = v
	return s, ok
}

// windowSpec is what is promised of a window of that size: numbers are issued in order and once, no more than size above
// the value; each is completed once; the value is never above what is complete, never falls, and after each Complete that
// succeeds it is as far as all were complete at a moment in it.
func windowSpec(size uint64) linear.Spec[windowState, windowOp] {
	return linear.Spec[windowState, windowOp]{Step: func(s windowState, o windowOp) (windowState, bool) {
		switch o.kind {
		case windowIssue:
			ok := s.closing < 1 && o.n == s.issued+1 && o.n <= s.prefix()+size
			s.issued = o.n
			if s.value+size < o.n {
				s.value = o.n - size // there was room
			}
			return s, ok
		case windowFull:
			return s, !s.closed() && s.issued >= s.value+size
		case windowComplete:
			ok := s.closing < 2 && o.n <= s.issued && s.done>>o.n&1 == 0
			s.done |= 1 << o.n
			return s, ok
		case windowLooked:
			s.seen[o.by] = s.prefix()
			return s, true
		case windowSettled:
			if !s.closed() {
				s.value = max(s.value, s.seen[o.by])
			}
			return s, true
		case windowTwice:
			return s, o.n <= s.value || s.done>>o.n&1 == 1 && !s.closed()
		case windowNotIssued:
			return s, o.n > s.issued
		case windowEnded:
			return s, o.n == 0 && s.closing >= 1 || o.n > s.value && s.closing >= 2
		case windowFinal, windowShut:
			s.closing++
			return s, s.closing == uint8(o.kind-windowFinal)+1
		case windowClosed:
			s, ok := s.sees(o.n)
			s.closing++
			return s, ok && s.closed()
		}
		return s.sees(o.n)
	}}
}

// A windowThread makes calls and records them.
type windowThread struct {
	w *CommitWindow
	l *Local
	h *linear.Thread[windowOp]
	k int
}

func (y windowThread) issue() (n uint64) {
	y.h.Do(func() windowOp {
		issued, err := y.w.TryIssue()
		n = issued
		switch err {
		case nil:
			return windowOp{windowIssue, n, 0}
		case ErrExhausted:
			return windowOp{windowFull, 0, 0}
		}
		return windowOp{windowEnded, 0, 0}
	})
	return n
}

func (y windowThread) complete(n uint64) {
	y.h.Steps(func() []windowOp {
		switch y.l.Complete(y.w, n) {
		case nil:
			return []windowOp{{windowComplete, n, y.k}, {windowLooked, n, y.k}, {windowSettled, n, y.k}}
		case ErrSignaled:
			return []windowOp{{windowTwice, n, 0}}
		case ErrNotIssued:
			return []windowOp{{windowNotIssued, n, 0}}
		}
		return []windowOp{{windowEnded, n, 0}}
	})
}

func (y windowThread) value() {
	y.h.Do(func() windowOp { return windowOp{windowValue, y.w.timeline.Value(), 0} })
}

// close notes the value that is left, which nothing changes any more. Of several closers one may record.
func (y windowThread) close() {
	y.h.Steps(func() []windowOp {
		if y.w.timeline.Close(ErrFailed) != nil {
			return nil
		}
		return []windowOp{{windowFinal, 0, 0}, {windowShut, 0, 0}, {windowClosed, y.w.timeline.Value(), 0}}
	})
}

// random is one thread's calls.
func (y windowThread) random(r *rand.Rand, calls int) {
	for range calls {
		switch r.UintN(12) {
		case 0, 1, 2:
			y.issue()
		case 3, 4:
			y.value()
		case 5:
			if r.UintN(4) == 0 {
				y.close()
			}
		default:
			y.complete(1 + r.Uint64N(6))
		}
	}
}

// TestLinearWindow has goroutines do all that can be done with a small window.
func TestLinearWindow(t *testing.T) {
	for _, goroutines := range []int{2, 3, 4} {
		t.Run(fmt.Sprintf("goroutines=%d", goroutines), func(t *testing.T) {
			x := newFixture(t, small)
			check := linear.NewChecker(t, windowSpec(4))
			locals := make([]*Local, goroutines)
			for k := range locals {
				locals[k] = x.rt.Local()
				defer locals[k].Close()
			}
			linear.Batches(scaled(2000), 16, func(n int) {
				windows, histories := make([]*CommitWindow, n), make([]*linear.History[windowOp], n)
				for i := range windows {
					windows[i], histories[i] = x.window(4), linear.NewHistory[windowOp](goroutines)
				}
				seed := rand.Uint64()
				linear.Together(goroutines, n, func(i, k int) {
					y := windowThread{windows[i], locals[k], histories[i].Thread(k), k}
					y.random(rand.New(rand.NewPCG(seed+uint64(i), uint64(k))), 6)
				})
				for i, h := range histories {
					if err := check.Check(h); err != nil {
						t.Fatal(err)
					}
					_ = windows[i].timeline.Close(nil)
				}
			})
			t.Log(check)
		})
	}
}

// TestLinearWindowRefutes: what the specification is there to refuse.
func TestLinearWindowRefutes(t *testing.T) {
	check := linear.NewChecker(t, windowSpec(2))
	op := func(kind windowKind, n uint64) windowOp { return windowOp{kind: kind, n: n} }
	begin := []windowOp{op(windowIssue, 1), op(windowIssue, 2)}
	for name, c := range map[string]struct {
		refuted bool
		then    []windowOp
	}{
		"in order": {false, []windowOp{op(windowFull, 0), op(windowComplete, 2), op(windowLooked, 2), op(windowSettled, 2), op(windowValue, 0),
			op(windowComplete, 1), op(windowLooked, 1), op(windowSettled, 1), op(windowValue, 2), op(windowTwice, 1), op(windowIssue, 3), op(windowNotIssued, 4),
			op(windowFinal, 0), op(windowShut, 0), op(windowClosed, 2), op(windowEnded, 0), op(windowEnded, 3), op(windowTwice, 2)}},
		"moved by whom it waits for": {false, []windowOp{op(windowComplete, 1), op(windowValue, 1), op(windowIssue, 3)}},
		"not yet moved":              {false, []windowOp{op(windowComplete, 1), op(windowValue, 0)}},
		"issued twice":               {true, []windowOp{op(windowComplete, 1), op(windowIssue, 2)}},
		"a number left out":          {true, []windowOp{op(windowComplete, 1), op(windowIssue, 4)}},
		"issued though full":         {true, []windowOp{op(windowIssue, 3)}},
		"full with room":             {true, []windowOp{op(windowComplete, 1), op(windowLooked, 1), op(windowSettled, 1), op(windowFull, 0)}},
		"completed twice":            {true, []windowOp{op(windowComplete, 2), op(windowComplete, 2)}},
		"completed unissued":         {true, []windowOp{op(windowComplete, 3)}},
		"said to be twice":           {true, []windowOp{op(windowTwice, 1)}},
		"said to be unissued":        {true, []windowOp{op(windowNotIssued, 2)}},
		"over a gap":                 {true, []windowOp{op(windowComplete, 2), op(windowValue, 2)}},
		"left behind":                {true, []windowOp{op(windowComplete, 1), op(windowLooked, 1), op(windowSettled, 1), op(windowValue, 0)}},
		"going back":                 {true, []windowOp{op(windowComplete, 1), op(windowValue, 1), op(windowValue, 0)}},
		"moved while it closes": {false, []windowOp{op(windowComplete, 1), op(windowLooked, 1), op(windowFinal, 0), op(windowShut, 0), op(windowEnded, 2), op(windowValue, 1),
			op(windowClosed, 1)}},
		"completed though closed": {true, []windowOp{op(windowFinal, 0), op(windowShut, 0), op(windowComplete, 1)}},
		"issued though closed":    {true, []windowOp{op(windowComplete, 1), op(windowValue, 1), op(windowFinal, 0), op(windowIssue, 3)}},
		"moved though closed":     {true, []windowOp{op(windowComplete, 1), op(windowFinal, 0), op(windowShut, 0), op(windowClosed, 0), op(windowValue, 1)}},
		"ended before the end":    {true, []windowOp{op(windowEnded, 0)}},
		"closed above the prefix": {true, []windowOp{op(windowFinal, 0), op(windowShut, 0), op(windowClosed, 1)}},
	} {
		if check.Refutes(linear.Sequence(append(begin[:2:2], c.then...)...)) != c.refuted {
			t.Errorf("%s: refuted %v", name, !c.refuted)
		}
	}
}
