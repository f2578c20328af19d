//go:build explore

package fencert

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// searchTwice is search, and a sample of what release stores that arrive late add to it.
func searchTwice(t *testing.T, preemptions int, config Config, scenario func(s *explore.Scenario, w *world) (check func())) {
	t.Run("at once", func(t *testing.T) { search(t, preemptions, config, scenario) })
	t.Run("buffered", func(t *testing.T) {
		searchWith(t, explore.Options{Mode: explore.Random, StoreBuffers: true, MaxSchedules: 5_000}, config, scenario)
	})
	for _, o := range explore.WhenLong(explore.Options{Preemptions: preemptions + 1, MaxTime: 2 * time.Minute, AllowTruncated: true}) {
		t.Run("long", func(t *testing.T) { searchWith(t, o, config, scenario) })
	}
}

// TestExploreNestedAdvance: a callback advances its own timeline. The value is there at once, the callbacks follow in order,
// before the outer Advance returns or where another one delivers.
func TestExploreNestedAdvance(t *testing.T) {
	searchTwice(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		x := newLineWorld(w, 0)
		nest := must(w.rt.Handler(func(l *Local, n uint64, _ error) {
			w.ran[n]++
			x.order = append(x.order, n)
			so := len(x.order)
			assertOneOf("nested Advance", l.Advance(x.t, 3), nil, ErrSignaled)
			explore.Assert(x.t.At(3).Signaled(), "a nested Advance returns, and the value isn't there")
			explore.Assert(len(x.order) == so, "callbacks run inside a callback of their timeline: %v", x.order)
		}))
		l := w.rt.newLocal()
		must(l.OnSignal(x.t.At(1), nest, 1))
		x.add[1] = true
		x.on(l, 3)
		x.on(l, 2)
		l.giveBack()
		x.thread(s, "advancer", func(l *Local) {
			assertOneOf("Advance", l.Advance(x.t, 1), nil, ErrSignaled)
		})
		x.thread(s, "other", func(l *Local) { assertOneOf("Advance", l.Advance(x.t, 2), nil, ErrSignaled) })
		return func() {
			x.check()
			for k, n := range []uint64{1, 2, 3} {
				explore.Assert(len(x.order) == 3 && x.order[k] == n, "order %v", x.order)
			}
		}
	})
}

// TestExploreManyAgainstAdvance: callbacks on several points at once, all or none, while the value goes past the lowest, and
// the timeline is perhaps closed.
func TestExploreManyAgainstAdvance(t *testing.T) {
	for name, closes := range map[string]bool{"advance": false, "close": true} {
		t.Run(name, func(t *testing.T) {
			searchTwice(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				x := newLineWorld(w, 0)
				points := []uint64{3, 1, 2}
				x.thread(s, "adder", func(l *Local) {
					tickets := make([]Ticket, len(points))
					err := l.OnSignalEach(x.t, points, x.note, points, tickets)
					assertOneOf("OnSignalEach", err, nil, ErrSignaled)
					if err != nil {
						explore.Assert(x.t.At(1).Signaled(), "refused, and the lowest is pending")
						return
					}
					for _, n := range points {
						x.add[n] = true
					}
					x.cancel[3] = l.Cancel(tickets[0])
				})
				x.thread(s, "advancer", func(l *Local) {
					assertOneOf("Advance", l.Advance(x.t, 1), nil, ErrFailed)
					assertOneOf("Advance", l.Advance(x.t, 2), nil, ErrFailed)
				})
				if closes {
					s.Thread("closer", func() {
						assertOneOf("Close", x.t.Close(ErrFailed), nil)
						x.help()
					})
				}
				return x.check
			})
		})
	}
}

// TestExploreDoneOfAPoint: the channel is closed by the value or by Close, unless it was stopped; one of them.
func TestExploreDoneOfAPoint(t *testing.T) {
	for name, closes := range map[string]bool{"advance": false, "close": true} {
		t.Run(name, func(t *testing.T) {
			searchTwice(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				x := newLineWorld(w, 0)
				c, stop := x.t.At(2).Done()
				var late <-chan struct{}
				kept := false
				s.Thread("stopper", func() {
					kept = stop()
					x.help()
				})
				s.Thread("asker", func() {
					late = x.t.Done(2)
					x.help()
				})
				x.thread(s, "signaler", func(l *Local) {
					if closes {
						assertOneOf("Close", x.t.Close(ErrFailed), nil)
					} else {
						assertOneOf("Advance", l.Advance(x.t, 2), nil)
					}
				})
				return func() {
					x.help()
					explore.Assert(isClosed(c) != kept, "closed %v, kept open %v", isClosed(c), kept)
					explore.Assert(isClosed(late), "a channel of a point that is signaled is open")
					explore.Assert(!stop(), "stopped again")
					x.check()
				}
			})
		})
	}
}

// TestExploreTimeoutOfAPoint has the clock run out while the value gets there.
func TestExploreTimeoutOfAPoint(t *testing.T) {
	for name, strategy := range map[string]Strategy{"park": Park, "spin": Spin} {
		t.Run(name, func(t *testing.T) {
			searchTwice(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				x := newLineWorld(w, 0)
				clock := make(chan time.Time)
				s.Thread("waiter", func() {
					e := ending{limited: true, expired: clock}
					err := w.rt.wait(&e, x.t.At(2), strategy)
					assertOneOf("WaitTimeout", err, nil, ErrTimeout)
					explore.Assert(err != nil || x.t.At(2).Signaled(), "nil at %d", x.t.Value())
					x.help()
				})
				x.thread(s, "advancer", func(l *Local) {
					assertOneOf("Advance", l.Advance(x.t, 1), nil)
					assertOneOf("Advance", l.Advance(x.t, 2), nil)
				})
				s.Thread("clock", later(func() { close(clock) }))
				return x.check
			})
		})
	}
}

// TestExploreWaitAnyOfBothKinds: points of two timelines and a fence, all of them signaled at once, by three goroutines: the
// index was the lowest at one moment of the call.
func TestExploreWaitAnyOfBothKinds(t *testing.T) {
	searchTwice(t, 1, wide, func(s *explore.Scenario, w *world) func() {
		x := newLineWorld(w, 0)
		other := must(w.rt.NewTimeline("disk", "applied"))
		l := w.rt.newLocal()
		i := w.arm(l)
		l.giveBack()
		fences := []Fence{x.t.At(2), i.Fence(), other.At(1), x.t.At(1)}
		s.Thread("waiter", func() {
			k, err := WaitAny(context.Background(), fences...)
			assertOneOf("WaitAny", err, nil, errTable)
			explore.Assert((err == errTable) == (k == 1), "%d, %v", k, err)
			explore.Assert(k >= 0 && fences[k].Signaled(), "%d", k)
			explore.Assert(k != 3, "point 1, which was never signaled without point 2")
			x.help()
		})
		x.thread(s, "advancer", func(l *Local) { assertOneOf("Advance", l.Advance(x.t, 2), nil) })
		x.thread(s, "other", func(l *Local) { assertOneOf("Advance", l.Advance(other, 1), nil) })
		x.thread(s, "signaler", func(l *Local) { assertOneOf("Signal", l.Signal(i, errTable), nil) })
		return func() {
			x.check()
			_ = other.Close(nil)
			w.drop(i)
		}
	})
}

// TestExploreWaitAllOfBothKinds: all of them, whoever comes last, also when the timeline is closed instead.
func TestExploreWaitAllOfBothKinds(t *testing.T) {
	searchTwice(t, 2, wide, func(s *explore.Scenario, w *world) func() {
		x := newLineWorld(w, 0)
		l := w.rt.newLocal()
		i := w.arm(l)
		l.giveBack()
		s.Thread("waiter", func() {
			err := WaitAll(context.Background(), x.t.At(2), i.Fence())
			assertOneOf("WaitAll", err, nil, ErrFailed)
			explore.Assert(x.t.At(2).Signaled() && i.Fence().Signaled(), "not all are signaled")
			x.help()
		})
		x.thread(s, "advancer", func(l *Local) {
			assertOneOf("Advance", l.Advance(x.t, 2), nil, ErrFailed)
			assertOneOf("Signal", l.Signal(i, nil), nil)
		})
		s.Thread("closer", func() {
			assertOneOf("Close", x.t.Close(ErrFailed), nil)
			x.help()
		})
		return func() {
			x.check()
			w.drop(i)
		}
	})
}

// TestExploreCrossedCancelsOfPoints: two timelines deliver at once, and a callback of each cancels one of the other's. One that
// would wait is told that it is in a callback, and has changed nothing.
func TestExploreCrossedCancelsOfPoints(t *testing.T) {
	searchTwice(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		x := newLineWorld(w, 0)
		lines := [2]*Timeline{x.t, must(w.rt.NewTimeline("disk", "applied"))}
		var tickets [2]Ticket
		var canceled [2]int
		cross := must(w.rt.Handler(func(l *Local, k uint64, _ error) {
			w.ran[k]++
			_, err := l.CancelWait(tickets[1-k])
			assertOneOf("CancelWait", err, ErrInCallback)
			if l.Cancel(tickets[1-k]) {
				canceled[1-k]++
			}
		}))
		l := w.rt.newLocal()
		for k, line := range lines {
			tickets[k] = must(l.OnSignal(line.At(1), cross, uint64(k)))
		}
		l.giveBack()
		for k, name := range []string{"a", "b"} {
			x.thread(s, name, func(l *Local) { assertOneOf("Advance", l.Advance(lines[k], 1), nil) })
		}
		return func() {
			x.help()
			for k, line := range lines {
				explore.Assert(w.ran[k]+canceled[k] == 1, "callback %d: ran %d times, canceled %d times", k, w.ran[k], canceled[k])
				_ = line.Close(nil)
			}
		}
	})
}

// TestExplorePointsExhausted: one callback for two who want it. Who gets none is told so, nothing is lost, and it can be had
// again, also when it is canceled and lies in the timeline still.
func TestExplorePointsExhausted(t *testing.T) {
	config := tiny
	config.Points = 1
	searchTwice(t, 2, config, func(s *explore.Scenario, w *world) func() {
		x := newLineWorld(w, 0)
		for _, n := range []uint64{2, 3} {
			x.thread(s, "adder", func(l *Local) {
				ticket, err := l.OnSignal(x.t.At(n), x.note, n)
				assertOneOf("OnSignal", err, nil, ErrSignaled, ErrExhausted)
				if x.add[n] = err == nil; x.add[n] && n == 2 {
					x.cancel[n] = l.Cancel(ticket)
				}
			})
		}
		x.thread(s, "advancer", func(l *Local) { assertOneOf("Advance", l.Advance(x.t, 1), nil) })
		return func() {
			x.help()
			if !x.add[3] {
				l := w.rt.newLocal()
				if x.add[2] && !x.cancel[2] {
					assertOneOf("Advance", l.Advance(x.t, 2), nil)
				}
				x.on(l, 4)
				l.giveBack()
				explore.Assert(x.add[4], "not again")
			}
			x.check()
		}
	})
}

// TestExploreCloseAgainstTimelines closes the runtime while one adds and advances and another waits: who waits is woken, what was
// added runs, and no goroutine that was started to deliver is left.
func TestExploreCloseAgainstTimelines(t *testing.T) {
	closeSearch(t, 1, func(s *explore.Scenario, w *world) func() {
		t := must(w.rt.NewTimeline("disk", "durable"))
		wake := atomicx.NewParker()
		var handed, over atomicx.Uint32
		var adopt func()
		w.rt.spawn = func(f func()) {
			explore.Assert(handed.Load() == 0, "handed over twice")
			adopt = f
			handed.Store(1)
			wake.Wake()
		}
		added := 0
		s.Thread("waiter", func() {
			err := t.At(2).WaitWith(context.Background(), Park)
			assertOneOf("Wait", err, nil, ErrCanceled)
		})
		s.Thread("advancer", func() {
			l := w.rt.newLocal()
			_, err := l.OnSignal(t.At(2), w.note, 2)
			assertOneOf("OnSignal", err, nil, ErrSignaled)
			if err == nil {
				added++
			}
			assertOneOf("Advance", l.Advance(t, 2), nil, ErrCanceled)
			l.giveBack()
		})
		s.Thread("closer", func() {
			if err := w.rt.Close(); err != nil {
				explore.Assert(errors.Is(err, ErrLeaked), "Close: %v", err)
			}
			explore.Assert(t.At(MaxPoint).Signaled(), "a timeline is open after Close")
			over.Store(1)
			wake.Wake()
		})
		s.Thread("spawned", func() {
			for over.Load() == 0 {
				wake.Park(nil, nil)
				if handed.CompareAndSwap(1, 0) {
					adopt()
				}
			}
		})
		return func() {
			if handed.CompareAndSwap(1, 0) {
				adopt()
			}
			explore.Assert(w.ran[2] == added, "added %d, ran %d", added, w.ran[2])
			explore.Assert(w.rt.adopting.Load() == 0, "%d are delivering", w.rt.adopting.Load())
		}
	})
}
