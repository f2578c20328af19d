package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/noise"
	"github.com/fencert/fencert/bench/internal/results"
)

// Moved returns a note on the control rows that moved between the first and the last half of a
// run's rounds: each sample of one half above each of the other, and the halves' medians Least apart. It is
// "" when none did. All rows of a round are measured side by side, so that comparisons within the run
// hold; those with other runs may not.
func Moved(log *results.Log) string {
	t := gather(log)
	var moved []string
	for _, k := range t.order {
		s := t.values[k]
		r := Row{Name: k.name, Unit: k.unit}
		if !r.control() || k.unit != "sec/op" || len(s) < noise.Fewest {
			continue
		}
		first, last := slices.Clone(s[:len(s)/2]), slices.Clone(s[len(s)/2:])
		slices.Sort(first)
		slices.Sort(last)
		if first[len(first)-1] >= last[0] && last[len(last)-1] >= first[0] {
			continue
		}
		r.Effect = last[len(last)/2]/first[len(first)/2] - 1
		if r.HasFloor = true; r.beyond() {
			moved = append(moved, fmt.Sprintf("%s by %+.0f %%", k.name, 100*r.Effect))
		}
	}
	if len(moved) == 0 {
		return ""
	}
	if n := len(moved); n > 4 {
		moved = append(moved[:4], fmt.Sprintf("and %d more", n-4))
	}
	return "control rows moved between the first and the last rounds: " + strings.Join(moved, ", ")
}
