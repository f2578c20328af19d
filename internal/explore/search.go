//go:build explore

package explore

import (
	"runtime"
	"runtime/debug"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// Search is Test for callers that look at the report themselves. It ignores flags and the environment. Searches don't
// overlap in a process.
func Search(o Options, scenario func(*Scenario)) (report Report) {
	o, err := o.withDefaults()
	report.o, report.seen = o, map[uint64]bool{}
	if err != nil {
		report.Failure = &Failure{Reason: err.Error()}
		return report
	}
	atomicx.SetExploration(true)
	defer atomicx.SetExploration(false)
	defer atomicx.SetScheduler(nil)
	defer alone()()
	start := time.Now()
	defer func() { report.Elapsed, report.seen = time.Since(start), nil }()
	switch {
	case o.Replay != "":
		schedule, err := parseTrace(o.Replay)
		if err != nil {
			report.Failure = &Failure{Reason: err.Error(), Trace: o.Replay}
			return report
		}
		r := newRun(o, scenario)
		defer r.close()
		r.noting, r.prefix = true, schedule
		report.add(r.execute())
		report.Failure = r.failure
	case o.Mode == Random:
		report.sample(scenario)
	default:
		report.depthFirst(scenario, start)
	}
	return report
}

// heapGrowth is GOGC during a search.
const heapGrowth = 400

// alone prepares the process for a search, and returns what undoes that. One thread runs at a time, so another processor
// would only look for work; and each schedule leaves garbage, but nothing that lives on, so that collecting seldom is cheap.
func alone() (undo func()) {
	processors, growth := runtime.GOMAXPROCS(1), debug.SetGCPercent(heapGrowth)
	if growth < 0 || growth > heapGrowth { // asked for
		debug.SetGCPercent(growth)
	}
	return func() {
		debug.SetGCPercent(growth)
		runtime.GOMAXPROCS(processors)
	}
}

// cut tells whether a limit ends the search now.
func (r *Report) cut(start time.Time) bool {
	return r.Schedules >= r.o.MaxSchedules ||
		r.o.MaxTime > 0 && r.Schedules%16 == 0 && time.Since(start) > r.o.MaxTime
}

func (r *Report) depthFirst(scenario func(*Scenario), start time.Time) {
	x := newRun(r.o, scenario)
	defer x.close()
	for {
		r.add(x.execute())
		if x.failure != nil {
			r.Failure = explained(x.failure, r.o, scenario)
			return
		}
		if x.prefix = x.next(); x.prefix == nil {
			r.Complete, r.Covered = true, 1
			return
		}
		if r.cut(start) {
			r.Covered = x.covered()
			return
		}
	}
}

func (r *Report) sample(scenario func(*Scenario)) {
	x := newRun(r.o, scenario)
	defer x.close()
	start := time.Now()
	for i := uint64(0); ; i++ {
		x.strategy = newDice(r.o, i, r.Longest)
		r.add(x.execute())
		if x.failure != nil {
			r.Failure = explained(x.failure, r.o, scenario)
			return
		}
		if r.cut(start) {
			return
		}
	}
}

// next is the beginning of the next schedule in depth-first order, nil at the end.
func (r *run) next() []step {
	for i := len(r.choices) - 1; i >= 0; i-- {
		if k := r.alternative(&r.choices[i]); k >= 0 {
			prefix := r.prefix[:0]
			for j := range r.choices[:i] {
				prefix = append(prefix, r.choices[j].step())
			}
			c := r.choices[i]
			c.taken = uint8(k)
			return append(prefix, c.step())
		}
	}
	return nil
}

// alternative is the first one behind the one taken that is to be tried, -1 when there is none.
func (r *run) alternative(c *choice) int {
	if c.running && r.o.Mode == Bounded && r.o.Preemptions >= 0 && int(c.preempts) >= r.o.Preemptions {
		return -1
	}
	for k := int(c.taken) + 1; k < int(c.count); k++ {
		if c.value || c.sleep&(1<<c.enabled[k]) == 0 {
			return k
		}
	}
	return -1
}

// covered is the part of the tree that lies before the schedule that comes next, alternatives weighing the same.
func (r *run) covered() float64 {
	part, weight := 0.0, 1.0
	for i := range r.choices[:len(r.prefix)] {
		c := r.choices[i]
		n, before := 1.0, 0.0
		last := c.taken
		if i == len(r.prefix)-1 {
			last = uint8(r.alternative(&c)) // the one that comes next
		}
		c.taken = 0
		for k := r.alternative(&c); k >= 0; k = r.alternative(&c) {
			n++
			if k <= int(last) {
				before++
			}
			c.taken = uint8(k)
		}
		part += weight * before / n
		weight /= n
	}
	return part
}
