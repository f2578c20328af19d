//go:build explore

package fencert

import (
	"context"
	"testing"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// isClosed looks at a channel of Done.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// TestExploreDoneStopAgainstSignal: stop's answer is what becomes of the channel, and only one of two stops gets it.
func TestExploreDoneStopAgainstSignal(t *testing.T) {
	for name, stops := range map[string]int{"one": 1, "two": 2} {
		t.Run(name, func(t *testing.T) {
			search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				l := w.rt.newLocal()
				i := w.arm(l)
				l.giveBack()
				c, stop := i.Fence().Done()
				kept := 0
				for k := range stops {
					s.Thread("stopper"+string(rune('1'+k)), func() {
						if stop() {
							kept++
						}
					})
				}
				s.Thread("signaler", w.local(func(l *Local) { assertOneOf("Finish", l.Finish(i, nil), nil) }))
				return func() {
					explore.Assert(kept <= 1 && isClosed(c) == (kept == 0), "kept open %d times, closed %v", kept, isClosed(c))
					explore.Assert(!stop(), "stopped again")
				}
			})
		})
	}
}

// TestExploreDoneAgainstClose stops while the runtime is closed.
func TestExploreDoneAgainstClose(t *testing.T) {
	search(t, 2, Config{Fences: 1, Callbacks: 4, Waiters: 2, Readers: 1, Errors: 4}, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		_ = must(l.OnSignal(i.Fence(), w.note, 0))
		l.giveBack()
		c, stop := i.Fence().Done()
		kept := false
		s.Thread("stopper", func() { kept = stop() })
		s.Thread("closer", func() { _ = w.rt.Close() })
		return func() {
			explore.Assert(isClosed(c) != kept && w.ran[0] == 1, "closed %v, kept %v, ran %d", isClosed(c), kept, w.ran[0])
			w.drop(i)
		}
	})
}

// TestExploreTimeoutAgainstSignal has the clock run out while the fence is signaled.
func TestExploreTimeoutAgainstSignal(t *testing.T) {
	for name, strategy := range map[string]Strategy{"park": Park, "spin": Spin, "spinThenPark": SpinThenPark} {
		t.Run(name, func(t *testing.T) {
			search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				w.rt.waiters.spin.least, w.rt.waiters.spin.most = 1, 1
				w.rt.waiters.spin.guess.Store(1 << 8)
				l := w.rt.newLocal()
				i := w.arm(l)
				l.giveBack()
				clock := make(chan time.Time)
				s.Thread("waiter", func() {
					e := ending{limited: true, expired: clock}
					assertOneOf("WaitTimeout", w.rt.wait(&e, i.Fence(), strategy), errTable, ErrTimeout)
				})
				s.Thread("signaler", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(i, errTable), nil) }))
				s.Thread("clock", later(func() { close(clock) }))
				return func() { w.drop(i) }
			})
		})
	}
}

// TestExploreCancelWaitAgainstSignal: when CancelWait returns, the callback isn't running and will not run.
func TestExploreCancelWaitAgainstSignal(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		x := newSlow(w)
		l := w.rt.newLocal()
		i := w.arm(l)
		ticket := must(l.OnSignal(i.Fence(), x.handler, 0))
		l.giveBack()
		s.Thread("canceler", w.local(func(l *Local) { x.cancelWait(l, ticket) }))
		s.Thread("signaler", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(i, nil), nil) }))
		return func() {
			explore.Assert(x.ran+x.canceled == 1, "ran %d times, canceled %d times", x.ran, x.canceled)
			w.drop(i)
		}
	})
}

// TestExploreCancelWaitAgainstCancel: another Cancel is under way, which may find that the callback runs after all.
func TestExploreCancelWaitAgainstCancel(t *testing.T) {
	for name, second := range map[string]bool{"newest": false, "second": true} {
		t.Run(name, func(t *testing.T) {
			preemptions := 3 // what happens to a callback that is popped takes as many
			if second {
				preemptions = 2
			}
			search(t, preemptions, tiny, func(s *explore.Scenario, w *world) func() {
				x := newSlow(w)
				l := w.rt.newLocal()
				i := w.arm(l)
				ticket := must(l.OnSignal(i.Fence(), x.handler, 0))
				if second {
					_ = must(l.OnSignal(i.Fence(), w.note, 0))
				}
				l.giveBack()
				s.Thread("canceler", w.local(func(l *Local) { x.cancelWait(l, ticket) }))
				s.Thread("other", w.local(func(l *Local) {
					if l.Cancel(ticket) {
						x.canceled++
					}
				}))
				s.Thread("signaler", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(i, nil), nil) }))
				return func() {
					explore.Assert(x.ran+x.canceled == 1, "ran %d times, canceled %d times", x.ran, x.canceled)
					w.drop(i)
				}
			})
		})
	}
}

// A slow callback has a moment in the middle.
type slow struct {
	handler       Handler
	running, over bool
	ran, canceled int
}

func newSlow(w *world) *slow {
	x := &slow{}
	x.handler = must(w.rt.Handler(func(*Local, uint64, error) {
		explore.Assert(!x.over, "it runs after CancelWait")
		x.running = true
		var turn atomicx.Uint32
		turn.Store(1)
		x.running = false
		x.ran++
	}))
	return x
}

func (x *slow) cancelWait(l *Local, t Ticket) {
	ok, err := l.CancelWait(t)
	assertOneOf("CancelWait", err, nil)
	explore.Assert(!x.running, "it runs when CancelWait returns")
	x.over = true
	if ok {
		x.canceled++
	}
}

// TestExploreChunkAgainstLeaving: of two waiters that are parked one is to wake the other, and leaves.
func TestExploreChunkAgainstLeaving(t *testing.T) {
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		l.giveBack()
		ctx, cancel := context.WithCancel(context.Background())
		s.Thread("stays", func() {
			assertOneOf("Wait", i.Fence().WaitWith(context.Background(), Park), errTable)
		})
		s.Thread("leaves", func() {
			assertOneOf("Wait", i.Fence().WaitWith(ctx, Park), errTable, context.Canceled)
		})
		s.Thread("signaler", w.local(func(l *Local) {
			cancel() // the other one sees it whenever it is its turn
			assertOneOf("Signal", l.Signal(i, errTable), nil)
		}))
		return func() { w.drop(i) }
	})
}

// TestExploreWaitsAgain: a goroutine whose wait is over waits for another fence in the same record, at once. Who has woken
// it, the signaler or another of the waiters, doesn't look at the record any more.
func TestExploreWaitsAgain(t *testing.T) {
	for name, chunk := range map[string]bool{"signaler": false, "chunk": true} {
		t.Run(name, func(t *testing.T) {
			search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				l := w.rt.newLocal()
				first, second := w.arm(l), w.arm(l)
				l.giveBack()
				finish := func(l *Local, i Issuer) { assertOneOf("Finish", l.Finish(i, errTable), nil) }
				wait := func(i Issuer) {
					assertOneOf("Wait", i.Fence().WaitWith(context.Background(), Park), errTable, ErrStale)
				}
				s.Thread("again", func() { wait(first); wait(second) })
				s.Thread("signaler", w.local(func(l *Local) {
					if finish(l, first); chunk {
						finish(l, second)
					}
				}))
				if chunk {
					s.Thread("stays", func() { wait(first) })
				} else {
					s.Thread("other", w.local(func(l *Local) { finish(l, second) }))
				}
				return nil
			})
		})
	}
}
