//go:build explore

package fencert

import (
	"context"
	"errors"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// A lineWorld is a world with a timeline. Goroutines that are started to deliver are modeled by the threads themselves: each
// ends with delivering what was handed over.
type lineWorld struct {
	*world
	t      *Timeline
	handed atomicx.Uint32
	adopt  func()
	order  []uint64
	fresh  bool    // the threads' Locals have had nothing to do with a timeline yet, and so take the slow ways
	add    [8]bool // added, by argument
	cancel [8]bool
}

func newLineWorld(w *world, value uint64) *lineWorld {
	x := &lineWorld{world: w, t: must(w.rt.NewTimeline("disk", "durable", StartAt(value)))}
	w.rt.spawn = func(f func()) {
		explore.Assert(x.handed.Load() == 0, "handed over twice")
		x.adopt = f
		x.handed.Store(1)
	}
	x.note = must(w.rt.Handler(func(_ *Local, arg uint64, err error) {
		explore.Assert(x.t.At(arg).Signaled(), "point %d was delivered at value %d", arg, x.t.Value())
		w.ran[arg]++
		w.got[arg] = append(w.got[arg], err)
		x.order = append(x.order, arg)
	}))
	return x
}

func (x *lineWorld) help() {
	for x.handed.CompareAndSwap(1, 0) {
		x.adopt()
	}
}

// adopter is a thread that helps until that many others have said over: what waits for a handed-over delivery can't help itself.
func (x *lineWorld) adopter(s *explore.Scenario, others uint32) (over func()) {
	var n atomicx.Uint32
	s.Thread("adopter", func() {
		for n.Load() < others {
			x.help()
			atomicx.Pause(1)
		}
		x.help()
	})
	return func() { n.Add(1) }
}

func (x *lineWorld) thread(s *explore.Scenario, name string, f func(l *Local)) {
	s.Thread(name, func() {
		x.local(func(l *Local) {
			if !x.fresh {
				l.owner()
			}
			f(l)
		})()
		x.help()
	})
}

// on adds note at a point, with the point as its argument.
func (x *lineWorld) on(l *Local, n uint64) Ticket {
	ticket, err := l.OnSignal(x.t.At(n), x.note, n)
	assertOneOf("OnSignal", err, nil, ErrSignaled)
	explore.Assert(err == nil || x.t.At(n).Signaled(), "refused at value %d: point %d", x.t.Value(), n)
	x.add[n] = err == nil
	return ticket
}

// check is what holds at the end: what the value has reached has run without anybody's help, exactly once.
func (x *lineWorld) check() {
	x.help()
	for n := range uint64(8) {
		want := 0
		if x.add[n] && !x.cancel[n] && x.t.At(n).Signaled() {
			want = 1
		}
		explore.Assert(x.ran[n] == want, "point %d at value %d: added %v, canceled %v, ran %d times", n, x.t.Value(),
			x.add[n], x.cancel[n], x.ran[n])
		explore.Assert(!x.add[n] || !x.t.At(n).Signaled() || x.t.At(n).CallbacksDone(), "point %d isn't done", n)
	}
	_ = x.t.Close(nil)
	for n := range uint64(8) {
		explore.Assert(!x.add[n] || x.cancel[n] || x.ran[n] == 1, "point %d after Close: ran %d times", n, x.ran[n])
	}
}

// TestExploreAdvanceAgainstAdd: two advancers, and adders before, at and behind what they advance to.
func TestExploreAdvanceAgainstAdd(t *testing.T) {
	for _, c := range []struct {
		name   string
		fresh  bool
		a, b   uint64
		points []uint64
	}{
		{"before", false, 3, 2, []uint64{1, 2}},
		{"at", false, 2, 3, []uint64{3}},
		{"behind", false, 2, 1, []uint64{2, 3}},
		{"fresh", true, 3, 2, []uint64{2, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				x := newLineWorld(w, 0)
				x.fresh = c.fresh
				x.thread(s, "adder", func(l *Local) {
					for _, n := range c.points {
						x.on(l, n)
					}
				})
				for _, n := range []uint64{c.a, c.b} {
					x.thread(s, "advancer", func(l *Local) { assertOneOf("Advance", l.Advance(x.t, n), nil, ErrSignaled) })
				}
				return x.check
			})
		})
	}
}

// TestExploreCancelAgainstDelivery: true means that it never runs, false that it has or will.
func TestExploreCancelAgainstDelivery(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		x := newLineWorld(w, 0)
		l := w.rt.newLocal()
		ticket := x.on(l, 2)
		x.on(l, 1)
		l.giveBack()
		x.thread(s, "canceler", func(l *Local) {
			ok, err := l.CancelWait(ticket)
			assertOneOf("CancelWait", err, nil)
			x.cancel[2] = ok
			explore.Assert(ok || x.ran[2] == 1, "neither canceled nor has it run")
		})
		x.thread(s, "advancer", func(l *Local) { assertOneOf("Advance", l.Advance(x.t, 3), nil) })
		return x.check
	})
}

// TestExploreWaitAgainstAdvance: no wake-up is lost, by Advance or Close; a context that ends leaves nothing behind.
func TestExploreWaitAgainstAdvance(t *testing.T) {
	cause := errors.New("cause")
	for name, c := range map[string]struct {
		strategy Strategy
		cancels  bool
	}{"park": {Park, false}, "spin": {Spin, false}, "leaves": {Park, true}} {
		t.Run(name, func(t *testing.T) {
			search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				x := newLineWorld(w, 0)
				ctx, cancel := context.WithCancelCause(context.Background())
				s.Thread("waiter", func() {
					err := x.t.At(2).WaitWith(ctx, c.strategy)
					if err != cause {
						explore.Assert(x.t.At(2).Signaled(), "woken at %d", x.t.Value())
					}
					if c.cancels {
						assertOneOf("Wait", err, nil, ErrFailed, cause)
					} else {
						assertOneOf("Wait", err, nil, ErrFailed)
					}
					x.help()
				})
				x.thread(s, "advancer", func(l *Local) {
					assertOneOf("Advance", l.Advance(x.t, 1), nil, ErrFailed)
					if c.cancels {
						cancel(cause)
					}
					assertOneOf("Advance", l.Advance(x.t, 2), nil, ErrFailed)
				})
				if !c.cancels {
					s.Thread("closer", func() {
						assertOneOf("Close", x.t.Close(ErrFailed), nil)
						x.help()
					})
				}
				return func() {
					x.check()
					cancel(nil)
				}
			})
		})
	}
}

// TestExploreWaitForPointOrFence: WaitAny over both kinds, with both signaling.
func TestExploreWaitForPointOrFence(t *testing.T) {
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		x := newLineWorld(w, 0)
		l := w.rt.newLocal()
		i := w.arm(l)
		l.giveBack()
		s.Thread("waiter", func() {
			k, err := WaitAny(context.Background(), x.t.At(2), i.Fence())
			assertOneOf("WaitAny", err, nil)
			explore.Assert(k == 0 && x.t.At(2).Signaled() || k == 1 && i.Fence().Signaled(), "%d", k)
			x.help()
		})
		x.thread(s, "advancer", func(l *Local) { assertOneOf("Advance", l.Advance(x.t, 2), nil) })
		x.thread(s, "signaler", func(l *Local) { assertOneOf("Signal", l.Signal(i, nil), nil) })
		return func() {
			x.check()
			l := w.rt.newLocal()
			assertOneOf("Drop", l.Drop(i), nil)
			l.giveBack()
		}
	})
}

// TestExploreCloseOfTimeline: closers with causes of their own, an adder and an advancer. All see the one that has won, and
// the value decides who sees it.
func TestExploreCloseOfTimeline(t *testing.T) {
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		x := newLineWorld(w, 0)
		won := 0
		for _, cause := range []error{ErrFailed, errTable} {
			s.Thread("closer", func() {
				err := x.t.Close(cause)
				assertOneOf("Close", err, nil, ErrTimelineClosed)
				if err == nil {
					won++
				}
				explore.Assert(x.t.At(7).Signaled(), "Close returns, and it is open")
				assertOneOf("Err", x.t.At(7).Err(), ErrFailed, errTable)
				x.help()
			})
		}
		x.thread(s, "advancer", func(l *Local) {
			x.on(l, 1)
			if err := l.Advance(x.t, 1); err == nil {
				assertOneOf("Err", x.t.At(1).Err(), nil)
			}
		})
		return func() {
			explore.Assert(won == 1, "%d have won", won)
			for k := range x.got[1] {
				assertOneOf("result", x.got[1][k], x.t.At(1).Err())
			}
			x.check()
		}
	})
}

// TestExploreFlush returns when what was due has run.
func TestExploreFlush(t *testing.T) {
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		x := newLineWorld(w, 0)
		l := w.rt.newLocal()
		x.on(l, 1)
		x.on(l, 2)
		l.giveBack()
		over := x.adopter(s, 2)
		x.thread(s, "advancer", func(l *Local) {
			defer over()
			assertOneOf("Advance", l.Advance(x.t, 1), nil, ErrSignaled)
		})
		x.thread(s, "flusher", func(l *Local) {
			defer over()
			assertOneOf("Advance", l.Advance(x.t, 2), nil)
			done := x.t.At(2).CallbacksDone()
			explore.Assert(!done || x.ran[1] == 1 && x.ran[2] == 1, "CallbacksDone, and they have not run")
			x.help()
			assertOneOf("Flush", x.t.Flush(context.Background()), nil)
			explore.Assert(x.ran[1] == 1 && x.ran[2] == 1, "Flush returns, and they have not run")
		})
		return x.check
	})
}
