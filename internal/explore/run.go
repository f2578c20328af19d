//go:build explore

package explore

import (
	"fmt"
	"iter"
	"runtime/debug"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// A thread is a coroutine. ready is nil while it can go on; otherwise it tells
// whether what it waits for has come.
type thread struct {
	name  string
	body  func()
	id    int
	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
	done  bool
	ready func() bool

	kind   atomicx.Kind   // what it does next
	addr   unsafe.Pointer // and to which word
	seen   int            // writes by others at its last return from Spin
	writes int            // its own
	clock  clock
}

// A choice is one yield: who could go on, who was taken.
type choice struct {
	enabled  [MaxThreads]uint8 // the default first
	count    uint8
	taken    uint8 // index in enabled
	running  bool  // enabled[0] was the running thread: any other is a preemption
	preempts int   // preemptions before this choice
}

// A run is one schedule of a scenario.
type run struct {
	o        Options
	scenario *Scenario
	prefix   []uint8 // thread ids to take first
	choices  []choice
	log      []logEntry
	current  *thread
	writes   int
	words    map[unsafe.Pointer]*clock
	cells    map[unsafe.Pointer]*history
	names    map[unsafe.Pointer]int
	failure  *Failure
	aborting bool // threads are unwinding: operations go straight through
	final    bool // so they do in the final check
	straight int  // how many did
}

type logEntry struct {
	thread *thread
	kind   atomicx.Kind
	addr   unsafe.Pointer
}

// maxStraight is how many operations a run makes outside its schedule.
const maxStraight = 100_000

// abort unwinds a thread whose run has failed elsewhere.
type abort struct{}

func newRun(o Options, scenario func(*Scenario), prefix []uint8) *run {
	r := &run{
		o: o, scenario: &Scenario{}, prefix: prefix,
		words: map[unsafe.Pointer]*clock{},
		cells: map[unsafe.Pointer]*history{},
		names: map[unsafe.Pointer]int{},
	}
	atomicx.SetScheduler(nil) // what the scenario builds is seen by every thread
	scenario(r.scenario)
	atomicx.SetScheduler(r)
	return r
}

func (r *run) execute() {
	for _, t := range r.scenario.threads {
		t.clock[t.id] = 1
		t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
			t.yield = yield
			defer r.caught(t)
			if !yield(struct{}{}) { // the first step stands before the first instruction
				panic(abort{})
			}
			t.body()
		})
		r.current = t
		t.next()
	}
	r.current = nil
	for r.failure == nil {
		t := r.choose()
		if t == nil {
			break
		}
		r.current = t
		t.ready = nil
		if _, more := t.next(); !more {
			t.done = true
		}
	}
	r.aborting, r.straight = true, 0
	for _, t := range r.scenario.threads {
		if !t.done {
			r.current = t
			t.stop()
		}
	}
	r.aborting = false
	if r.failure == nil && r.scenario.finally != nil {
		r.final, r.straight, r.current = true, 0, &thread{name: "the final check"}
		defer r.caught(nil)
		r.scenario.finally()
	}
}

// caught turns a panic into the run's failure.
func (r *run) caught(t *thread) {
	switch p := recover().(type) {
	case nil, abort:
	case assertion:
		r.fail(string(p))
	default:
		name := "the final check"
		if t != nil {
			name = t.name
		}
		r.fail(fmt.Sprintf("%s panics: %v\n%s", name, p, debug.Stack()))
	}
	if t != nil {
		t.done = true
	}
}

func (r *run) fail(reason string) {
	if r.failure == nil {
		r.failure = &Failure{Reason: reason, Trace: r.trace(), Log: r.table()}
	}
}

// choose takes the next thread, nil when all have ended or none can go on.
func (r *run) choose() *thread {
	var c choice
	if n := len(r.choices); n > 0 {
		last := &r.choices[n-1]
		c.preempts = last.preempts
		if last.running && last.taken > 0 {
			c.preempts++
		}
	}
	if r.current != nil && r.current.enabled() {
		c.enabled[0], c.count, c.running = uint8(r.current.id), 1, true
	}
	ended := 0
	for _, t := range r.scenario.threads {
		switch {
		case t.done:
			ended++
		case (t != r.current || !c.running) && t.enabled():
			c.enabled[c.count] = uint8(t.id)
			c.count++
		}
	}
	if c.count == 0 {
		if ended < len(r.scenario.threads) {
			r.fail("no thread can go on: a deadlock, or a wake-up was lost")
		}
		return nil
	}
	if len(r.choices) == r.o.MaxSteps {
		r.fail(fmt.Sprintf("still going after %d steps: a livelock", r.o.MaxSteps))
		return nil
	}
	if n := len(r.choices); n < len(r.prefix) {
		for c.taken < c.count && c.enabled[c.taken] != r.prefix[n] {
			c.taken++
		}
		if c.taken == c.count {
			r.fail("the schedule doesn't fit: the scenario isn't deterministic, or the trace is another one's")
			return nil
		}
	}
	r.choices = append(r.choices, c)
	t := r.scenario.threads[c.enabled[c.taken]]
	r.log = append(r.log, logEntry{t, t.kind, t.addr})
	return t
}

func (t *thread) enabled() bool { return !t.done && (t.ready == nil || t.ready()) }

// next is the prefix of the next schedule in depth-first order, nil at the end.
func (r *run) next() []uint8 {
	for i := len(r.choices) - 1; i >= 0; i-- {
		c := &r.choices[i]
		if c.taken+1 >= c.count {
			continue
		}
		if c.running && r.o.Preemptions >= 0 && c.preempts >= r.o.Preemptions {
			continue
		}
		prefix := make([]uint8, i+1)
		for k := 0; k < i; k++ {
			prefix[k] = r.choices[k].enabled[r.choices[k].taken]
		}
		prefix[i] = c.enabled[c.taken+1]
		return prefix
	}
	return nil
}

// pause hands control to the scheduler until this thread is taken again.
func (r *run) pause(kind atomicx.Kind, addr unsafe.Pointer, ready func() bool) *thread {
	t := r.current
	if r.aborting || r.final {
		// A deferred function of an unwinding thread may go on for a while, but not wait, nor for ever: code that
		// recovers panics and tries again would. The final check sees a list that was bent into a ring.
		if r.straight++; r.straight > maxStraight || ready != nil && !ready() {
			if r.final {
				panic(assertion("the final check doesn't end"))
			}
			panic(abort{})
		}
		return t
	}
	t.kind, t.addr, t.ready = kind, addr, ready
	if !t.yield(struct{}{}) {
		panic(abort{})
	}
	return t
}

// Step implements atomicx.Scheduler.
func (r *run) Step(kind atomicx.Kind, addr unsafe.Pointer) {
	r.acquire(r.pause(kind, addr, nil), addr)
}

// Block implements atomicx.Scheduler.
func (r *run) Block(kind atomicx.Kind, addr unsafe.Pointer, ready func() bool) {
	r.acquire(r.pause(kind, addr, ready), addr)
}

// Spin implements atomicx.Scheduler. A write that came after the thread's last
// return from here enables it, so none between its look and its Spin is missed.
func (r *run) Spin() {
	t := r.current
	seen := t.seen
	r.pause(atomicx.KindPause, nil, func() bool { return r.writes-t.writes > seen })
	t.seen = r.writes - t.writes
}

// Wrote implements atomicx.Scheduler.
func (r *run) Wrote(addr unsafe.Pointer) {
	t := r.current
	r.writes++
	t.writes++
	r.release(t, addr)
}
