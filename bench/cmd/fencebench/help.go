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
  ./benchstat.sh compare OLD NEW   judge a file or folder by another
  ./benchstat.sh gate BASE [NEW]   build two revisions, measure them side by side, judge the second;
                                   without NEW the working tree; two files as compare does it
  ./benchstat.sh doctor            print what would make numbers wrong on this machine, and what
                                   mends it; changes nothing
  ./benchstat.sh readme [FOLDER]   write the figures of a folder below results into README.md
                                   and its line into results/README.md
  ./benchstat.sh report [DIR]      make a page of a run: report.html and charts/ in its folder, or where
                                   --out FILE says
  ./benchstat.sh serve [DIR]       show that page on this machine only, at --port N or any free one
  ./benchstat.sh json [DIR]        print what the tables show as JSON, and keep it as results.json
  ./benchstat.sh history           make results/index.json and history.html: rows over the committed runs
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
  --full             all rows of the suite, %d times %v: under 40 minutes on 2 CPUs
  --bench REGEXP     the rows that match, as in "go test -bench": one expression per
                     element of the name, 'Lifecycle/callbacks=1/impl=(mutex|lockfree)'
  --cpu LIST         CPU counts, such as 1,2,4 (default: 1, 2, 4, ... up to the machine's);
                     more than the machine has are marked as oversubscribed
  --count N          samples per row and CPU count (default %d): with 6 a difference can be found
                     in one of twenty rows, with 8 in one of three hundred, with 10 of four thousand
  --benchtime D      duration of a sample (default %v)
  --seed N           repeat the order of an earlier run
  --pin              keep each sample on as many CPUs as it is measured on (Linux)
  --fresh            begin anew; else the same command goes on where it was interrupted
  --out DIR          where to put the folder of results (default %s)

gate has --bench, --cpu, --count (default %d), --benchtime, --seed, --pin and --out too; without
--bench it takes the default rows of lockfree alone. It keeps its samples with --out, or when something
is slower or can't be told. compare and gate refuse two machines unless --mixed is given.

Without --full and --bench it covers, in less than 4 minutes on 2 CPUs:
%sand the control rows, which hold no code under test and show how the machine moves: R, one
uncontended atomic add, in every run, and noop and limit of each benchmark.

Each sample is a process of its own. A round takes every row once, in an order drawn
anew; it begins when other processes use less than 2 %% of the machine, or after a wait.
A sample that didn't get the CPUs it needs is thrown away and taken again.
Results go to a new folder, never over old ones.

Exit codes: 0, 1 failed, 2 wrong usage, 130 interrupted; what was measured until then is kept.
Of compare and gate: 0 nothing is slower, 1 something is, 2 it can't be told, or the input is bad.
`, fullCount, fullBenchTime, defaultCount, defaultBenchTime, resultsDir, gateCount, rows.String())
}
