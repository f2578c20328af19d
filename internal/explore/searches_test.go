//go:build explore

package explore

import (
	"slices"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
)

// TestSearches: each has a name of its own and runs; the long ones only when they are asked for.
func TestSearches(t *testing.T) {
	all := []Options{
		{Preemptions: 1}, {Preemptions: -1}, {Mode: Exhaustive}, {Mode: Exhaustive, StoreBuffers: true},
		{Preemptions: 1, StoreBuffers: true}, {Mode: Random, MaxSchedules: 10},
	}
	var names []string
	runs := 0
	for _, o := range all {
		names = append(names, o.name())
		before := runs
		Searches(t, []Options{o}, func(s *Scenario) {
			runs++
			var n atomicx.Uint64
			for _, name := range []string{"a", "b"} {
				s.Thread(name, func() { n.Add(1) })
			}
			s.Finally(func() { Assert(n.Load() == 2, "an add was lost") })
		})
		if runs == before {
			t.Errorf("%s: nothing ran", o.name())
		}
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(all) {
		t.Errorf("two have one name: %q", names)
	}
	for value, want := range map[string]int{"": 0, "0": 0, "1": len(all)} {
		t.Setenv(LongVariable, value)
		if got := len(WhenLong(all...)); got != want {
			t.Errorf("%s=%s: %d searches, want %d", LongVariable, value, got, want)
		}
	}
}
