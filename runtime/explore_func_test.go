//go:build explore

package fencert

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreStopAgainstSignal adds closures to a fence and stops them while it is signaled and its record is used again by
// the next one: each is called or was stopped, once, with the result of its own fence. The records are Cells.
func TestExploreStopAgainstSignal(t *testing.T) {
	config := tiny
	config.Callbacks = 2
	search(t, 2, config, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		a, b := w.arm(l), w.arm(l)
		var called, stopped [3]int
		fn := func(k int, want error) func(error) {
			return func(err error) {
				called[k]++
				explore.Assert(err == want, "closure %d: %v", k, err)
			}
		}
		stop := must(l.OnSignalFunc(a.Fence(), fn(0, errTable)))
		l.giveBack()
		halt := func(k int, stop func() bool) {
			if stop() {
				stopped[k]++
			}
		}
		s.Thread("stopper", func() { halt(0, stop) })
		s.Thread("adder", w.local(func(l *Local) {
			stop, err := l.OnSignalFunc(b.Fence(), fn(1, nil))
			assertOneOf("OnSignalFunc", err, nil, ErrExhausted)
			if err != nil {
				stopped[1]++
				return
			}
			halt(1, stop)
		}))
		s.Thread("signaler", w.local(func(l *Local) { assertOneOf("Finish", l.Finish(a, errTable), nil) }))
		return func() {
			l := w.rt.newLocal()
			assertOneOf("Finish", l.Finish(b, nil), nil)
			l.giveBack()
			for k := range 2 {
				explore.Assert(called[k]+stopped[k] == 1, "closure %d: called %d times, stopped %d times", k, called[k], stopped[k])
			}
			fs := w.rt.closures()
			explore.Assert(count(fs.depot) == int(fs.depot.Limit()), "a record is lost")
		}
	})
}

// TestExploreFirstClosures has two goroutines make the table, and the first segment, at once.
func TestExploreFirstClosures(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		calls := 0
		var kept [2]uint32
		for k, name := range []string{"first", "second"} {
			s.Thread(name, func() { kept[k] = w.rt.closures().put(func(error) { calls += k + 1 }) })
		}
		return func() {
			for k := range kept {
				w.rt.closures().take(kept[k])(nil)
				explore.Assert(calls == []int{1, 3}[k], "record %d has another closure: %d", kept[k], calls)
			}
		}
	})
}
