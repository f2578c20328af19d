//go:build explore

package explore

import (
	"fmt"
	"os"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
)

// ReplayVariable names the environment variable that holds the trace to replay.
const ReplayVariable = "FENCERT_EXPLORE_REPLAY"

// Options bound a search.
type Options struct {
	// Preemptions is the most preemptions in one schedule; below zero: no bound.
	Preemptions int
	// MaxSchedules ends the search early; 0: 2,000,000. A search that ends so is
	// reported as truncated, and fails the test unless AllowTruncated is set.
	MaxSchedules int
	// AllowTruncated accepts a search that MaxSchedules cut short.
	AllowTruncated bool
	// MaxSteps is the length of a run that counts as a livelock; 0: 5,000.
	MaxSteps int
	// Replay is the trace of the one schedule to run; empty: search.
	Replay string
}

// A Report says what a search did.
type Report struct {
	Schedules int  // runs made
	Steps     int  // yields in all of them
	Complete  bool // every schedule within the bound was run
	Failure   *Failure
}

// A Failure is a schedule that broke the scenario.
type Failure struct {
	Reason string // what broke
	Trace  string // the schedule, for Options.Replay
	Log    string // one line per step
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s\nschedule:\n%sreplay with %s=%s", f.Reason, f.Log, ReplayVariable, f.Trace)
}

// A Scenario collects the threads of one run. Its function is called anew for each
// schedule and must build everything anew.
type Scenario struct {
	threads []*thread
	finally func()
}

// Thread adds a thread. At most MaxThreads; they are numbered from 0 in the order of
// adding, and the first choice of a search is the lowest number.
func (s *Scenario) Thread(name string, body func()) {
	if len(s.threads) == MaxThreads {
		panic("explore: too many threads in a scenario")
	}
	s.threads = append(s.threads, &thread{name: name, body: body, id: len(s.threads)})
}

// Finally sets what is checked once all threads have ended. It sees all they did.
func (s *Scenario) Finally(check func()) { s.finally = check }

// Assert fails the run that it is called in unless ok.
func Assert(ok bool, format string, args ...any) {
	if !ok {
		panic(assertion(fmt.Sprintf(format, args...)))
	}
}

type assertion string

// Test searches the scenario's schedules and fails t with the first that breaks it.
func Test(t testing.TB, o Options, scenario func(*Scenario)) {
	t.Helper()
	if r := os.Getenv(ReplayVariable); r != "" {
		o.Replay = r
	}
	r := Search(o, scenario)
	switch {
	case r.Failure != nil:
		t.Fatalf("after %d schedules: %v", r.Schedules, r.Failure)
	case r.Complete:
		t.Logf("%d schedules, %d steps, every one within %s", r.Schedules, r.Steps, o.bound())
	case o.Replay != "":
		t.Logf("the replayed schedule passes")
	case o.AllowTruncated:
		t.Logf("%d schedules, %d steps, truncated: not every one within %s", r.Schedules, r.Steps, o.bound())
	default:
		t.Fatalf("truncated after %d schedules: not every one within %s was run", r.Schedules, o.bound())
	}
}

func (o Options) bound() string {
	if o.Preemptions < 0 {
		return "no bound"
	}
	return fmt.Sprintf("%d preemptions", o.Preemptions)
}

// Search is Test for callers that look at the report themselves.
func Search(o Options, scenario func(*Scenario)) Report {
	if o.MaxSchedules == 0 {
		o.MaxSchedules = 2_000_000
	}
	if o.MaxSteps == 0 {
		o.MaxSteps = 5_000
	}
	atomicx.SetExploration(true)
	defer atomicx.SetExploration(false)
	defer atomicx.SetScheduler(nil)
	var report Report
	if o.Replay != "" {
		prefix, err := parseTrace(o.Replay)
		if err != nil {
			report.Failure = &Failure{Reason: err.Error(), Trace: o.Replay}
			return report
		}
		r := newRun(o, scenario, prefix)
		r.execute()
		return Report{Schedules: 1, Steps: len(r.choices), Failure: r.failure}
	}
	var prefix []uint8
	for {
		r := newRun(o, scenario, prefix)
		r.execute()
		report.Schedules++
		report.Steps += len(r.choices)
		if r.failure != nil {
			report.Failure = r.failure
			return report
		}
		if prefix = r.next(); prefix == nil {
			report.Complete = true
			return report
		}
		if report.Schedules == o.MaxSchedules {
			return report
		}
	}
}
