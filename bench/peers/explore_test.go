//go:build explore

package peers

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// A world is a window and the value that its turns advance.
type world struct {
	*window
	value  atomicx.Uint64
	unseen bool // an index was begun against the rules
}

func newWorld(places int, until uint64) *world {
	return &world{window: newWindow(places, until)}
}

func (w *world) advance(until uint64) { raise(&w.value, until) }

func (w *world) begin(index uint64) {
	explore.Assert(w.count(index, 1), "begin %d: passed", index)
}

// done ends an index that the thread knows to be open.
func (w *world) done(index uint64) {
	explore.Assert(w.value.Load() <= index, "the value is beyond %d, which is open", index)
	explore.Assert(w.count(index, -1), "done %d: passed", index)
	w.settle(index, w.advance)
}

// at checks the end of a run: all is done up to there, and nothing is left.
func (w *world) at(until uint64) {
	explore.Assert(w.until.Load() == until, "until is %d, want %d", w.until.Load(), until)
	explore.Assert(w.value.Load() == until, "the value is %d, want %d", w.value.Load(), until)
	explore.Assert(w.turn.Load() == idle, "turn is %d", w.turn.Load())
	explore.Assert(w.far.indices.Load() == 0 && len(w.far.heap) == 0 && len(w.far.open) == 0, "something is left in far")
	for i := range w.places {
		explore.Assert(w.unseen || !tally(w.places[i].Load()).open(), "place %d is left open", i)
	}
}

func search(t *testing.T, preemptions int, run func(s *explore.Scenario)) {
	t.Helper()
	explore.Test(t, explore.Options{Preemptions: preemptions}, run)
}

// TestExploreDoneInAnyOrder ends three that are open.
func TestExploreDoneInAnyOrder(t *testing.T) {
	search(t, 2, func(s *explore.Scenario) {
		w := newWorld(4, 0)
		for i := uint64(1); i <= 3; i++ {
			w.begin(i)
			s.Thread(string(rune('0'+i)), func() { w.done(i) })
		}
		s.Finally(func() { w.at(3) })
	})
}

// TestExploreStop: something was held back by 1 before, and what comes after 1 begins while that ends.
func TestExploreStop(t *testing.T) {
	search(t, 2, func(s *explore.Scenario) {
		w := newWorld(8, 0)
		w.begin(1)
		w.begin(2)
		w.begin(3)
		w.done(2)
		w.look(w.advance) // stop is 1 now
		s.Thread("first", func() { w.done(1) })
		s.Thread("third", func() { w.done(3) })
		s.Thread("later", func() {
			w.begin(4)
			w.done(4)
		})
		s.Finally(func() { w.at(4) })
	})
}

// TestExploreAgain: an index is begun again at the mark, while later ones begin and end.
func TestExploreAgain(t *testing.T) {
	search(t, 2, func(s *explore.Scenario) {
		w := newWorld(4, 1)
		w.begin(1)
		w.begin(1)
		s.Thread("a", func() { w.done(1) })
		s.Thread("b", func() { w.done(1) })
		s.Thread("c", func() {
			w.begin(2)
			w.done(2)
		})
		s.Finally(func() { w.at(2) })
	})
}

// TestExploreAgainAtTheMark: an index is begun again while the owner empties its place.
func TestExploreAgainAtTheMark(t *testing.T) {
	search(t, 3, func(s *explore.Scenario) {
		w := newWorld(4, 1)
		w.begin(1)
		s.Thread("first", func() { w.done(1) })
		s.Thread("again", func() {
			w.begin(1)
			w.begin(2)
			w.done(2)
			w.done(1)
		})
		s.Finally(func() { w.at(2) })
	})
}

// TestExploreAgainThenFar: the same, and the next index lies beyond the window.
func TestExploreAgainThenFar(t *testing.T) {
	search(t, 3, func(s *explore.Scenario) {
		w := newWorld(2, 1)
		w.begin(1)
		s.Thread("first", func() { w.done(1) })
		s.Thread("again", func() {
			w.begin(1)
			w.begin(5)
			w.done(5)
			w.done(1)
		})
		s.Finally(func() { w.at(5) })
	})
}

// TestExploreFar: the window moves over indices while they are begun and ended beyond it.
func TestExploreFar(t *testing.T) {
	search(t, 3, func(s *explore.Scenario) {
		w := newWorld(2, 0)
		w.begin(1)
		s.Thread("first", func() { w.done(1) })
		s.Thread("far", func() {
			w.begin(2)
			w.begin(5)
			w.done(2)
			w.done(5)
		})
		s.Finally(func() { w.at(5) })
	})
}

// TestExploreFarShared: two ends of one index beyond the window, while the window comes.
func TestExploreFarShared(t *testing.T) {
	search(t, 2, func(s *explore.Scenario) {
		w := newWorld(2, 0)
		w.begin(1)
		w.begin(2)
		w.begin(2)
		s.Thread("first", func() { w.done(1) })
		s.Thread("a", func() { w.done(2) })
		s.Thread("b", func() { w.done(2) })
		s.Finally(func() { w.at(2) })
	})
}

// TestExploreFloor: SetDoneUntil goes over what is open while a later index ends.
func TestExploreFloor(t *testing.T) {
	search(t, 3, func(s *explore.Scenario) {
		w := newWorld(4, 0)
		w.begin(1)
		w.begin(3)
		s.Thread("setter", func() {
			raise(&w.floor, 2)
			w.look(w.advance)
		})
		s.Thread("done", func() { w.done(3) })
		s.Finally(func() { w.at(3) })
	})
}

// TestExploreLate: an index is begun while a higher one passes it, against the rules. If it is refused nothing of it is left. If
// not, it held the mark back or was passed unseen: this is said by its Done.
func TestExploreLate(t *testing.T) {
	search(t, 3, func(s *explore.Scenario) {
		w := newWorld(4, 0)
		w.begin(3)
		counted := false
		s.Thread("late", func() {
			if counted = w.count(2, 1); counted && w.count(2, -1) {
				w.settle(2, w.advance)
			}
		})
		s.Thread("done", func() { w.done(3) })
		s.Finally(func() {
			w.unseen = counted
			w.at(3)
			for i := range w.places {
				explore.Assert(counted || w.places[i].Load() == 0, "place %d has %d", i, w.places[i].Load())
			}
		})
	})
}
