package bench

import (
	"testing"
)

// TestLineConformance puts every implementation to the contract that LineWorker states. What is timed has passed here.
func TestLineConformance(t *testing.T) {
	for _, s := range lineSubjects {
		if s.capability().Contract {
			t.Run("impl="+s.name(), s.conform)
		}
	}
}

// A lineTrial is one check's world; see trial.
type lineTrial[L comparable, T any] struct {
	failer
	can   LineCapability
	world LineWorld[L, T]
	open  []LineWorker[L, T]
	lines []L
}

// A lineCheck is one promise, and what an implementation must have for it.
type lineCheck[L comparable, T any] struct {
	check                  func(*lineTrial[L, T])
	callbacks, done, waits bool
}

// checks is the contract.
func (s lineSubject[L, T]) checks() map[string]lineCheck[L, T] {
	type trial = lineTrial[L, T]
	callbacks := func(f func(*trial)) lineCheck[L, T] { return lineCheck[L, T]{check: f, callbacks: true} }
	return map[string]lineCheck[L, T]{
		"value":              {check: (*trial).value},
		"value_in_race":      {check: (*trial).valueInRace},
		"callbacks_in_order": callbacks((*trial).callbacksInOrder),
		"every_distance":     callbacks((*trial).everyDistance),
		"late_add":           callbacks((*trial).lateAdd),
		"cancel":             callbacks((*trial).cancel),
		"late_cancel":        callbacks((*trial).lateCancel),
		"panic":              callbacks((*trial).panics),
		"goexit":             callbacks((*trial).goexit),
		"nested_advance":     callbacks((*trial).nestedAdvance),
		"nested_add":         callbacks((*trial).nestedAdd),
		"counting_worker":    callbacks((*trial).countingWorker),
		"two_lines":          callbacks((*trial).twoLines),
		"random_program":     callbacks((*trial).randomProgram),
		"order_in_race":      callbacks((*trial).orderInRace),
		"last_advance":       callbacks((*trial).lastAdvance),
		"race":               callbacks((*trial).race),
		"done":               {check: (*trial).done, done: true},
		"wait":               {check: (*trial).wait, waits: true},
		"wait_canceled":      {check: (*trial).waitCanceled, waits: true},
		"reached_wins":       {check: (*trial).reachedWins, waits: true},
		"wait_in_race":       {check: (*trial).waitInRace, waits: true},
	}
}

// conformPoints is how many callbacks a trial has room for on each timeline: all that a race adds, since nothing is
// delivered while the delivering goroutine has no processor.
const conformPoints = 2 * raceGoroutines * lineRaceAdds

func (s lineSubject[L, T]) conform(t *testing.T) {
	for name, c := range s.checks() {
		if c.callbacks && !s.can.Callbacks || c.done && !s.can.Done || c.waits && !s.can.Waits {
			continue
		}
		t.Run(name, func(t *testing.T) { s.try(t, c.check) })
	}
}

// try runs one check in a world of its own.
func (s lineSubject[L, T]) try(to failer, check func(*lineTrial[L, T])) {
	to.Helper()
	t := &lineTrial[L, T]{failer: to, can: s.can, world: s.open(LineSizes{
		Workers: 16, Lines: 4, Pending: conformPoints,
	})}
	check(t)
	for _, l := range t.lines { // nothing may be pending at the end
		t.worker(nil).Advance(l, lineEnd+1)
	}
	for _, w := range t.open {
		w.Close()
	}
	t.world.Close()
}

func (t *lineTrial[L, T]) worker(h Handler) LineWorker[L, T] {
	w := t.world.NewWorker(h)
	t.open = append(t.open, w)
	return w
}

func (t *lineTrial[L, T]) line() L {
	l := t.world.NewLine()
	t.lines = append(t.lines, l)
	return l
}

// must adds a callback whose argument is its point, which isn't reached yet.
func (t *lineTrial[L, T]) must(w LineWorker[L, T], l L, n uint64) T {
	t.Helper()
	ticket, ok := w.OnReach(l, n, n)
	if !ok {
		t.Fatalf("OnReach(%d) refused at %d", n, w.Value(l))
	}
	return ticket
}

// advance moves the value, which has to be possible.
func (t *lineTrial[L, T]) advance(w LineWorker[L, T], l L, n uint64) {
	t.Helper()
	if !w.Advance(l, n) {
		t.Fatalf("Advance(%d) refused at %d", n, w.Value(l))
	}
}
