package verdict

import (
	"strconv"
	"strings"

	"golang.org/x/perf/benchmath"

	"github.com/fencert/fencert/bench/internal/plan"
)

// A State is what is said of a row.
type State int

// The states of a row.
const (
	Same     State = iota // no difference found
	Faster                // or smaller
	Slower                // or larger
	CantTell              // see Why
)

// String returns the words for a state.
func (s State) String() string {
	return [...]string{"no difference found", "faster", "SLOWER", "can't tell"}[s]
}

// A Row is one unit of one row of both runs.
type Row struct {
	Name, Unit string // "Lifecycle/callbacks=0/impl=mutex-1", "sec/op"

	Old, New benchmath.Summary
	N1, N2   int     // samples
	P        float64 // of the U test
	Adjusted float64 // P after Holm's correction
	Effect   float64 // new median over old, less 1
	Floor    float64 // the larger of the two runs'
	HasFloor bool
	Equal    bool // all samples of both: they could not have differed by chance

	State State
	Why   string // of CantTell
}

// bench is the benchmark's name, cpus the number of processors.
func (r *Row) bench() string {
	bench, _, _ := strings.Cut(r.Name, "/")
	return bench
}

func (r *Row) cpus() string { return r.Name[strings.LastIndexByte(r.Name, '-')+1:] }

func (r *Row) impl() string {
	impl := plan.Row(r.Name).Impl()
	if i := strings.LastIndexByte(impl, '-'); i >= 0 {
		return impl[:i]
	}
	return impl
}

// over tells that it has more workers than the machine has processors.
func (r *Row) over(machine int) bool {
	n, err := strconv.Atoi(r.cpus())
	return err == nil && machine > 0 && n > machine
}

// control tells that a row holds no code under test.
func (r *Row) control() bool {
	switch r.impl() {
	case "limit", "noop", "bare":
		return true
	}
	return false
}
