//go:build explore

package explore

import (
	"fmt"
	"runtime/debug"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// A thread runs on a coroutine once it has been taken. ready is nil while it can go on; otherwise it tells whether what it
// waits for has come.
type thread struct {
	name  string
	body  func()
	id    int
	on    *coroutine // nil before its first step
	done  bool
	ready func() bool

	op     op  // what it does next
	seen   int // changes by others at its last return from Spin
	writes int // its own
	clock  clock

	buffer  []entry // release stores that nobody else sees yet, oldest first
	flushed int     // how many have gone
	where   string  // the place in the source of what it does next
}

func (t *thread) enabled() bool {
	return !t.done && (t.ready == nil || t.ready()) && (len(t.buffer) == 0 || !locked(t.op.kind))
}

// A phase is what a run is about. Operations yield only while it runs.
type phase uint8

const (
	building  phase = iota // the scenario is being built
	running                // its threads run
	unwinding              // they are made to end
	final                  // the final check
)

// A run is one schedule of a scenario at a time. What it holds is used again for the next one.
type run struct {
	o        Options
	build    func(*Scenario)
	prefix   []step   // what to take first
	strategy strategy // what to take then
	noting   bool     // for the table

	coroutines [MaxThreads]*coroutine // by thread; nil: never needed so far
	taken      *thread                // whom a thread that yields has chosen to go on

	scenario *Scenario
	choices  []choice
	scratch  choice // the one that is being made
	steps    int
	current  *thread // that was taken last
	byThread bool    // the last agent was a thread
	sleep    uint32
	writes   int
	words    map[unsafe.Pointer]*word
	spare    []*word
	cells    map[unsafe.Pointer]*history
	clockState

	nth       [agents]uint32 // operations by agent
	behaviour uint64
	written   uint64 // the sum of the hashes of all writes
	pruned    bool
	failure   *Failure
	phase     phase
	straight  int           // operations outside the schedule
	lost      chan struct{} // closed by a thread that can't be unwound
	table
}

// maxStraight is how many operations a run makes outside its schedule, once its threads have begun.
const maxStraight = 100_000

// maxAborts is how many of those that follow are panics. Code that recovers each and tries again isn't unwound then, but
// left behind, asleep for good: the run has failed.
const maxAborts = 1000

// abort unwinds a thread whose run has failed elsewhere.
type abort struct{}

func newRun(o Options, scenario func(*Scenario)) *run {
	return &run{o: o, build: scenario, words: map[unsafe.Pointer]*word{}, cells: map[unsafe.Pointer]*history{}}
}

// reset forgets the last schedule and builds the scenario anew.
func (r *run) reset() {
	r.forget()
	r.choices, r.steps, r.sleep, r.writes = r.choices[:0], 0, 0, 0
	r.nth, r.behaviour, r.written = [agents]uint32{}, 0, 0
	r.pruned, r.failure, r.straight, r.taken = false, nil, 0, nil
	r.clockState, r.table = clockState{}, table{}
	r.scenario = &Scenario{}
	r.current, r.byThread = &thread{name: "the scenario"}, false
	r.phase = building
	atomicx.SetScheduler(r)
	defer func() {
		if p := recover(); p != nil && p != (abort{}) {
			panic(p)
		}
	}()
	r.build(r.scenario)
}

// execute runs one schedule.
func (r *run) execute() *run {
	r.reset()
	if r.failure != nil { // a Pick of the scenario itself
		return r
	}
	r.phase = running
	for _, t := range r.scenario.threads {
		t.clock[t.id] = 1
		t.op = op{kind: atomicx.KindStart}
	}
	r.current = nil
	for t := r.turn(); t != nil; t = r.turn() {
		r.resume(t)
	}
	r.end()
	return r
}

// turn is the thread that is taken next, nil when the run is over. What buffers and the clock do comes before it.
func (r *run) turn() *thread {
	if t := r.taken; t != nil { // by the thread that has just yielded
		r.taken = nil
		return t
	}
	for r.failure == nil && !r.pruned {
		agent, ok := r.choose()
		if !ok {
			break
		}
		r.byThread = agent < firstBuffer
		switch {
		case agent == theClock:
			r.tick()
		case agent >= firstBuffer:
			r.flush(r.scenario.threads[agent-firstBuffer])
		default:
			return r.scenario.threads[agent]
		}
	}
	return nil
}

func (r *run) resume(t *thread) {
	r.current = t
	t.ready = nil
	if t.on == nil {
		t.on = r.coroutine(t)
	}
	t.on.next()
}

// end unwinds the threads that haven't ended, and makes the final check where all have.
func (r *run) end() {
	r.phase, r.straight = unwinding, 0
	for _, t := range r.scenario.threads {
		if !t.done && t.on != nil {
			r.current = t
			r.unwind(t)
		}
	}
	if r.failure != nil || r.pruned || r.scenario.finally == nil {
		return
	}
	r.phase, r.straight, r.current = final, 0, &thread{name: "the final check"}
	defer r.caught(nil)
	r.scenario.finally()
}

// unwind ends a thread, which panics in pause; or leaves it behind, and its coroutine.
func (r *run) unwind(t *thread) {
	if r.failure == nil {
		t.on.next()
		return
	}
	ended := make(chan struct{})
	r.lost = make(chan struct{})
	go func() {
		t.on.next()
		close(ended)
	}()
	select {
	case <-ended:
	case <-r.lost:
		r.coroutines[t.id] = nil
	}
}

// caught turns a panic into the run's failure.
func (r *run) caught(t *thread) {
	switch p := recover().(type) {
	case nil, abort:
	case assertion:
		r.fail(p.class, p.text)
	default:
		name := "the final check"
		if t != nil {
			name = t.name
		}
		what := fmt.Sprintf("%s panics: %v", name, p)
		r.fail(what, fmt.Sprintf("%s\n%s", what, debug.Stack()))
	}
	if t != nil {
		t.done = true
	}
}

// fail keeps the first failure. Of one that is as bad in another schedule, class is the same.
func (r *run) fail(class, reason string) {
	if r.failure != nil {
		return
	}
	f := &Failure{Reason: reason, class: class, schedule: make([]step, len(r.choices))}
	for i := range r.choices {
		f.schedule[i] = r.choices[i].step()
	}
	f.Trace = trace(f.schedule)
	f.Found = f.Trace
	if r.noting {
		f.Log = r.print()
	}
	r.failure = f
}

// waiting says what keeps each thread.
func (r *run) waiting() string {
	s := ""
	for _, t := range r.scenario.threads {
		if !t.done {
			s += fmt.Sprintf("\n%s waits: %s", t.name, r.describe(t.op))
		}
	}
	return s
}

// straightOn tells that operations go straight through: threads don't run.
func (r *run) straightOn() bool { return r.phase != running }

// pause hands control to the scheduler until this thread is taken again.
func (r *run) pause(o op, ready func() bool) *thread {
	t := r.current
	if r.phase != running {
		r.pass(ready == nil || ready() || r.phase == building && o.kind == atomicx.KindPause)
		return t
	}
	t.op, t.ready = o, ready
	if r.noting {
		t.where = here()
	}
	// Most often the thread itself goes on: then there is no switch of coroutines.
	if next := r.turn(); next != t {
		r.taken = next
		if !t.on.yield(struct{}{}) || r.phase != running {
			panic(abort{})
		}
	} else {
		t.ready = nil
	}
	return t
}

// pass lets an operation through that is in no schedule. A deferred function of an unwinding thread may go on for a
// while, but not wait, nor for ever: code that recovers panics and tries again would. The final check may see a list
// that was bent into a ring.
func (r *run) pass(ready bool) {
	if r.phase != building {
		r.straight++
	}
	if ready && r.straight <= maxStraight {
		return
	}
	switch r.phase {
	case final:
		panic(assertion{"the final check doesn't end", "final"})
	case building:
		panic("explore: what builds the scenario waits for a thread")
	}
	if r.straight > maxStraight+maxAborts && r.failure != nil {
		close(r.lost)
		select {}
	}
	panic(abort{})
}

// Step implements atomicx.Scheduler.
func (r *run) Step(kind atomicx.Kind, addr unsafe.Pointer) {
	t := r.pause(op{kind: kind, addr: addr}, nil)
	if kind != atomicx.KindStore && kind != atomicx.KindWake {
		r.acquire(t, addr)
	}
}

// Block implements atomicx.Scheduler.
func (r *run) Block(kind atomicx.Kind, addr unsafe.Pointer, ready func() bool) {
	r.acquire(r.pause(op{kind, addr}, ready), addr)
}

// Spin implements atomicx.Scheduler. A change that came after the thread's last return from here enables it, so none
// between its look and its Spin is missed (W1).
func (r *run) Spin() {
	t := r.current
	seen := t.seen
	r.pause(op{kind: atomicx.KindPause}, func() bool { return r.writes-t.writes > seen })
	t.seen = r.writes - t.writes
}

// Wrote implements atomicx.Scheduler.
func (r *run) Wrote(addr unsafe.Pointer) {
	t := r.current
	r.writes++
	t.writes++
	r.release(t, addr)
}

// Rewrote implements atomicx.Extended: no change, so it ends nobody's Spin. A wake-up that was there already is
// another's.
func (r *run) Rewrote(addr unsafe.Pointer) {
	if t := r.current; t.op.kind != atomicx.KindWake {
		r.release(t, addr)
	}
}

// Modes implements atomicx.Extended.
func (r *run) Modes() (buffering, noting bool) { return r.o.StoreBuffers, r.noting }
