package epoch

import "runtime"

// Collect tries to move the epoch on by one, then runs what has become due: this
// participant's garbage, and that of participants which have unregistered. Without any
// it does nothing. It returns how many reclaim functions ran. Objects retired now become
// due by the second Collect of those who have garbage at the earliest. A call costs
// the same for one object as for a thousand, but for their functions, and in a domain whose Pin
// is light that is a barrier in all processors, some 10 us: better called seldom.
//
// Only the owner may call it; pinned or not (pinned, it stands in its own way after
// one step). From a reclaim function that this participant runs, and when it is not
// registered, it does nothing and returns 0. It never waits. It calls Config.OnStall.
// A panic of a reclaim function comes out of here, after the others have run.
func (p *Participant) Collect() int {
	if p.s == nil || p.collecting {
		return 0
	}
	if p.s.pending.Load() == 0 && p.d.orphans.Load() == 0 { // I8
		return 0
	}
	c := collection{p: p}
	p.collecting = true
	c.run()
	runtime.KeepAlive(p) // I10
	return c.ran
}

// batchSize is how many entries are moved out of a ring at a time. A slot without an
// owner is held for no longer than that takes.
const batchSize = 16

// A batch holds entries that are due and belong to whoever took them (I6).
type batch struct {
	n       int // entries[:n] were taken
	next    int // entries[:next] were run
	entries [batchSize]entry
}

// A collection is one Collect at work. Plain: all of it is on the caller's stack.
type collection struct {
	p      *Participant
	now    uint64
	ran    int
	slot   uint32 // the next slot to look for orphans in
	inside bool   // a reclaim function is running
	done   bool
	batch  batch
}

// run moves the epoch on if it can, and runs all that is due. When a reclaim function panics or exits the goroutine, the
// deferred part runs the rest while the stack unwinds, so that the first panic keeps
// its value and its trace.
func (c *collection) run() {
	defer func() { c.p.collecting = false }() // apart: a Goexit in absorb skips the rest below
	now, blocked := c.p.d.advance()
	if blocked {
		c.p.d.lookForStalls()
	}
	c.now = now
	defer func() {
		for c.interrupted() {
			c.absorb()
		}
	}()
	c.loop()
}

// interrupted tells whether a reclaim function, and not this package, ended the loop.
func (c *collection) interrupted() bool { return c.inside && !c.done }

// absorb goes on with the loop and keeps what later functions throw.
func (c *collection) absorb() {
	defer func() {
		if !c.interrupted() {
			return
		}
		if recover() != nil {
			c.p.d.panics.Add(1)
			return
		}
		for c.interrupted() { // runtime.Goexit: there is no way back to run's loop
			c.absorb()
		}
	}()
	c.loop()
}

func (c *collection) loop() {
	c.inside = false
	b := &c.batch
	for c.refill() {
		for b.next < b.n {
			e := &b.entries[b.next]
			b.next++
			c.ran++
			f := *c.p.d.reclaimers[e.f].Load()
			c.inside = true
			f(e.arg)
			c.inside = false
		}
	}
	c.done = true
}

// refill leaves a batch with something to run, or answers false.
func (c *collection) refill() bool {
	b, d := &c.batch, c.p.d
	if b.next < b.n { // a panic has come between
		return true
	}
	b.n, b.next = 0, 0
	if c.slot == 0 {
		if c.p.s.take(b, c.now, d.grace); b.n > 0 {
			return true
		}
	}
	if d.orphans.Load() == 0 { // I8
		return false
	}
	for used := d.used.Load(); c.slot < used; c.slot++ {
		if d.slots[c.slot].state.Load() != slotOrphan {
			continue
		}
		if d.sweep(&d.slots[c.slot], b, c.now); b.n > 0 {
			return true
		}
	}
	return false
}

// sweep moves what is due out of a slot that has garbage and no owner, unless another
// one is at it.
func (d *Domain) sweep(s *slot, b *batch, now uint64) {
	// Owns: the ring (I5). Pairs with: the stores of state below and in Unregister.
	// ABA: the state is all there is to it. Progress: on failure another has it.
	if !s.state.CompareAndSwap(slotOrphan, slotSweeping) {
		return
	}
	s.take(b, now, d.grace)
	if !s.empty() {
		// Publishes: the ring (I5).
		s.state.Store(slotOrphan)
		return
	}
	s.state.Store(slotFree)   // Publishes: the slot (I5).
	d.orphans.Add(^uint32(0)) // I8: after
}
