//go:build explore

package fencert

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// listed is a Local as Runtime.Local makes it, but for the finalizer: there is no collector in an exploration.
func (w *world) listed() *Local {
	l := w.rt.newLocal()
	w.rt.enlist(l)
	return l
}

// flows checks that a Stats fits together, and that none of its counts is less than in the one before.
func flows(s, last Stats) {
	explore.Assert(s.Ended <= s.Signaled && s.Signaled <= s.Armed && s.Armed+s.Unreserved <= s.Reserved &&
		s.CallbacksRun+s.CallbacksCanceled <= s.CallbacksAdded, "doesn't fit together: %+v", s)
	explore.Assert(s.Armed >= last.Armed && s.Signaled >= last.Signaled && s.Ended >= last.Ended &&
		s.CallbacksAdded >= last.CallbacksAdded && s.CallbacksRun >= last.CallbacksRun, "%+v after %+v", s, last)
}

// TestExploreStatsAgainstClosedLocals: Locals come, count and go while Stats is taken twice. Each has what was done before
// it, and nothing twice.
func TestExploreStatsAgainstClosedLocals(t *testing.T) {
	search(t, 1, tiny, func(s *explore.Scenario, w *world) func() {
		first := w.listed()
		i := w.arm(first)
		done := uint64(0)
		s.Thread("worker", func() {
			assertOneOf("Finish", first.Finish(i, nil), nil)
			done++
			first.giveBack()
			l := w.listed()
			i := w.arm(l)
			assertOneOf("Finish", l.Finish(i, nil), nil)
			done++
			l.giveBack()
		})
		s.Thread("reader", func() {
			var last Stats
			for range 2 {
				least := done
				got := w.rt.Stats()
				flows(got, last)
				explore.Assert(got.Ended >= least && got.Ended <= 2 && got.Armed <= 2, "%d were over before: %+v", least, got)
				last = got
			}
		})
		return func() {
			got := w.rt.Stats()
			explore.Assert(got.Ended == 2 && got.Armed == 2 && got.Fences.InUse == 0 && got.Locals == 0, "%+v", got)
		}
	})
}

// TestExploreStatsOfHandedOverFences: a Local is made after Stats has begun, and arms what another one finishes: the later
// stage of a life is never ahead of the earlier one.
func TestExploreStatsOfHandedOverFences(t *testing.T) {
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		finisher := w.listed()
		s.Thread("worker", func() {
			l := w.listed()
			i := w.arm(l)
			_, err := l.OnSignal(i.Fence(), w.note, 0)
			assertOneOf("OnSignal", err, nil)
			assertOneOf("Finish", finisher.Finish(i, nil), nil) // as another goroutine would that was given it
			l.giveBack()
		})
		s.Thread("reader", func() {
			t, _ := w.rt.sum() // before Stats makes it fit
			explore.Assert(t[sumEnded] <= t[sumSignaled] && t[sumSignaled] <= t[sumArmed] && t[sumArmed] <= t[sumReserved],
				"a later stage is ahead: %v", t)
		})
		return func() {
			got := w.rt.Stats()
			explore.Assert(got.Ended == 1 && got.CallbacksRun == 1 && got.CallbacksAdded == 1, "%+v", got)
			finisher.giveBack()
		}
	})
}

// TestExploreTwoLocalsAgainstStats: two Locals leave the list at once.
func TestExploreTwoLocalsAgainstStats(t *testing.T) {
	search(t, 1, tiny, func(s *explore.Scenario, w *world) func() {
		maker := w.listed()
		for _, name := range []string{"a", "b"} {
			r := must(maker.Reserve())
			s.Thread(name, func() {
				l := w.listed()
				l.Unreserve(r)
				l.giveBack()
			})
		}
		s.Thread("reader", func() {
			got := w.rt.Stats()
			flows(got, Stats{})
			explore.Assert(got.Unreserved <= 2 && got.Locals <= 3, "%+v", got)
		})
		return func() {
			got := w.rt.Stats()
			explore.Assert(got.Reserved == 2 && got.Unreserved == 2 && got.Locals == 1, "%+v", got)
			maker.giveBack()
		}
	})
}

// TestExploreWaitView: what is read of a record that is put back and taken again belongs to one wait (S5).
func TestExploreWaitView(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		var v waitView
		var yield atomicx.Uint32 // changing a Tally is no step
		s.Thread("waiter", func() {
			for k := uint64(1); k <= 3; k++ {
				v.begin(Ref(k << 28))
				yield.Load()
				v.parked.Set(k) // as park does, with a time that tells whose it is
				yield.Load()
				v.end()
				yield.Load()
			}
		})
		s.Thread("reader", func() {
			r, parked, ok := v.look()
			explore.Assert(!ok || parked == 0 || uint64(r)>>28 == uint64(parked), "the time of wait %d for the fence of wait %d",
				parked, uint64(r)>>28)
		})
	})
}
