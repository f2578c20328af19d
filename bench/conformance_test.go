package bench

import (
	"testing"
)

// TestConformance puts every implementation to the contract that Worker states.
// What is timed has passed here.
func TestConformance(t *testing.T) {
	for _, s := range subjects {
		if s.capability().Contract {
			t.Run("impl="+s.name(), s.conform)
		}
	}
}

// A failer is the part of testing.T that the checks use, so that a test can see
// them fail.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// A trial is one check's world.
type trial[F comparable, T any] struct {
	failer
	can   Capability
	world World[F, T]
	open  []Worker[F, T]
}

// checks is the contract, one promise each.
func (s subject[F, T]) checks() map[string]func(*trial[F, T]) {
	return map[string]func(*trial[F, T]){
		"signal_once":         (*trial[F, T]).signalOnce,
		"callbacks_in_order":  (*trial[F, T]).callbacksInOrder,
		"late_add":            (*trial[F, T]).lateAdd,
		"cancel":              (*trial[F, T]).cancel,
		"late_cancel":         (*trial[F, T]).lateCancel,
		"panic":               (*trial[F, T]).panics,
		"goexit":              (*trial[F, T]).goexit,
		"nested_signal":       (*trial[F, T]).nestedSignal,
		"other_worker":        (*trial[F, T]).otherWorker,
		"counting_worker":     (*trial[F, T]).countingWorker,
		"seqno":               (*trial[F, T]).seqno,
		"hold":                (*trial[F, T]).hold,
		"stale":               (*trial[F, T]).stale,
		"wait":                (*trial[F, T]).wait,
		"wait_canceled":       (*trial[F, T]).waitCanceled,
		"wait_then_callbacks": (*trial[F, T]).waitThenCallbacks,
		"signaled_wins":       (*trial[F, T]).signaledWins,
		"race":                (*trial[F, T]).race,
	}
}

// conformFences is how many fences a trial has room for.
const conformFences = 64

func (s subject[F, T]) conform(t *testing.T) {
	for name, check := range s.checks() {
		t.Run(name, func(t *testing.T) { s.try(t, check) })
	}
}

// try runs one check in a world of its own.
func (s subject[F, T]) try(to failer, check func(*trial[F, T])) {
	to.Helper()
	t := &trial[F, T]{failer: to, can: s.can, world: s.open(Sizes{
		Workers: raceGoroutines + 1, Fences: conformFences, Callbacks: 1 << 14,
	})}
	check(t)
	for _, w := range t.open {
		w.Close()
	}
	t.world.Close()
}

func (t *trial[F, T]) worker(h Handler) Worker[F, T] {
	w := t.world.NewWorker(h)
	t.open = append(t.open, w)
	return w
}

// must adds a callback to a fence that is pending.
func (t *trial[F, T]) must(w Worker[F, T], f F, arg uint64) T {
	t.Helper()
	ticket, ok := w.Add(f, arg)
	if !ok {
		t.Fatalf("Add(%d) refused on a pending fence", arg)
	}
	return ticket
}
