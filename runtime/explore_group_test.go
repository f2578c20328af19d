//go:build explore

package fencert

import (
	"context"
	"errors"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// wide is tiny with room for a wait for two fences, and another one.
var wide = Config{Fences: 2, Callbacks: 6, Waiters: 2, Readers: 1, Errors: 4, Strategy: Park}

// two arms two fences.
func (w *world) two() (i, j Issuer) {
	l := w.rt.newLocal()
	defer l.giveBack()
	return w.arm(l), w.arm(l)
}

// drop drops fences that are signaled.
func (w *world) drop(issuers ...Issuer) {
	l := w.rt.newLocal()
	defer l.giveBack()
	for _, i := range issuers {
		assertOneOf("Drop", l.Drop(i), nil)
	}
}

// later is cancel at a moment of its own.
func later(cancel func()) func() {
	return func() {
		var turn atomicx.Uint32
		turn.Store(1) // a place to be interleaved
		cancel()
		turn.Store(2)
	}
}

var errOther = errors.New("other")

// TestExploreWaitAnyLowestIndex: the lower one is signaled first, so there is no moment at which the other is the lowest.
func TestExploreWaitAnyLowestIndex(t *testing.T) {
	search(t, 3, wide, func(s *explore.Scenario, w *world) func() {
		i, j := w.two()
		s.Thread("waiter", func() {
			k, err := WaitAny(context.Background(), i.Fence(), j.Fence())
			explore.Assert(k == 0 && err == errTable, "%d, %v", k, err)
		})
		s.Thread("signaler", w.local(func(l *Local) {
			assertOneOf("Signal", l.Signal(i, errTable), nil)
			assertOneOf("Signal", l.Signal(j, errOther), nil)
		}))
		return func() { w.drop(i, j) }
	})
}

// TestExploreWaitAnyAgainstSignals signals both at once: one wake-up, the result of that fence, the record comes back.
func TestExploreWaitAnyAgainstSignals(t *testing.T) {
	search(t, 2, wide, func(s *explore.Scenario, w *world) func() {
		i, j := w.two()
		s.Thread("waiter", func() {
			k, err := WaitAny(context.Background(), i.Fence(), j.Fence())
			explore.Assert(k == 0 && err == errTable || k == 1 && err == errOther, "%d, %v", k, err)
			explore.Assert([]Issuer{i, j}[k].Fence().CallbacksDone(), "woken before the callbacks were done")
		})
		s.Thread("first", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(i, errTable), nil) }))
		s.Thread("second", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(j, errOther), nil) }))
		return func() { w.drop(i, j) }
	})
}

// TestExploreWaitAnyTwice waits again at once: the record of the first wait is used while its late callback is still to come.
func TestExploreWaitAnyTwice(t *testing.T) {
	search(t, 2, wide, func(s *explore.Scenario, w *world) func() {
		i, j := w.two()
		s.Thread("waiter", func() {
			k, err := WaitAny(context.Background(), i.Fence(), j.Fence())
			explore.Assert(k == 0 && err == errTable || k == 1 && err == errOther, "%d, %v", k, err)
			err = WaitAll(context.Background(), j.Fence(), i.Fence())
			assertOneOf("WaitAll", err, errOther)
		})
		s.Thread("first", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(i, errTable), nil) }))
		s.Thread("second", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(j, errOther), nil) }))
		return func() { w.drop(i, j) }
	})
}

// TestExploreWaitAllAgainstFinish: all results are known, though both fences are dropped; or were before they were held.
func TestExploreWaitAllAgainstFinish(t *testing.T) {
	search(t, 2, wide, func(s *explore.Scenario, w *world) func() {
		i, j := w.two()
		s.Thread("waiter", func() {
			assertOneOf("WaitAll", WaitAll(context.Background(), i.Fence(), j.Fence()), errTable, ErrStale)
			explore.Assert(i.Fence().CallbacksDone() && j.Fence().CallbacksDone(), "too early")
		})
		s.Thread("first", w.local(func(l *Local) { assertOneOf("Finish", l.Finish(i, nil), nil) }))
		s.Thread("second", w.local(func(l *Local) { assertOneOf("Finish", l.Finish(j, errTable), nil) }))
		return nil
	})
}

// TestExploreWaitAnyLeavingAgainstSignal ends the context while one of two is signaled.
func TestExploreWaitAnyLeavingAgainstSignal(t *testing.T) {
	for name, finish := range map[string]bool{"signal": false, "finish": true} {
		t.Run(name, func(t *testing.T) {
			search(t, 2, wide, func(s *explore.Scenario, w *world) func() {
				i, j := w.two()
				ctx, cancel := context.WithCancel(context.Background())
				s.Thread("waiter", func() {
					k, err := WaitAny(ctx, j.Fence(), i.Fence())
					explore.Assert(k == -1 && err == context.Canceled || k == 1 && err == errTable ||
						k == 1 && err == ErrStale && finish, "%d, %v", k, err)
				})
				s.Thread("signaler", w.local(func(l *Local) {
					if finish {
						assertOneOf("Finish", l.Finish(i, errTable), nil)
					} else {
						assertOneOf("Signal", l.Signal(i, errTable), nil)
					}
				}))
				s.Thread("canceler", later(cancel))
				return func() {
					l := w.rt.newLocal()
					assertOneOf("Finish", l.Finish(j, nil), nil)
					l.giveBack()
					if !finish {
						w.drop(i)
					}
				}
			})
		})
	}
}

// TestExploreWaitAnyOfTwoRuntimes: the records of two runtimes are one, and come back to both.
func TestExploreWaitAnyOfTwoRuntimes(t *testing.T) {
	search(t, 2, wide, func(s *explore.Scenario, w *world) func() {
		v := newWorld(Config{Fences: 1, Callbacks: 2, Waiters: 1, Readers: 1, Errors: 1})
		l, m := w.rt.newLocal(), v.rt.newLocal()
		i, j := w.arm(l), v.arm(m)
		l.giveBack()
		m.giveBack()
		s.Thread("waiter", func() {
			k, err := WaitAny(context.Background(), i.Fence(), j.Fence())
			explore.Assert(k == 0 && err == errTable || k == 1 && err == errOther, "%d, %v", k, err)
		})
		s.Thread("first", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(i, errTable), nil) }))
		s.Thread("second", v.local(func(l *Local) { assertOneOf("Signal", l.Signal(j, errOther), nil) }))
		return func() {
			w.drop(i)
			v.drop(j)
			v.end()
		}
	})
}

// TestExploreWaitAnyAgainstClose closes the runtime under it.
func TestExploreWaitAnyAgainstClose(t *testing.T) {
	search(t, 2, wide, func(s *explore.Scenario, w *world) func() {
		i, j := w.two()
		s.Thread("waiter", func() {
			k, err := WaitAny(context.Background(), i.Fence(), j.Fence())
			explore.Assert(k >= 0 && err == ErrCanceled, "%d, %v", k, err)
		})
		s.Thread("closer", func() {
			explore.Assert(errors.Is(w.rt.Close(), ErrLeaked), "Close found nothing pending")
		})
		return func() { w.drop(i, j) }
	})
}
