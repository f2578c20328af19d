package main

import (
	"fmt"
	"strings"

	"github.com/fencert/fencert/bench/internal/plan"
)

func usage() string {
	var rows strings.Builder
	for _, p := range plan.Default {
		fmt.Fprintf(&rows, "  %v\n", p)
	}
	return fmt.Sprintf(`benchstat.sh measures the fence runtime against what one would have written instead.

  ./benchstat.sh [run] [flags]     measure, keep, print tables
  ./benchstat.sh table [FILE]      print the tables of a file or folder; without one, of
                                   the newest committed results
  ./benchstat.sh compare OLD NEW   print how two files or folders differ
  ./benchstat.sh readme [FOLDER]   write the figures of a folder below results into README.md
                                   and its line into results/README.md
  ./benchstat.sh scaling [FOLDER]  print what more CPUs bring: speed-ups, and the Universal
                                   Scalability Law where there are enough of them
  ./benchstat.sh cost [--check]    atomics, cache lines and instructions per operation: make
                                   results/cost.json, or compare it with what is there
  ./benchstat.sh pack [--goarch A] [--out FILE]
                                   build one program that holds the suite and all of this, for
                                   a machine without Go; there results go to ./results
  ./benchstat.sh add FILE          take in the results of another machine: a folder, or a
                                   .tar.gz of results; what is here is never changed
  ./benchstat.sh help              print this

Flags of run:
  --full             all rows of the suite; takes long
  --bench REGEXP     the rows that match, as in "go test -bench": one expression per
                     element of the name, 'Lifecycle/callbacks=1/impl=(mutex|lockfree)'
  --cpu LIST         CPU counts, such as 1,2,4 (default: 1, 2, 4, ... up to the machine's);
                     more than the machine has are marked as oversubscribed
  --count N          samples per row and CPU count (default %d); %d are the fewest that
                     can show a difference
  --benchtime D      duration of a sample (default %v)
  --seed N           repeat the order of an earlier run
  --out DIR          where to put the folder of results (default %s)

Without --full and --bench it covers, in less than 4 minutes on 2 CPUs:
%sand R, one uncontended atomic add, which every run takes along.

Each sample is a process of its own. A round takes every row once, in an order drawn
anew; it begins when other processes use less than 2 %% of the machine, or after a wait.
A sample that didn't get the CPUs it needs is thrown away and taken again.
Results go to a new folder, never over old ones. Exit codes: 0, 1 failed, 2 wrong usage,
130 interrupted; what was measured until then is kept.
`, defaultCount, fewest, defaultBenchTime, resultsDir, rows.String())
}
