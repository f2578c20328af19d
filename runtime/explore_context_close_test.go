//go:build explore

package fencert

import (
	"errors"
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// wantContexts checks, at a scenario's end, that nothing but what is open is registered.
func (w *world) wantContexts(open int) {
	w.rt.Collect()
	explore.Assert(w.rt.contexts.Size() == open, "%d contexts are registered, want %d", w.rt.contexts.Size(), open)
}

// TestExploreArmAgainstContextClose: every fence armed is signaled exactly once, by Close or when it is born, and finds its
// context.
func TestExploreArmAgainstContextClose(t *testing.T) {
	for name, data := range map[string]bool{"plain": false, "data": true} {
		t.Run(name, func(t *testing.T) {
			bothStores(t, 3, 1, func(s *explore.Scenario, w *world) func() {
				var table *Table[uint64]
				if data {
					table = NewTable[uint64](w.rt, nil)
					w.c = must(w.rt.NewFenceContext("driver", "data", UserData(table)))
				}
				l := w.rt.newLocal()
				r := must(l.Reserve())
				added := 0
				var armed Fence
				s.Thread("armer", func() {
					i := l.Arm(r, w.c)
					armed = i.Fence()
					_, err := l.OnSignal(i.Fence(), w.note, 0)
					assertOneOf("OnSignal", err, nil, ErrSignaled)
					if err == nil {
						added++
					}
					c, err := i.Fence().Context()
					explore.Assert(c == w.c, "Context: %v", err)
					if data {
						explore.Assert(table.At(i) != nil, "no entry")
					}
					i.checkClosed(l, added == 0)
				})
				s.Thread("closer", func() {
					n, err := w.c.Close(nil)
					explore.Assert(err == nil && n <= 1, "Close: %d, %v", n, err)
					explore.Assert(armed.Signaled(), "Close has left one out")
				})
				return func() {
					l.giveBack()
					explore.Assert(w.ran[0] == added, "added %d, ran %d times", added, w.ran[0])
					w.wantContexts(w.open(data))
				}
			})
		})
	}
}

// open is how many contexts of a world are open when w.c is closed.
func (w *world) open(another bool) int {
	if another {
		return 1
	}
	return 0
}

// checkClosed finishes a fence whose context is being closed. born: it must be signaled.
func (i Issuer) checkClosed(l *Local, born bool) {
	f := i.Fence()
	if born {
		explore.Assert(f.Signaled() && f.Err() == ErrCanceled, "not signaled by Close: %v", f.Err())
	}
	if err := l.Finish(i, nil); err != nil {
		assertOneOf("Finish", err, ErrSignaled)
		assertOneOf("Err", f.Err(), ErrCanceled)
		assertOneOf("Drop", l.Drop(i), nil)
	}
}

// TestExploreNewFenceAgainstContextClose: a fence, or the error.
func TestExploreNewFenceAgainstContextClose(t *testing.T) {
	bothStores(t, 3, 2, func(s *explore.Scenario, w *world) func() {
		w.c = must(w.rt.NewFenceContext("driver", "single", SingleIssuer()))
		l := w.rt.newLocal()
		l.Unreserve(must(l.Reserve())) // the fast path
		s.Thread("armer", func() {
			for range 2 {
				i, err := l.NewFence(w.c)
				assertOneOf("NewFence", err, nil, ErrContextClosed)
				if err == nil {
					c, err := i.Fence().Context()
					explore.Assert(c == w.c, "Context: %v", err)
					i.checkClosed(l, false)
				}
			}
		})
		s.Thread("closer", func() {
			n, err := w.c.Close(nil)
			explore.Assert(err == nil && n <= 1, "Close: %d, %v", n, err)
		})
		return func() {
			l.giveBack()
			w.wantContexts(1)
		}
	})
}

// TestExploreFinishAgainstContextClose: one of the two runs the callback, and only a fence that Close has signaled
// counts.
func TestExploreFinishAgainstContextClose(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		finished := false
		var n int
		s.Thread("finisher", func() {
			err := l.Finish(i, errTable)
			if finished = err == nil; !finished {
				assertOneOf("Finish", err, ErrSignaled)
				assertOneOf("Drop", l.Drop(i), nil)
			}
		})
		s.Thread("closer", func() { n, _ = w.c.Close(errno(5)) })
		return func() {
			l.giveBack()
			explore.Assert(w.ran[0] == 1, "ran %d times", w.ran[0])
			want := error(errTable)
			if !finished {
				want = errno(5)
			}
			explore.Assert(w.got[0][0] == want && (n == 1) == !finished, "%v, %d signaled, finished %v", w.got[0][0], n, finished)
			w.wantContexts(0)
		}
	})
}

// TestExploreContextCloseTwice: one of two closes it.
func TestExploreContextCloseTwice(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		closed, signaled := 0, 0
		for k, name := range []string{"first", "second"} {
			s.Thread(name, func() {
				n, err := w.c.Close(errno(k + 1))
				assertOneOf("Close", err, nil, ErrContextClosed)
				if err == nil {
					closed++
					signaled += n
					assertOneOf("Err", i.Fence().Err(), errno(k+1))
				}
			})
		}
		return func() {
			assertOneOf("Drop", l.Drop(i), nil)
			l.giveBack()
			explore.Assert(closed == 1 && signaled == 1 && w.ran[0] == 1, "closed %d times, %d signaled", closed, signaled)
			w.wantContexts(0)
		}
	})
}

// TestExploreContextCloseAgainstRuntimeClose: the fence is signaled by one of the two.
func TestExploreContextCloseAgainstRuntimeClose(t *testing.T) {
	closeSearch(t, 2, func(s *explore.Scenario, w *world) func() {
		d := newWithData(w)
		l := w.rt.newLocal()
		i := d.with(l, 1)
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		l.giveBack()
		var n int
		s.Thread("context", func() {
			var err error
			n, err = d.c.Close(nil)
			assertOneOf("Close", err, nil, ErrClosed)
		})
		var leaked bool
		s.Thread("runtime", func() {
			err := w.rt.Close()
			leaked = errors.Is(err, ErrLeaked)
		})
		return func() {
			explore.Assert(w.ran[0] == 1, "ran %d times", w.ran[0])
			explore.Assert(n == 1 || leaked, "neither has found it")
			assertOneOf("Err", i.Fence().Err(), ErrCanceled)
			l := w.rt.newLocal()
			assertOneOf("Drop", l.Drop(i), nil)
			l.giveBack()
			for range graceTries {
				w.rt.Collect()
			}
			explore.Assert(d.drops[1] == 1, "dropped %v", d.drops)
		}
	})
}

// TestExploreLateArmAgainstForgetting: a closed context is forgotten while fences are armed in it, by one or by two. As
// long as they live they find it, and afterwards nothing is left.
func TestExploreLateArmAgainstForgetting(t *testing.T) {
	for name, armers := range map[string][]string{"one": {"armer"}, "two": {"armer", "other"}} {
		t.Run(name, func(t *testing.T) {
			search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				l := w.rt.newLocal()
				first := w.arm(l)
				_, _ = w.c.Close(nil) // and stays in the list, for first is there
				assertOneOf("Drop", l.Drop(first), nil)
				for _, name := range armers {
					r := must(l.Reserve())
					l := w.rt.newLocal()
					s.Thread(name, func() {
						i := l.Arm(r, w.c)
						for range 2 {
							c, err := i.Fence().Context()
							explore.Assert(c == w.c && c.Driver() == "driver", "a life's context is forgotten: %v", err)
						}
						assertOneOf("Drop", l.Drop(i), nil)
						l.giveBack()
					})
				}
				for range 3 - len(armers) {
					s.Thread("forgetter", w.rt.forgetContexts)
				}
				return func() {
					l.giveBack()
					w.wantContexts(0)
					explore.Assert(w.rt.forgetting.newest.Load() == nil, "it is still to be forgotten")
				}
			})
		})
	}
}

// bothStores explores a scenario with stores that are visible at once, and with release stores that wait in a buffer: there it
// takes the stop of the world in Close to see what was armed before (C1).
func bothStores(t *testing.T, preemptions, buffered int, scenario func(s *explore.Scenario, w *world) func()) {
	t.Run("at once", func(t *testing.T) { search(t, preemptions, tiny, scenario) })
	t.Run("buffered", func(t *testing.T) { searchBuffered(t, buffered, tiny, scenario) })
}
