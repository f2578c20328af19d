package plan

import (
	"slices"
	"strings"
)

// Long are the benchmarks whose samples take seconds whatever duration is asked for. A run takes
// no more than Few of each of their rows.
var Long = []string{"Pipeline", "Memory"}

// Few are the samples of a long row.
const Few = 6

// IsLong tells that a row is one of a long benchmark.
func IsLong(r Row) bool {
	name, _, _ := strings.Cut(strings.TrimPrefix(string(r), "Benchmark"), "/")
	return slices.Contains(Long, name)
}
