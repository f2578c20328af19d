//go:build explore

package fencert

import (
	"context"
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// A windowWorld is a lineWorld whose timeline a window of two or four numbers moves.
type windowWorld struct {
	*lineWorld
	w    *CommitWindow
	done [8]int // Completes that answered nil, by number
}

// tinyPark is tiny, where waits park at once.
var tinyPark = Config{Fences: 2, Callbacks: 4, Waiters: 2, Readers: 1, Errors: 4, Strategy: Park}

func newWindowWorld(w *world, size int, issued int) *windowWorld {
	return newWindowWorldAt(w, 0, size, issued)
}

func newWindowWorldAt(w *world, value uint64, size, issued int) *windowWorld {
	x := &windowWorld{lineWorld: newLineWorld(w, value)}
	x.w = must(NewCommitWindow(x.t, size))
	for range issued {
		_ = must(x.w.TryIssue())
	}
	return x
}

func (x *windowWorld) complete(l *Local, n uint64, want ...error) {
	err := l.Complete(x.w, n)
	assertOneOf("Complete", err, want...)
	if err == nil {
		x.done[n]++
	}
}

// completer is a thread that completes these numbers; each is nobody else's.
func (x *windowWorld) completer(s *explore.Scenario, numbers ...uint64) {
	x.thread(s, "completer", func(l *Local) {
		for _, n := range numbers {
			x.complete(l, n, nil)
			explore.Assert(n != x.t.Value()+1, "%d is complete, and the value is left at %d", n, x.t.Value())
		}
	})
}

// check: each number was completed once at the most, and the value is where the first gap is.
func (x *windowWorld) check() {
	prefix := uint64(0)
	for n := uint64(1); x.done[n] == 1; n++ {
		prefix = n
	}
	for n, times := range x.done {
		explore.Assert(times <= 1, "%d was completed %d times", n, times)
	}
	explore.Assert(x.t.Value() == prefix, "the value is %d, and all up to %d are complete", x.t.Value(), prefix)
	x.lineWorld.check()
}

// TestExploreCompletersCloseTheGap: completions in any order, with callbacks behind the gap. Who is last moves the value over
// all of them.
func TestExploreCompletersCloseTheGap(t *testing.T) {
	for name, c := range map[string]struct {
		preemptions int
		numbers     [][]uint64
	}{
		"two":         {3, [][]uint64{{1}, {2}}},
		"three":       {2, [][]uint64{{1}, {2}, {3}}},
		"two of each": {2, [][]uint64{{2, 1}, {3, 4}}},
		"crossed":     {2, [][]uint64{{1, 4}, {2, 3}}},
	} {
		t.Run(name, func(t *testing.T) {
			search(t, c.preemptions, tiny, func(s *explore.Scenario, w *world) func() {
				x := newWindowWorld(w, 4, 4)
				l := w.rt.newLocal()
				x.on(l, 2)
				l.giveBack()
				for _, numbers := range c.numbers {
					x.completer(s, numbers...)
				}
				return x.check
			})
		})
	}
}

// TestExploreALapAhead: while one looks at the cells, the value moves, and the first of them is completed for the next lap.
func TestExploreALapAhead(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		x := newWindowWorld(w, 2, 2)
		x.completer(s, 2)
		x.thread(s, "ahead", func(l *Local) {
			x.complete(l, 1, nil)
			n, err := x.w.TryIssue()
			assertOneOf("TryIssue", err, nil)
			x.complete(l, n, nil)
		})
		return x.check
	})
}

// TestExploreMovers is the same without callbacks, for more of them.
func TestExploreMovers(t *testing.T) {
	for name, c := range map[string]struct {
		preemptions int
		numbers     []uint64
	}{"three": {3, []uint64{1, 2, 3}}, "four": {2, []uint64{1, 2, 3, 4}}} {
		t.Run(name, func(t *testing.T) {
			search(t, c.preemptions, tiny, func(s *explore.Scenario, w *world) func() {
				x := newWindowWorld(w, 4, 4)
				moved := uint64(0)
				for _, n := range c.numbers {
					s.Thread("completer", func() {
						to, err := x.w.complete(n)
						assertOneOf("complete", err, nil)
						moved = max(moved, to)
						explore.Assert(x.t.Value() != n-1, "%d is complete, and the value is left at %d", n, x.t.Value())
					})
				}
				return func() {
					explore.Assert(moved == uint64(len(c.numbers)) && x.t.Value() == moved, "moved to %d, is at %d", moved, x.t.Value())
				}
			})
		})
	}
}

// TestExploreCompleteTwice: of two that complete a number, while a third completes the one below it, one is told.
func TestExploreCompleteTwice(t *testing.T) {
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		x := newWindowWorld(w, 2, 2)
		for range 2 {
			x.thread(s, "completer", func(l *Local) { x.complete(l, 2, nil, ErrSignaled) })
		}
		x.completer(s, 1)
		return func() {
			explore.Assert(x.done[2] == 1, "completed %d times", x.done[2])
			x.check()
		}
	})
}

// TestExploreCompleteTwiceAcrossALap: a completer comes too late, while the cell is already its successor's.
func TestExploreCompleteTwiceAcrossALap(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		x := newWindowWorld(w, 2, 2)
		for range 2 {
			x.thread(s, "completer", func(l *Local) {
				x.complete(l, 1, nil, ErrSignaled)
				x.complete(l, 3, nil, ErrSignaled, ErrNotIssued)
			})
		}
		s.Thread("issuer", func() {
			n, err := x.w.TryIssue()
			assertOneOf("TryIssue", err, nil, ErrExhausted)
			explore.Assert(err == nil && n == 3 || x.w.Issued() == 2, "issued %d: %v", n, err)
		})
		return func() {
			explore.Assert(x.done[1] == 1, "completed %d times", x.done[1])
			x.local(func(l *Local) { x.complete(l, 2, nil) })()
			x.check()
		}
	})
}

// blocksOf sets the size of blocks until the test ends.
func blocksOf(t *testing.T, bits uint64) {
	before := blockBits
	set := func(bits uint64) { blockBits, blockSize, blockMask = bits, 1<<bits, 1<<(1<<bits)-1 }
	set(bits)
	t.Cleanup(func() { set(before) })
}

// TestExploreALapAheadOfALook: a completer has closed the gap, and where it begins to look the word is in the next lap. What it has
// completed is still above the value: it must look again.
func TestExploreALapAheadOfALook(t *testing.T) {
	blocksOf(t, 2)
	const value = 4 + 2 // in the middle of a block
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		x := newWindowWorldAt(w, value, 4, 4)
		complete := func(l *Local, n uint64) { assertOneOf("Complete", l.Complete(x.w, n), nil) }
		x.thread(s, "below", func(l *Local) {
			complete(l, value+2)
			complete(l, value+1)
		})
		x.thread(s, "late", func(l *Local) {
			complete(l, value+3)
			explore.Assert(x.t.Value() != value+2, "%d is complete, and the value is left below", value+3)
		})
		x.thread(s, "ahead", func(l *Local) {
			for range 2 {
				n, err := x.w.TryIssue()
				assertOneOf("TryIssue", err, nil, ErrExhausted)
				if n == value+6 {
					complete(l, n) // of the same word as value+1
				}
			}
		})
		return func() {
			explore.Assert(x.t.Value() == value+3, "the value is %d", x.t.Value())
			x.lineWorld.check()
		}
	})
}

// TestExploreALapLate: a completer comes too late, while the word is already in the next lap.
func TestExploreALapLate(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		lap := 2 * blockSize // two words
		x := newWindowWorld(w, 2, 2)
		x.thread(s, "late", func(l *Local) { x.complete(l, 1, nil, ErrSignaled) })
		x.thread(s, "quick", func(l *Local) {
			x.complete(l, 1, nil, ErrSignaled)
			if x.t.Value() == 0 {
				return // the late one has just completed it
			}
			x.complete(l, 2, nil)
			for n := uint64(3); n <= lap; n++ {
				assertOneOf("TryIssue", only(x.w.TryIssue()), nil)
				x.complete(l, n, nil)
			}
		})
		return func() {
			if x.done[2] == 0 {
				x.local(func(l *Local) { x.complete(l, 2, nil) })()
			}
			x.check()
		}
	})
}

// TestExploreIssueAtTheEdge: two issuers at the edge of a full window, while a completer makes room. No number is issued
// twice or beyond the edge.
func TestExploreIssueAtTheEdge(t *testing.T) {
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		x := newWindowWorld(w, 2, 1)
		var issued [8]int
		for range 2 {
			x.thread(s, "issuer", func(l *Local) {
				n, err := x.w.TryIssue()
				assertOneOf("TryIssue", err, nil, ErrExhausted)
				if err != nil {
					return
				}
				issued[n]++
				v := x.t.Value()
				explore.Assert(n > 1 && n <= v+2, "issued %d at value %d", n, v)
				x.complete(l, n, nil)
			})
		}
		x.completer(s, 1)
		return func() {
			for n, times := range issued {
				explore.Assert(times <= 1, "%d was issued %d times", n, times)
			}
			x.check()
		}
	})
}

// TestExploreIssueWaits: who waits for room is woken by who makes it, or told of the end of the context or the timeline.
func TestExploreIssueWaits(t *testing.T) {
	for name, end := range map[string]func(x *windowWorld, cancel func(error)){
		"room":     nil,
		"canceled": func(_ *windowWorld, cancel func(error)) { cancel(ErrFailed) },
		"closed":   func(x *windowWorld, _ func(error)) { assertOneOf("Close", x.t.Close(ErrFailed), nil); x.help() },
	} {
		t.Run(name, func(t *testing.T) {
			search(t, 2, tinyPark, func(s *explore.Scenario, w *world) func() {
				x := newWindowWorld(w, 2, 2)
				ctx, cancel := context.WithCancelCause(context.Background())
				s.Thread("issuer", func() {
					n, err := x.w.Issue(ctx)
					x.help()
					if end == nil {
						assertOneOf("Issue", err, nil)
					} else {
						assertOneOf("Issue", err, nil, ErrFailed)
					}
					explore.Assert(err != nil || n == 3 && x.t.At(1).Signaled(), "issued %d", n)
				})
				x.thread(s, "completer", func(l *Local) { x.complete(l, 1, nil, ErrFailed) })
				if end != nil {
					s.Thread("ender", func() { end(x, cancel) })
				}
				return func() {
					cancel(nil)
					if name != "closed" {
						x.check()
					}
				}
			})
		})
	}
}

// TestExploreIssueAgainstClose: the timeline is closed while somebody issues and makes room. Afterwards nobody does.
func TestExploreIssueAgainstClose(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		x := newWindowWorld(w, 2, 2)
		x.local(func(l *Local) { x.complete(l, 1, nil) })() // there is room, which nobody knows of
		x.thread(s, "issuer", func(l *Local) {
			n, err := x.w.TryIssue()
			assertOneOf("TryIssue", err, nil, ErrFailed)
			if err == nil {
				x.complete(l, n, nil, ErrFailed)
			}
		})
		s.Thread("closer", func() {
			assertOneOf("Close", x.t.Close(ErrFailed), nil)
			before := x.w.Issued()
			_, err := x.w.TryIssue()
			assertOneOf("TryIssue after Close", err, ErrFailed)
			assertOneOf("Complete after Close", x.w.Complete(before), ErrFailed)
			x.help()
		})
		return func() {
			_, err := x.w.TryIssue()
			assertOneOf("TryIssue afterwards", err, ErrFailed)
		}
	})
}

// TestExploreWindowAgainstClose: the timeline, or the runtime, is closed while the gap closes. The value stays where a
// prefix of what is complete ends, and afterwards all are told.
func TestExploreWindowAgainstClose(t *testing.T) {
	for name, c := range map[string]struct {
		close func(x *windowWorld) error
		cause error
	}{
		"timeline": {func(x *windowWorld) error { return x.t.Close(ErrFailed) }, ErrFailed},
		"runtime":  {func(x *windowWorld) error { return x.rt.Close() }, ErrCanceled},
	} {
		t.Run(name, func(t *testing.T) {
			before := runtimes.Load()
			defer runtimes.Store(before)
			explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
				x := newWindowWorld(newWorld(tiny), 2, 2)
				for n := uint64(1); n <= 2; n++ {
					x.thread(s, "completer", func(l *Local) { x.complete(l, n, nil, c.cause) })
				}
				s.Thread("closer", func() {
					assertOneOf("Close", c.close(x), nil)
					v := x.t.Value()
					x.help()
					_, err := x.w.TryIssue()
					assertOneOf("TryIssue after Close", err, c.cause)
					assertOneOf("Complete after Close", x.w.Complete(v+1), c.cause)
					explore.Assert(x.t.Value() == v, "the value has moved from %d to %d after Close", v, x.t.Value())
				})
				s.Finally(func() {
					for n := x.t.Value(); n > 0; n-- {
						explore.Assert(x.done[n] == 1, "%d wasn't completed, and the value is %d", n, x.t.Value())
					}
					_, err := x.w.TryIssue()
					assertOneOf("TryIssue", err, c.cause)
					assertOneOf("Complete", x.w.Complete(x.t.Value()+1), c.cause)
					unregister(x.rt)
				})
			})
		})
	}
}

// TestExploreNewWindowAgainstClose: a window is made while its timeline is closed. One of the two sees the other.
func TestExploreNewWindowAgainstClose(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		x := newLineWorld(w, 0)
		var made *CommitWindow
		s.Thread("maker", func() {
			window, err := NewCommitWindow(x.t, 2)
			assertOneOf("NewCommitWindow", err, nil, ErrFailed)
			if err == nil {
				made = window
				_, err := window.TryIssue()
				assertOneOf("TryIssue", err, nil, ErrFailed)
				x.help()
			}
		})
		s.Thread("closer", func() {
			assertOneOf("Close", x.t.Close(ErrFailed), nil)
			x.help()
		})
		return func() {
			_, err := NewCommitWindow(x.t, 2)
			assertOneOf("NewCommitWindow afterwards", err, ErrFailed)
			if made != nil {
				_, err := made.TryIssue()
				assertOneOf("TryIssue afterwards", err, ErrFailed)
				assertOneOf("Complete afterwards", made.Complete(1), ErrFailed)
			}
		}
	})
}

// TestExploreTwoWindows: of two that make a window of one timeline, one has it.
func TestExploreTwoWindows(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		x := newLineWorld(w, 0)
		made := 0
		for range 2 {
			s.Thread("maker", func() {
				window, err := NewCommitWindow(x.t, 2)
				assertOneOf("NewCommitWindow", err, nil, ErrHasWindow)
				if err == nil {
					made++
					n, err := window.TryIssue()
					assertOneOf("TryIssue", err, nil)
					explore.Assert(n == 1, "issued %d", n)
					assertOneOf("Complete", window.Complete(n), nil)
				}
			})
		}
		return func() { explore.Assert(made == 1 && x.t.Value() == 1, "%d windows, value %d", made, x.t.Value()) }
	})
}

// TestExploreLearning: two complete numbers that aren't known to be issued, while the second of them is.
func TestExploreLearning(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		x := newWindowWorld(w, 4, 1)
		x.completer(s, 1)
		x.thread(s, "guesser", func(l *Local) { x.complete(l, 2, nil, ErrNotIssued, ErrSignaled) })
		x.thread(s, "issuer", func(l *Local) {
			n, err := x.w.TryIssue()
			assertOneOf("TryIssue", err, nil)
			x.complete(l, n, nil, ErrSignaled)
		})
		return x.check
	})
}
