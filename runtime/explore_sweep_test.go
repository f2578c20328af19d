//go:build explore

package fencert

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// A sweepable fence has three dead callbacks, numbered 3 to 5, behind live ones, so that its next cancel by l sweeps.
// Only one cancel in sixteen counts towards a sweep, by a fixed random sequence: those that don't are spent on another
// fence, so that a sweep comes with few nodes to walk.
type sweepable struct {
	issuer, spent Issuer
	next          Ticket // callback 0: its cancel sweeps; callback 1 is the newest
}

func (w *world) sweepable(l *Local) sweepable {
	s := sweepable{issuer: w.arm(l), spent: w.arm(l)}
	add := func(i Issuer, arg uint64) Ticket { return must(l.OnSignal(i.Fence(), w.note, arg)) }
	dead := []Ticket{add(s.issuer, 3), add(s.issuer, 4), add(s.issuer, 5), add(s.issuer, 0)}
	add(s.issuer, 1)
	for random := uint32(0x9e3779b9); ; {
		random ^= random << 13
		random ^= random >> 17
		random ^= random << 5
		if random%16 != 0 {
			t := add(s.spent, 7)
			add(s.spent, 6)
			explore.Assert(l.Cancel(t), "not canceled")
			continue
		}
		if len(dead) == 1 {
			s.next = dead[0]
			return s
		}
		explore.Assert(l.Cancel(dead[0]), "not canceled")
		dead = dead[1:]
	}
}

var sweeping = Config{Fences: 2, Callbacks: 512, Waiters: 1, Readers: 1, Errors: 4}

// TestSweepableSweeps fails when the preparation above is inert.
func TestSweepableSweeps(t *testing.T) {
	w := newWorld(sweeping)
	l := w.rt.newLocal()
	s := w.sweepable(l)
	before := l.nodes.Stock()
	if !l.Cancel(s.next) || l.nodes.Stock() != before+4 {
		t.Errorf("the cancel freed %d callbacks, want 4", l.nodes.Stock()-before)
	}
	_, _ = l.Finish(s.issuer, nil), l.Finish(s.spent, nil)
	l.giveBack()
	w.end()
}

// sweepScenario sweeps while another finishes the fence, or signals and drops it.
func sweepScenario(drop bool) func(s *explore.Scenario, w *world) func() {
	return func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		x := w.sweepable(l)
		canceled := false
		s.Thread("sweeper", func() { canceled = l.Cancel(x.next) })
		s.Thread("finisher", w.local(func(l *Local) {
			if !drop {
				assertOneOf("Finish", l.Finish(x.issuer, errTable), nil)
				return
			}
			assertOneOf("Signal", l.Signal(x.issuer, errTable), nil)
			explore.Assert(w.ran[1] == 1, "a sweep delays a callback past the return of Signal")
			assertOneOf("Drop", l.Drop(x.issuer), nil)
		}))
		return func() {
			explore.Assert(canceled == (w.ran[0] == 0), "canceled %v, ran %d times", canceled, w.ran[0])
			explore.Assert(w.ran[1] == 1, "the newest ran %d times", w.ran[1])
			explore.Assert(w.ran[3]+w.ran[4]+w.ran[5] == 0, "a canceled callback ran")
			assertOneOf("Err", x.issuer.Fence().Err(), ErrStale)
			assertOneOf("Finish", l.Finish(x.spent, nil), nil)
			l.giveBack()
		}
	}
}

func TestExploreSweepAgainstFinish(t *testing.T) { search(t, 3, sweeping, sweepScenario(false)) }

func TestExploreSweepAgainstDrop(t *testing.T) { search(t, 3, sweeping, sweepScenario(true)) }

// TestExploreExhaustedAddAgainstFinish: an add that finds no callback free sweeps its fence, while another finishes that.
func TestExploreExhaustedAddAgainstFinish(t *testing.T) {
	search(t, 3, Config{Fences: 1, Callbacks: 4, Waiters: 1, Readers: 1, Errors: 4}, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		add := func(arg uint64) Ticket { return must(l.OnSignal(i.Fence(), w.note, arg)) }
		dead := []Ticket{add(3), add(4)}
		add(0)
		add(1)
		for _, ticket := range dead {
			explore.Assert(l.Cancel(ticket), "not canceled")
		}
		added := false
		s.Thread("adder", func() {
			_, err := l.OnSignal(i.Fence(), w.note, 5)
			assertOneOf("OnSignal", err, nil, ErrSignaled, ErrExhausted)
			added = err == nil
			explore.Assert(err != ErrExhausted || i.Fence().Signaled(), "what was canceled makes no room")
		})
		s.Thread("finisher", w.local(func(l *Local) { assertOneOf("Finish", l.Finish(i, errTable), nil) }))
		return func() {
			explore.Assert(w.ran[0] == 1 && w.ran[1] == 1, "ran %d and %d times", w.ran[0], w.ran[1])
			explore.Assert(w.ran[3]+w.ran[4] == 0, "a canceled callback ran")
			explore.Assert(added == (w.ran[5] == 1), "added %v, ran %d times", added, w.ran[5])
			assertOneOf("Err", i.Fence().Err(), ErrStale)
			l.giveBack()
		}
	})
}
