//go:build explore

package explore

import (
	"fmt"
	"unsafe"
)

// A clock is a vector clock: entry i is the last event of thread i that its owner
// has seen (Mattern 1989).
type clock [MaxThreads]uint32

func (c *clock) join(o *clock) {
	for i, v := range o {
		c[i] = max(c[i], v)
	}
}

// A history is what is known of the accesses to a cell: its last write, and each
// thread's last read.
type history struct {
	writer int
	write  uint32
	reads  clock
}

// acquire orders what the thread does next behind what led to the word's value.
func (r *run) acquire(t *thread, addr unsafe.Pointer) {
	if !r.straightOn() {
		t.clock.join(&r.word(addr).clock)
	}
}

// release makes the word's value the thread's. What was there before isn't kept: a read-modify-write has acquired it,
// and who loads what a store left is ordered behind that store alone.
func (r *run) release(t *thread, addr unsafe.Pointer) {
	if !r.straightOn() {
		r.word(addr).clock = t.clock
		t.clock[t.id]++
	}
}

func (r *run) history(addr unsafe.Pointer) *history {
	h := r.cells[addr]
	if h == nil {
		h = &history{writer: -1}
		r.cells[addr] = h
	}
	return h
}

// Read implements atomicx.Scheduler.
func (r *run) Read(addr unsafe.Pointer) {
	if r.straightOn() {
		return
	}
	t, h := r.current, r.history(addr)
	if h.writer >= 0 && h.write > t.clock[h.writer] {
		r.race(t, "reads", h.writer, "write")
	}
	h.reads[t.id] = t.clock[t.id]
}

// Write implements atomicx.Scheduler.
func (r *run) Write(addr unsafe.Pointer) {
	if r.straightOn() {
		return
	}
	t, h := r.current, r.history(addr)
	if h.writer >= 0 && h.write > t.clock[h.writer] {
		r.race(t, "writes", h.writer, "write")
	}
	for i, v := range h.reads {
		if v > t.clock[i] {
			r.race(t, "writes", i, "read")
		}
	}
	h.writer, h.write = t.id, t.clock[t.id]
	h.reads = clock{}
}

func (r *run) race(t *thread, does string, other int, did string) {
	what := fmt.Sprintf("data race: %s %s a cell, unordered with a %s by %s", t.name, does, did, r.scenario.threads[other].name)
	r.logRace(t, does)
	panic(assertion{what, what})
}
