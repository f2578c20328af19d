// Package sample takes measurements: one process of a test binary each.
package sample

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/fencert/fencert/bench/internal/plan"
)

// The metrics by which a benchmark says how many processors it got, and how many it
// should have been able to keep busy.
const (
	cpusUnit = "cpus"
	wantUnit = "cpus-want"

	allocsUnit = "allocs/op"
)

// enough is the part of the wanted processors that a sample must have got. tolerable is
// the part of the machine that others may use while a sample needs all of it; it is
// larger because the system's account of a tenth of a second is coarse.
const (
	enough    = 0.95
	atLeast   = 0.75 // of those that allocate; undisturbed they get 0.85 of them or more
	tolerable = 0.10
)

// Errors of this package. Test with errors.Is.
var (
	ErrBench   = errors.New("the benchmark failed")            // its own output follows
	ErrOutput  = errors.New("unexpected output")               // not exactly one result
	ErrPattern = errors.New("bad regular expression")          // the binary refused the pattern
	ErrTime    = errors.New("the benchmark did not come back") // killed
)

// A Sample is one measurement.
type Sample struct {
	Line string  // in the benchmark format, normalized, without a newline
	CPUs float64 // processors' worth of time that it got in the timed region
	Want float64 // what it keeps busy; 0: it blocks, and keeps nothing busy

	Allocates bool
	Others    float64 // share of the machine, or of the processors it is kept on, that other processes used meanwhile
	Spare     float64 // share of the machine that the sample left to them
}

// Starved tells that others had the processors, so that the numbers mean nothing.
//
// Where nothing is allocated, the processors that the sample got tell it. Where much is,
// they tell less: the collector stops the program some thousand times a second, and an
// undisturbed sample gets 0.92 of two processors. Then, and for samples that block, what
// the others used has to tell.
func (s Sample) Starved() bool {
	need := enough
	if s.Allocates {
		need = atLeast
	}
	if s.Want > 0 && s.CPUs < need*s.Want {
		return true
	}
	return s.Others > tolerable+s.Spare
}

// parse reads the output of a process that was to measure one item.
func parse(out []byte, item plan.Item) (Sample, error) {
	var (
		s     Sample
		found int
		r     = benchfmt.NewReader(bytes.NewReader(out), string(item.Row))
	)
	for r.Scan() {
		res, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue // testing prints a name first and its numbers later
		}
		if name := Normalize("Benchmark"+res.Name.String(), item.CPUs); name == full(item) {
			found++
			s = newSample(res, name)
		}
	}
	if err := r.Err(); err != nil {
		return s, fmt.Errorf("%w: %v", ErrOutput, err)
	}
	if found != 1 {
		return s, fmt.Errorf("%w: %d results for %s", ErrOutput, found, full(item))
	}
	return s, nil
}

// newSample keeps the measurements as they were printed, all but the wanted number of
// processors, which is no measurement.
func newSample(res *benchfmt.Result, name string) Sample {
	var s Sample
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d", name, res.Iters)
	for _, v := range res.Values {
		value, unit := v.Value, v.Unit
		if v.OrigUnit != "" {
			value, unit = v.OrigValue, v.OrigUnit
		}
		switch unit {
		case wantUnit:
			s.Want = value
			continue
		case cpusUnit:
			s.CPUs = value
		case allocsUnit:
			s.Allocates = value > 0
		}
		fmt.Fprintf(&b, " %v %s", value, unit)
	}
	s.Line = b.String()
	return s
}

func full(item plan.Item) string {
	return string(item.Row) + "-" + strconv.Itoa(item.CPUs)
}

// Normalize returns a printed name with the number of processors as its last part. The
// testing package leaves that out when it is one, and then tools take it for unset.
func Normalize(name string, cpus int) string {
	if cpus == 1 {
		return name + "-1"
	}
	return name
}
