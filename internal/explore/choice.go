//go:build explore

package explore

import (
	"fmt"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// MaxThreads is the most threads of a scenario.
const MaxThreads = 8

// Agents are what can be taken next: threads by their numbers, their buffers, the clock.
const (
	firstBuffer = MaxThreads
	theClock    = 2 * MaxThreads
	agents      = theClock + 1
)

// A step is an agent that was taken, or a value that was picked: those begin at agents.
type step uint16

// A choice is one yield, who could go on and who was taken, or one Pick.
type choice struct {
	enabled  [agents]uint8 // the default first; of a Pick: unused
	count    uint8
	taken    uint8  // index in enabled; the value picked
	value    bool   // a Pick
	running  bool   // enabled[0] was the running thread: any other is a preemption
	preempts int32  // preemptions before this choice
	sleep    uint32 // agents that need not be taken (Exhaustive)
}

func (c *choice) step() step {
	if c.value {
		return agents + step(c.taken)
	}
	return step(c.enabled[c.taken])
}

// A strategy chooses where no prefix says what to do. nil takes the default.
type strategy interface {
	// take answers with an index in c.enabled, or with the value of a Pick.
	take(r *run, c *choice) uint8
}

// add puts an agent on the list.
func (c *choice) add(agent int) {
	c.enabled[c.count] = uint8(agent)
	c.count++
}

// asleep tells whether all that could be taken is asleep.
func (c *choice) asleep() bool {
	for _, a := range c.enabled[:c.count] {
		if c.sleep&(1<<a) == 0 {
			return false
		}
	}
	return true
}

// preempted is how many preemptions there were so far.
func (r *run) preempted() int32 {
	n := len(r.choices)
	if n == 0 {
		return 0
	}
	last := &r.choices[n-1]
	if last.running && last.taken > 0 {
		return last.preempts + 1
	}
	return last.preempts
}

// able lists who can go on. ended counts the threads that have.
func (r *run) able(c *choice) (ended int) {
	if r.current != nil && r.current.enabled() {
		c.add(r.current.id)
		c.running = r.byThread
	}
	first := c.count
	for _, t := range r.scenario.threads {
		switch {
		case t.done:
			ended++
		case (t != r.current || first == 0) && t.enabled():
			c.add(t.id)
		}
	}
	if r.o.StoreBuffers {
		for _, t := range r.scenario.threads {
			if len(t.buffer) > 0 {
				c.add(firstBuffer + t.id)
			}
		}
	}
	if len(r.timers) > 0 && ended < len(r.scenario.threads) {
		c.add(theClock)
	}
	return ended
}

// choose takes the next agent; ok is false when the run is over.
func (r *run) choose() (agent int, ok bool) {
	c := &r.scratch
	*c = choice{preempts: r.preempted(), sleep: r.sleep}
	ended := r.able(c)
	switch {
	case c.count == 0 && ended == len(r.scenario.threads):
		if len(r.choices) < len(r.prefix) {
			r.misfit()
		}
		return 0, false
	case c.count == 0:
		r.fail(deadlock, deadlock+r.waiting())
		return 0, false
	case r.steps == r.o.MaxSteps:
		r.fail("livelock", fmt.Sprintf("still going after %d steps: a livelock", r.o.MaxSteps))
		return 0, false
	}
	if !r.settle(c) {
		return 0, false
	}
	r.steps++
	r.choices = append(r.choices, *c)
	agent = int(c.enabled[c.taken])
	op := r.op(agent)
	if r.o.Mode == Exhaustive {
		r.sleep = r.stillAsleep(c, op)
	}
	r.fold(agent, op)
	if r.noting {
		where := ""
		if agent < firstBuffer {
			where = r.scenario.threads[agent].where
		}
		r.logStep(agent, op, where)
	}
	return agent, true
}

const deadlock = "no thread can go on: a deadlock, or a wake-up was lost"

// settle sets c.taken: by the prefix, then by the strategy, else the first that isn't asleep. It answers false when
// there is none.
func (r *run) settle(c *choice) bool {
	if n := len(r.choices); n < len(r.prefix) {
		for c.taken < c.count && c.step() != r.prefix[n] {
			c.taken++
		}
		if c.taken == c.count {
			r.misfit()
			return false
		}
		return true
	}
	if r.strategy != nil {
		c.taken = r.strategy.take(r, c)
		return true
	}
	if c.value || c.sleep == 0 {
		return true
	}
	if c.asleep() {
		r.pruned = true
		return false
	}
	for c.sleep&(1<<c.enabled[c.taken]) != 0 {
		c.taken++
	}
	return true
}

func (r *run) misfit() {
	r.fail("misfit", "the schedule doesn't fit: the scenario isn't deterministic, or the trace is another one's")
}

// Pick implements atomicx.Extended. What builds the scenario may pick too. The branch is the thread's own, so it
// yields to nobody.
func (r *run) Pick(n uint32) uint32 {
	if n < 1 || n > 255 {
		panic(fmt.Sprintf("explore: Pick of %d values, want 1 to 255", n))
	}
	if r.phase != running && r.phase != building {
		return 0
	}
	c := &r.scratch
	*c = choice{preempts: r.preempted(), count: uint8(n), value: true}
	if !r.settle(c) {
		panic(abort{})
	}
	r.choices = append(r.choices, *c)
	r.behaviour += mix(uint64(r.current.id)<<32|uint64(r.nth[r.current.id]), uint64(c.taken)+agents)
	if r.noting {
		r.logStep(r.current.id, op{kind: atomicx.KindPick}, here())
		r.sawNumber(uint64(c.taken))
	}
	return uint32(c.taken)
}

// An op is what an agent does next.
type op struct {
	kind atomicx.Kind
	addr unsafe.Pointer
}

func (r *run) op(agent int) op {
	switch {
	case agent == theClock:
		return op{kind: atomicx.KindTick, addr: r.clockWord()}
	case agent >= firstBuffer:
		return op{kind: atomicx.KindFlush, addr: r.scenario.threads[agent-firstBuffer].buffer[0].store.Addr}
	}
	return r.scenario.threads[agent].op
}
