package plan

import (
	"slices"
	"strings"
)

// controls are the implementations that hold no code under test: what changes in
// them is the machine.
var controls = []string{"noop", "limit"}

// Controls returns a pattern for the control rows of the items: the unit, and of each benchmark
// those of its first case.
func Controls(items []Item) string {
	patterns := []string{Pattern([]Pick{Unit})}
	for _, c := range firstCases(items) {
		patterns = append(patterns, Row(c).Pattern()+"/^impl=("+strings.Join(controls, "|")+")$")
	}
	return strings.Join(patterns, "|")
}

// firstCases are the names, without impl, of the first case of each benchmark.
func firstCases(items []Item) (cases []string) {
	seen := map[string]bool{}
	for _, i := range items {
		name, _, _ := strings.Cut(string(i.Row), "/impl=")
		if bench, _, _ := strings.Cut(name, "/"); !seen[bench] {
			seen[bench] = true
			cases = append(cases, name)
		}
	}
	return cases
}

// WithControls returns items and the control rows among rows, each once: the unit on one
// processor, the others on as many as their benchmark.
func WithControls(items []Item, rows []Row) []Item {
	first := firstCases(items)
	chosen := slices.Clone(items)
	for _, r := range rows {
		name, _, _ := strings.Cut(string(r), "/impl=")
		if !slices.Contains(first, name) || !slices.Contains(controls, r.Impl()) {
			continue
		}
		for _, i := range items {
			if of, _, _ := strings.Cut(string(i.Row), "/impl="); of == name {
				if c := (Item{r, i.CPUs}); !slices.Contains(chosen, c) {
					chosen = append(chosen, c)
				}
			}
		}
	}
	return WithUnit(chosen, rows)
}
