package verdict

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/results"
)

// Errors of Compare. Test with errors.Is.
var (
	ErrMachines = errors.New("measured on different machines")
	ErrNothing  = errors.New("no row is in both")
)

// A Report is a comparison. It is a plain value; nothing writes to it after Compare.
type Report struct {
	Rows     []Row // judged, by name
	Controls []Row
	Unjudged []string // benchmarks that are in both and too long to be judged
	Counted  int      // rows that p was corrected for
	machine  int      // its processors, 0 where that isn't told

	Drifted    string   // why nothing can be told; empty: something can
	Unfinished bool     // one of the runs was interrupted: what is there can be slower, and no more can be told
	Remarks    []string // conditions that differ

	OldPath, NewPath string
	OnlyOld, OnlyNew []string
}

// Options of a comparison.
type Options struct {
	Mixed bool // compare although the machines differ
}

// machineKeys are the keys of the header that make a machine; the others are conditions,
// which may differ on purpose.
var (
	machineKeys   = []string{"goos", "goarch", "cpu", "cpus", "hypervisor"}
	conditionKeys = []string{
		"kernel", "go", "goamd64", "goarm64", "go386", "gogc", "governor", "turbo", "smt", "affinity", "cgroup-cpu-limit",
		"thp", "benchtime", "pin",
	}
)

// Compare judges a second run by a first. Below a second for a full run.
func Compare(before, after *results.Log, o Options) (*Report, error) {
	rep := &Report{OldPath: before.Path, NewPath: after.Path}
	if err := rep.machines(before, after); err != nil && !o.Mixed {
		return nil, err
	}
	for _, key := range conditionKeys {
		if a, b := before.Get(key), after.Get(key); a != b {
			rep.Remarks = append(rep.Remarks, fmt.Sprintf("%s differs: %s, then %s", key, given(a), given(b)))
		}
	}
	rep.machine, _ = strconv.Atoi(after.Get("cpus")) // 0 where it isn't told, or is no number
	old, now := gather(before), gather(after)
	for _, k := range old.order {
		b, ok := now.values[k]
		if !ok {
			rep.OnlyOld = append(rep.OnlyOld, k.name)
			continue
		}
		rep.add(newRow(k, old.values[k], b))
	}
	for _, k := range now.order {
		if _, ok := old.values[k]; !ok {
			rep.OnlyNew = append(rep.OnlyNew, k.name)
		}
	}
	for _, log := range []*results.Log{before, after} {
		if unfinished(log) {
			rep.Unfinished = true
			rep.Remarks = append(rep.Remarks, log.Path+" is of a run that was interrupted: the same command goes on")
		}
	}
	rep.addLost([]*results.Log{before, after}, []table{old, now})
	if len(rep.Rows)+len(rep.Controls)+len(rep.Unjudged) == 0 {
		return nil, fmt.Errorf("%s and %s: %w", before.Path, after.Path, ErrNothing)
	}
	rep.judge()
	return rep, nil
}

// add sorts a row into those that are judged and the others.
func (rep *Report) add(r Row) {
	switch {
	case r.control():
		if r.Unit == "sec/op" {
			rep.Controls = append(rep.Controls, r)
		}
	case plan.IsLong(plan.Row("Benchmark" + r.Name)):
		if n := len(rep.Unjudged); n == 0 || rep.Unjudged[n-1] != r.bench() {
			rep.Unjudged = append(rep.Unjudged, r.bench())
		}
	default:
		rep.Rows = append(rep.Rows, r)
	}
}

// machines refuses what was measured on different machines, be it in two files or in one.
func (rep *Report) machines(before, after *results.Log) error {
	for _, log := range []*results.Log{before, after} {
		for _, res := range log.Results {
			for _, key := range machineKeys {
				if a, b := log.Get(key), res.GetConfig(key); a != b {
					return fmt.Errorf("%s: %w: %s is %s, then %s", log.Path, ErrMachines, key, given(a), given(b))
				}
			}
		}
	}
	var differ []string
	for _, key := range machineKeys {
		if a, b := before.Get(key), after.Get(key); a != b {
			differ = append(differ, fmt.Sprintf("%s is %s, then %s", key, given(a), given(b)))
		}
	}
	if len(differ) == 0 {
		return nil
	}
	rep.Remarks = append(rep.Remarks, differ...)
	return fmt.Errorf("%w: %s", ErrMachines, strings.Join(differ, "; "))
}

func given(s string) string {
	if s == "" {
		return "not given"
	}
	return strconv.Quote(s)
}

// Code is what a program exits with: 0 where nothing is slower, 1 where something is, 2
// where that can't be told.
func (rep *Report) Code() int {
	code := 0
	for _, r := range rep.Rows {
		switch {
		case r.State == Slower:
			return 1
		case r.State == CantTell:
			code = 2
		}
	}
	if len(rep.Rows) == 0 || rep.Drifted != "" || rep.Unfinished {
		return 2
	}
	return code
}
