//go:build explore

package fencert

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreCancelAgainstFinish cancels two callbacks, one of them twice, while the fence is finished: each runs or
// was canceled by one.
func TestExploreCancelAgainstFinish(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		var tickets [2]Ticket
		for k := range tickets {
			tickets[k] = must(l.OnSignal(i.Fence(), w.note, uint64(k)))
		}
		l.giveBack()
		var canceled [2]int
		cancel := func(l *Local, k int) {
			if l.Cancel(tickets[k]) {
				canceled[k]++
			}
		}
		s.Thread("first", w.local(func(l *Local) { cancel(l, 0) }))
		s.Thread("second", w.local(func(l *Local) { cancel(l, 1); cancel(l, 0) }))
		s.Thread("finisher", w.local(func(l *Local) { assertOneOf("Finish", l.Finish(i, errTable), nil) }))
		return func() {
			for k := range canceled {
				explore.Assert(canceled[k]+w.ran[k] == 1, "callback %d: canceled %d times, ran %d times", k, canceled[k], w.ran[k])
			}
		}
	})
}

// TestExploreStaleHandles uses every kind of handle while its life ends and the slot is armed again: the next life
// has its own callback, its own result, and no hold.
func TestExploreStaleHandles(t *testing.T) {
	config := tiny
	config.Fences, config.Callbacks = 1, 2
	for name, use := range map[string]func(w *world, l *Local, i Issuer, t Ticket){
		"hold": func(_ *world, l *Local, i Issuer, _ Ticket) {
			if h, err := l.Hold(i.Fence()); err == nil {
				assertOneOf("Hold.Err", h.Err(), ErrPending, errTable)
				assertOneOf("Release", l.Release(h), nil)
			}
		},
		"add": func(w *world, l *Local, i Issuer, _ Ticket) {
			_, err := l.OnSignal(i.Fence(), w.note, 7)
			assertOneOf("OnSignal", err, nil, ErrSignaled, ErrExhausted)
			if err == nil {
				w.ran[6]++ // what is added must run
			}
		},
		"cancel": func(w *world, l *Local, _ Issuer, ticket Ticket) {
			if l.Cancel(ticket) {
				w.ran[0]++ // it will not run
			}
		},
		"err": func(_ *world, l *Local, i Issuer, _ Ticket) {
			assertOneOf("Err", i.Fence().Err(), ErrPending, errTable, ErrStale)
		},
		"drop": func(_ *world, l *Local, i Issuer, _ Ticket) {
			assertOneOf("Drop", l.Drop(i), nil, ErrStale)
		},
		"signal": func(_ *world, l *Local, i Issuer, _ Ticket) {
			assertOneOf("Signal", l.Signal(i, errTable), nil, ErrSignaled, ErrStale)
		},
	} {
		t.Run(name, func(t *testing.T) {
			search(t, 3, config, func(s *explore.Scenario, w *world) func() {
				l := w.rt.newLocal()
				i := w.arm(l)
				ticket := must(l.OnSignal(i.Fence(), w.note, 0))
				var next Issuer
				s.Thread("user", w.local(func(l *Local) { use(w, l, i, ticket) }))
				s.Thread("issuer", func() {
					if err := l.Finish(i, errTable); err != nil {
						assertOneOf("Finish", err, ErrSignaled, ErrStale) // the user was first
						l.Drop(i)
					}
					r, err := l.Reserve()
					if err != nil {
						return // the user holds it, or was the last
					}
					next = l.Arm(r, w.c)
					_, err = l.OnSignal(next.Fence(), w.note, 1)
					assertOneOf("OnSignal", err, nil, ErrExhausted)
					if err == nil {
						w.ran[2]++
					}
					explore.Assert(!next.Fence().Signaled(), "the next life is signaled")
					assertOneOf("Finish", l.Finish(next, errno(9)), nil)
					if err == nil {
						assertOneOf("the next life's result", w.got[1][0], errno(9))
					}
				})
				return func() {
					l.giveBack()
					explore.Assert(w.ran[0] == 1, "the first life's callback: %d times", w.ran[0])
					explore.Assert(w.ran[1] == w.ran[2], "the next life's callback: %d times", w.ran[1])
					explore.Assert(w.ran[7] == w.ran[6], "the user's callback: %d times", w.ran[7])
				}
			})
		})
	}
}

// TestExploreCallbacksDone polls while callbacks run: done is never seen before they have run, and stays.
func TestExploreCallbacksDone(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		l.giveBack()
		f := i.Fence()
		s.Thread("poller", func() {
			signaled, done := f.Signaled(), f.CallbacksDone()
			explore.Assert(!done || w.ran[0] == 1, "callbacks are done before they have run")
			explore.Assert(!signaled || f.Signaled(), "unsignaled again")
			explore.Assert(!done || f.CallbacksDone(), "undone again")
		})
		s.Thread("signaler", w.local(func(l *Local) {
			assertOneOf("Signal", l.Signal(i, nil), nil)
			explore.Assert(f.CallbacksDone(), "not done when Signal returns")
		}))
		s.Thread("dropper", w.local(func(l *Local) {
			for !f.Signaled() {
				pause()
			}
			assertOneOf("Drop", l.Drop(i), nil)
		}))
		return nil
	})
}

// TestExploreNestedSignals has two goroutines signal fences whose callbacks signal the other's.
func TestExploreNestedSignals(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		a, b := w.arm(l), w.arm(l)
		signals := must(w.rt.Handler(func(l *Local, arg uint64, _ error) {
			w.ran[arg]++
			assertOneOf("nested Signal", l.Signal([]Issuer{b, a}[arg], nil), nil, ErrSignaled)
		}))
		_ = must(l.OnSignal(a.Fence(), signals, 0))
		_ = must(l.OnSignal(b.Fence(), signals, 1))
		l.giveBack()
		s.Thread("a", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(a, nil), nil, ErrSignaled) }))
		s.Thread("b", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(b, nil), nil, ErrSignaled) }))
		return func() {
			explore.Assert(w.ran[0] == 1 && w.ran[1] == 1, "ran %v times", w.ran[:2])
			l := w.rt.newLocal()
			_, _ = l.Drop(a), l.Drop(b)
			l.giveBack()
		}
	})
}
