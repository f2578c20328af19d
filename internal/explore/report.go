//go:build explore

package explore

import (
	"fmt"
	"time"
)

// A Report says what a search did.
type Report struct {
	Schedules  int // runs made
	Pruned     int // of these, given up because all that could go on was asleep (Exhaustive)
	Steps      int // yields in all of them
	Longest    int // the most steps in one
	Behaviours int // different ones, up to 2^20
	Once       int // of these, seen in one schedule only
	Elapsed    time.Duration
	Covered    float64 // the part of the tree that was searched, estimated; 1 when Complete, 0 for Random
	Complete   bool    // every schedule within the bound was run
	Failure    *Failure

	o    Options
	seen map[uint64]bool // behaviours; true: more than once
}

// PerSecond is how many schedules ran in a second.
func (r *Report) PerSecond() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(r.Schedules) / r.Elapsed.Seconds()
}

// Unseen estimates, for Random, the chance that one more schedule would show a behaviour that none has shown.
func (r *Report) Unseen() float64 {
	if r.Schedules == 0 {
		return 1
	}
	return float64(r.Once) / float64(r.Schedules)
}

// String is what Test logs.
func (r *Report) String() string {
	s := fmt.Sprintf("%d schedules (%.0f/s), %d steps, the longest %d, %d behaviours",
		r.Schedules, r.PerSecond(), r.Steps, r.Longest, r.Behaviours)
	if r.Pruned > 0 {
		s += fmt.Sprintf(", %d given up as repetitions", r.Pruned)
	}
	switch {
	case r.Complete:
		return s + "; every one " + r.o.bound()
	case r.o.Mode == Random:
		return s + fmt.Sprintf("; a sample, seed %d, a further one is new with probability %.2g", r.o.Seed, r.Unseen())
	case r.o.Replay != "":
		return s + "; a replay"
	}
	return s + fmt.Sprintf("; truncated: not every one %s, about %.2g %%", r.o.bound(), 100*r.Covered)
}

// mostBehaviours is how many behaviours are told apart.
const mostBehaviours = 1 << 20

// add counts a run.
func (r *Report) add(x *run) {
	r.Schedules++
	r.Steps += x.steps
	r.Longest = max(r.Longest, x.steps)
	if x.pruned {
		r.Pruned++
		return
	}
	again, known := r.seen[x.behaviour]
	switch {
	case !known && len(r.seen) < mostBehaviours:
		r.seen[x.behaviour] = false
		r.Behaviours++
		r.Once++
	case known && !again:
		r.seen[x.behaviour] = true
		r.Once--
	}
}

// A Failure is a schedule that broke the scenario.
type Failure struct {
	Reason string // what broke
	Trace  string // the schedule, for Options.Replay
	Log    string // a table with one line per step
	Found  string // the schedule before it was shortened

	class    string // the part of Reason that a shorter schedule must share
	schedule []step
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s\nschedule:\n%sreplay with -explore.replay=%s, or %s=%s",
		f.Reason, f.Log, f.Trace, ReplayVariable, f.Trace)
}
