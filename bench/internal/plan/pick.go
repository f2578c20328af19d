package plan

import (
	"regexp"
	"slices"
	"strings"
)

// A Pick chooses rows of one benchmark.
type Pick struct {
	Bench string   // "Lifecycle"
	Keys  []string // a regular expression for each key between the name and impl
	Impls []string // empty: all
	Only  func(cpus int) bool
}

// everyday are the implementations of a run that names no rows.
var everyday = []string{"mutex", "lockfree", "channel", "mutexpool"}

// everyLine is everyday for timelines.
var everyLine = []string{"mutexheap", "lockfree", "mutexmap"}

// Unit is R, one uncontended atomic add, taken along in every run.
var Unit = Pick{Bench: "AtomicAdd", Impls: []string{"limit"}, Only: func(cpus int) bool { return cpus == 1 }}

// Default is what a run covers that names no rows.
var Default = []Pick{
	{Bench: "Lifecycle", Keys: []string{"callbacks=(0|1|8)"}, Impls: everyday},
	{Bench: "LifecycleHeld", Keys: []string{"callbacks=1"}, Impls: everyday},
	{Bench: "Poll", Keys: []string{"fences=1"}, Impls: everyday},
	{Bench: "Add", Keys: []string{"goroutines=2"}, Impls: everyday},
	{Bench: "BatchAdd", Keys: []string{"callbacks=8"}, Impls: everyday},
	{Bench: "Cancel", Keys: []string{"pending=(1|1000|1000000)"}, Impls: []string{"mutex", "lockfree", "mutexpool"}},
	{Bench: "FanOut", Keys: []string{"callbacks=1000"}, Impls: everyday},
	{Bench: "GC", Keys: []string{"pending=1000000"}, Impls: []string{"mutex", "lockfree", "mutexpool"},
		Only: func(cpus int) bool { return cpus == 1 }},
	{Bench: "Advance", Keys: []string{"step=64", "armed=none"}, Impls: everyLine},
	{Bench: "AddAdvance", Keys: []string{"pending=4096"}, Impls: everyLine},
	{Bench: "CrossCore", Impls: everyday, Only: func(cpus int) bool { return cpus >= 2 }},
}

// parts are regular expressions for the elements of the names of the rows.
func (p Pick) parts() []string {
	parts := []string{"^Benchmark" + p.Bench + "$"}
	for _, k := range p.Keys {
		parts = append(parts, "^"+k+"$")
	}
	impl := "[^/]+"
	if len(p.Impls) > 0 {
		impl = "(" + strings.Join(p.Impls, "|") + ")"
	}
	return append(parts, "^impl="+impl+"$")
}

// Pattern returns the -test.bench pattern of the picks together.
func Pattern(picks []Pick) string {
	var alternatives []string
	for _, p := range picks {
		alternatives = append(alternatives, strings.Join(p.parts(), "/"))
	}
	return strings.Join(alternatives, "|")
}

// Matches tells whether the pick chooses a row, on at least one number of processors.
func (p Pick) Matches(r Row) bool {
	parts, names := p.parts(), strings.Split(string(r), "/")
	if len(parts) != len(names) {
		return false
	}
	for i, part := range parts {
		if !regexp.MustCompile(part).MatchString(names[i]) {
			return false
		}
	}
	return true
}

// String describes the pick in one short line.
func (p Pick) String() string {
	s := strings.Join(append([]string{p.Bench}, p.Keys...), " ")
	if len(p.Impls) > 0 {
		s += ": " + strings.Join(p.Impls, ", ")
	}
	return s
}

// Choose pairs rows with processor counts, as the picks want it; rows that no pick
// matches are dropped.
func Choose(rows []Row, picks []Pick, cpus []int) []Item {
	var items []Item
	for _, p := range picks {
		for _, r := range rows {
			if !p.Matches(r) {
				continue
			}
			for _, n := range cpus {
				if item := (Item{r, n}); (p.Only == nil || p.Only(n)) && !slices.Contains(items, item) {
					items = append(items, item)
				}
			}
		}
	}
	return items
}

// Cross pairs each row with each processor count.
func Cross(rows []Row, cpus []int) []Item {
	var items []Item
	for _, r := range rows {
		for _, n := range cpus {
			items = append(items, Item{r, n})
		}
	}
	return items
}

// WithUnit returns items and the unit's, once.
func WithUnit(items []Item, unitRows []Row) []Item {
	for _, u := range Choose(unitRows, []Pick{Unit}, []int{1}) {
		if !slices.Contains(items, u) {
			items = append(items, u)
		}
	}
	return items
}

// Of returns the default rows of one implementation.
func Of(impl string) []Pick {
	var picks []Pick
	for _, p := range Default {
		if len(p.Impls) == 0 || slices.Contains(p.Impls, impl) {
			p.Impls = []string{impl}
			picks = append(picks, p)
		}
	}
	return picks
}
