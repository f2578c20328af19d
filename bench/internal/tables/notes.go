package tables

import (
	"fmt"
	"strings"

	"github.com/fencert/fencert/bench/internal/results"
)

// notes print how to read the tables, and what the file says of how it came about.
func (d data) notes(out *strings.Builder, log *results.Log, comparisons int, small bool) {
	fmt.Fprintf(out, "\nmedian ± 95 %% interval; %d comparisons with the first column, ~ is p >= %v\n", comparisons, Alpha)
	if small {
		tooFew(out)
	}
	if cpus := machineCPUs(log); d.oversubscribed(cpus) {
		fmt.Fprintf(out, "* oversubscribed: more workers than the machine's %d CPUs\n", cpus)
	}
	for _, n := range log.Notes {
		if !strings.HasPrefix(n, "round ") && !strings.HasPrefix(n, "run: ") {
			fmt.Fprintln(out, n)
		}
	}
}

func tooFew(out *strings.Builder) {
	fmt.Fprintf(out, "fewer than %d samples cannot show a difference at p < %v: raise --count\n", needed, Alpha)
}

func (d data) oversubscribed(cpus int) bool {
	for c := range d {
		if cpus > 0 && c.cpus > cpus {
			return true
		}
	}
	return false
}
