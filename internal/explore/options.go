//go:build explore

package explore

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"time"
)

// ReplayVariable names the environment variable that holds the trace to replay, as -explore.replay does.
const ReplayVariable = "FENCERT_EXPLORE_REPLAY"

var (
	replayFlag = flag.String("explore.replay", "", "run the one schedule of this trace")
	randomFlag = flag.Int("explore.random", 0, "run this many random schedules instead of each test's own search")
	seedFlag   = flag.Uint64("explore.seed", 0, "the seed of random schedules")
)

// A Mode is a way to search. The package comment has the arguments.
type Mode uint8

const (
	Bounded    Mode = iota // all schedules with at most Options.Preemptions preemptions
	Exhaustive             // one of each set of schedules that differ in the order of independent operations
	Random                 // a sample
)

// Options say what to search, and how far. The zero Options are Bounded with no preemption at all.
type Options struct {
	Mode Mode
	// Preemptions is, for Bounded, the most preemptions in one schedule; below zero: no bound. For Random it is how
	// often the running thread loses its priority; 0: 3. Exhaustive has no bound, and refuses one.
	Preemptions int
	// StoreBuffers lets release stores arrive late.
	StoreBuffers bool
	// Seed determines the schedules of Random; 0: 1.
	Seed uint64
	// MaxSchedules ends the search early; 0: 2,000,000, for Random 10,000. A search that ends so is reported as
	// truncated, and fails the test unless AllowTruncated is set, or it is Random.
	MaxSchedules int
	// MaxTime does the same by the clock; 0: no limit.
	MaxTime time.Duration
	// AllowTruncated accepts a search that was cut short.
	AllowTruncated bool
	// MaxSteps is the length of a run that counts as a livelock; 0: 5,000.
	MaxSteps int
	// Replay is the trace of the one schedule to run; empty: search.
	Replay string
	// KeepSchedule reports a failing schedule as it was found, not shortened.
	KeepSchedule bool
}

// errReduction: the two may not be combined.
var errReduction = errors.New("explore: Exhaustive leaves schedules out for others that a bound on preemptions may leave out: " +
	"set Preemptions to 0, or use Bounded")

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Mode == Exhaustive && o.Preemptions > 0:
		return o, errReduction
	case o.Mode > Random:
		return o, fmt.Errorf("explore: there is no mode %d", o.Mode)
	}
	if o.Mode == Random && o.Preemptions == 0 {
		o.Preemptions = 3
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.MaxSchedules == 0 {
		o.MaxSchedules = 2_000_000
		if o.Mode == Random {
			o.MaxSchedules = 10_000
		}
	}
	if o.MaxSteps == 0 {
		o.MaxSteps = 5_000
	}
	return o, nil
}

// asked lets flags and the environment speak.
func (o Options) asked() Options {
	if r := os.Getenv(ReplayVariable); r != "" {
		o.Replay = r
	}
	if *replayFlag != "" {
		o.Replay = *replayFlag
	}
	if *randomFlag > 0 {
		o.Mode, o.Preemptions, o.MaxSchedules = Random, 0, *randomFlag
	}
	if *seedFlag != 0 {
		o.Seed = *seedFlag
	}
	return o
}

// bound is which schedules a search is about.
func (o Options) bound() string {
	var s string
	switch {
	case o.Mode == Exhaustive:
		s = "but for the order of independent operations"
	case o.Preemptions < 0:
		s = "without bound"
	default:
		s = fmt.Sprintf("within %d preemptions", o.Preemptions)
	}
	if o.StoreBuffers {
		s += ", with store buffers"
	}
	return s
}
