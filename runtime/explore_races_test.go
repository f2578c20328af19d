//go:build explore

package fencert

import (
	"context"
	"errors"
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreCrossedCancels: two fences are signaled at once, and a callback of each cancels one of the other's. One that would
// wait is told that it is in a callback.
func TestExploreCrossedCancels(t *testing.T) {
	searchTwice(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		var issuers [2]Issuer
		issuers[0], issuers[1] = w.two()
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
		for k, i := range issuers {
			tickets[k] = must(l.OnSignal(i.Fence(), cross, uint64(k)))
		}
		l.giveBack()
		for k, name := range []string{"a", "b"} {
			s.Thread(name, w.local(func(l *Local) { assertOneOf("Finish", l.Finish(issuers[k], nil), nil) }))
		}
		return func() {
			for k := range tickets {
				explore.Assert(w.ran[k]+canceled[k] == 1, "callback %d: ran %d times, canceled %d times", k, w.ran[k], canceled[k])
			}
		}
	})
}

// TestExploreRunsAgainOnAnotherFence: a callback adds itself to another fence, which is signaled just then. It is refused or
// runs once more, after it has returned where both run on one goroutine.
func TestExploreRunsAgainOnAnotherFence(t *testing.T) {
	searchTwice(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		i, j := w.two()
		var again Handler
		again = must(w.rt.Handler(func(l *Local, k uint64, _ error) {
			w.ran[k]++
			if k == 0 {
				_, err := l.OnSignal(j.Fence(), again, 1)
				assertOneOf("OnSignal", err, nil, ErrSignaled)
				if err == nil {
					w.ran[2]++
				}
				assertOneOf("nested Signal", l.Signal(j, nil), nil, ErrSignaled)
			}
		}))
		l := w.rt.newLocal()
		must(l.OnSignal(i.Fence(), again, 0))
		l.giveBack()
		s.Thread("first", w.local(func(l *Local) { assertOneOf("Finish", l.Finish(i, nil), nil) }))
		s.Thread("second", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(j, nil), nil, ErrSignaled) }))
		return func() {
			explore.Assert(w.ran[0] == 1 && w.ran[1] == w.ran[2], "ran %v", w.ran[:3])
			w.drop(j)
		}
	})
}

// TestExploreDropWhilePending: the issuer is dropped before it has signaled, while one adds and one waits. Both are told, with
// ErrCanceled.
func TestExploreDropWhilePending(t *testing.T) {
	searchTwice(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		ticket := must(l.OnSignal(i.Fence(), w.note, 0))
		l.giveBack()
		added, canceled := 0, 0
		s.Thread("adder", w.local(func(l *Local) {
			_, err := l.OnSignal(i.Fence(), w.note, 1)
			assertOneOf("OnSignal", err, nil, ErrSignaled, ErrExhausted) // the waiter may have taken them all for one
			if err == nil {
				added++
			}
			if l.Cancel(ticket) {
				canceled++
			}
		}))
		s.Thread("waiter", func() {
			assertOneOf("Wait", i.Fence().WaitWith(context.Background(), Park), ErrCanceled, ErrStale)
		})
		s.Thread("dropper", w.local(func(l *Local) { assertOneOf("Drop", l.Drop(i), nil) }))
		return func() {
			explore.Assert(w.ran[0]+canceled == 1 && w.ran[1] == added, "ran %v, added %d, canceled %d", w.ran[:2], added, canceled)
			for _, err := range append(w.got[0], w.got[1]...) {
				assertOneOf("result", err, ErrCanceled)
			}
		}
	})
}

// TestExploreCloseAgainstWait: the runtime, or the context, is closed while one waits, who may be about to leave.
func TestExploreCloseAgainstWait(t *testing.T) {
	for name, closer := range map[string]func(w *world){
		"runtime": func(w *world) { _ = w.rt.Close() },
		"context": func(w *world) { _, _ = w.c.Close(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			closeSearch(t, 2, func(s *explore.Scenario, w *world) func() {
				l := w.rt.newLocal()
				i := w.arm(l)
				l.giveBack()
				ctx, cancel := context.WithCancel(context.Background())
				s.Thread("waiter", func() {
					assertOneOf("Wait", i.Fence().WaitWith(ctx, Park), ErrCanceled, context.Canceled)
					assertOneOf("Wait", i.Fence().WaitWith(context.Background(), Park), ErrCanceled)
				})
				s.Thread("closer", func() {
					cancel()
					closer(w)
				})
				return func() {
					explore.Assert(i.Fence().Signaled(), "pending after Close")
					w.drop(i)
					if name == "context" {
						_ = w.rt.Close()
					}
				}
			})
		})
	}
}

// TestExploreStaleCalls is TestExploreStaleHandles for the calls that only look, or do several things at once.
func TestExploreStaleCalls(t *testing.T) {
	config := tiny
	config.Fences = 1
	for name, use := range map[string]func(w *world, l *Local, i Issuer, t Ticket){
		"look": func(_ *world, _ *Local, i Issuer, _ Ticket) {
			f := i.Fence()
			signaled, done := f.Signaled(), f.CallbacksDone()
			explore.Assert(!done || f.Signaled(), "done before it is signaled")
			explore.Assert(!signaled || f.Signaled(), "unsignaled again")
			assertOneOf("TryWait", f.TryWait(), ErrPending, errTable, ErrStale)
		},
		"add many": func(w *world, l *Local, i Issuer, _ Ticket) {
			err := l.OnSignalMany(i.Fence(), w.note, []uint64{6, 7})
			assertOneOf("OnSignalMany", err, nil, ErrSignaled, ErrExhausted)
			if err == nil {
				w.ran[6]--
				w.ran[7]--
			}
		},
		"wait": func(_ *world, _ *Local, i Issuer, _ Ticket) {
			assertOneOf("Wait", i.Fence().WaitWith(context.Background(), Park), errTable, ErrStale)
		},
		"wait any": func(_ *world, _ *Local, i Issuer, _ Ticket) {
			k, err := WaitAny(context.Background(), i.Fence())
			assertOneOf("WaitAny", err, errTable, ErrStale)
			explore.Assert(k == 0, "%d", k)
		},
		"cancel and wait": func(w *world, l *Local, _ Issuer, ticket Ticket) {
			ok, err := l.CancelWait(ticket)
			assertOneOf("CancelWait", err, nil)
			if ok {
				w.ran[0]++ // it will not run
			}
			explore.Assert(w.ran[0] == 1, "neither canceled nor has it run")
		},
		"finish": func(_ *world, l *Local, i Issuer, _ Ticket) {
			assertOneOf("Finish", l.Finish(i, errTable), nil, ErrSignaled, ErrStale)
		},
	} {
		t.Run(name, func(t *testing.T) {
			search(t, 2, config, func(s *explore.Scenario, w *world) func() {
				l := w.rt.newLocal()
				i := w.arm(l)
				ticket := must(l.OnSignal(i.Fence(), w.note, 0))
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
					next := l.Arm(r, w.c)
					explore.Assert(!next.Fence().Signaled(), "the next life is signaled")
					assertOneOf("the next life's Finish", l.Finish(next, errno(9)), nil)
				})
				return func() {
					l.giveBack()
					explore.Assert(w.ran[0] == 1 && w.ran[6] == 0 && w.ran[7] == 0, "ran %v", w.ran)
				}
			})
		})
	}
}

// TestExploreExhausted: fewer fences, callbacks and places for errors than are wanted. Who gets none is told so, or has its result
// replaced by ErrFailed; nothing is lost, and all can be had again.
func TestExploreExhausted(t *testing.T) {
	config := Config{Fences: 2, Callbacks: 1, Waiters: 1, Readers: 1, Errors: 1}
	searchTwice(t, 2, config, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		first := w.arm(l)
		l.giveBack()
		for k, cause := range []error{errTable, errOther} {
			s.Thread([]string{"a", "b"}[k], w.local(func(l *Local) {
				r, err := l.Reserve()
				assertOneOf("Reserve", err, nil, ErrExhausted)
				if err != nil {
					return
				}
				i := l.Arm(r, w.c)
				_, err = l.OnSignal(i.Fence(), w.note, uint64(k))
				assertOneOf("OnSignal", err, nil, ErrExhausted)
				if err == nil {
					w.ran[k]--
				}
				assertOneOf("Signal", l.Signal(i, cause), nil)
				assertOneOf("Err", i.Fence().Err(), cause, ErrFailed)
				assertOneOf("Drop", l.Drop(i), nil)
			}))
		}
		s.Thread("finisher", w.local(func(l *Local) { assertOneOf("Finish", l.Finish(first, errors.ErrUnsupported), nil) }))
		return func() {
			explore.Assert(w.ran[0] == 0 && w.ran[1] == 0, "ran %v", w.ran[:2])
			for k := range w.got[:2] {
				for _, err := range w.got[k] {
					assertOneOf("result", err, []error{errTable, errOther}[k], ErrFailed)
				}
			}
			l := w.rt.newLocal()
			i, j := w.arm(l), w.arm(l)
			must(l.OnSignal(i.Fence(), w.note, 3))
			assertOneOf("Signal", l.Signal(i, errTable), nil)
			assertOneOf("Err", i.Fence().Err(), errTable)
			assertOneOf("Finish", l.Finish(j, nil), nil)
			assertOneOf("Drop", l.Drop(i), nil)
			l.giveBack()
		}
	})
}
