package fencert

import (
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/internal/atomicx"
)

// A group is one goroutine's wait for several fences.
//
// It joins each fence that is pending, with a hold and a callback that refers to the waiter's record; a wake-up says no more
// than "look again". Looking is what decides: done of the fences, from the last to the first. Since that never goes
// back to false, when it finds member i the lowest that is done, it was so at the moment when i was looked at.
// Linearization of WaitAny: that load.
//
// What can't be joined is polled, with pauses: a fence whose callbacks run already, and one for which there is no room.
type group struct {
	fences  []Fence
	members []member
	all     bool    // all of them, else any
	lead    *waiter // the record with the state; nil: none was free
	listed  int     // members with a callback
	polled  bool    // some member must be polled
	before  int     // all: the members before are done
}

// What a group points to stays on the goroutine's stack only while nothing that is read out of the group goes to the heap.
// The compiler doesn't tell its fields apart: hence lead is a parameter of record, and there is a poller beside the group.

// A member is what a group has of one fence.
type member struct {
	runtime *Runtime
	ticket  cbqueue.Ticket // 0: no callback
	held    bool           // its result is in the word until the group leaves
	late    bool           // it was signaled before it could be held; code is its result
	code    uint32
}

// join registers with all fences.
func (g *group) join() {
	enableAll(g.fences)
	var b borrower
	defer b.end()
	var w, lead *waiter
	for i, f := range g.fences {
		p := &g.members[i]
		if b.l == nil || !f.of(b.l.runtime) {
			rt := f.owner()
			if rt == nil { // of no runtime, or of a closed one: signaled
				g.miss(f, p)
				continue
			}
			b.local(rt)
			if w = record(&rt.waiters, lead, g.all, len(g.fences)); lead == nil {
				lead, g.lead = w, w
			}
		}
		rt := b.l.runtime
		if p.runtime = rt; !rt.holdAny(f) {
			g.miss(f, p)
			continue
		}
		p.held = true
		if w != nil {
			if t, err := b.l.listen(f, groupHandler, w.arg(i)); err == nil {
				p.ticket = t.node
				if g.listed++; g.listed == 1 {
					w.view.begin(rt.viewRef(f)) // its first fence stands for all
				}
				continue
			}
		}
		if g.miss(f, p); !g.all && f.done() {
			break // the wait is over
		}
	}
	g.settle()
}

// miss notes a fence that has no callback of this group.
func (g *group) miss(f Fence, p *member) {
	if !p.held && f.number >= slotNumbers {
		if v := f.word.Load(); v&lifeMask == f.life() {
			p.late, p.code = true, code(v)
		}
	}
	if !f.done() {
		g.polled = true
	}
}

// record is the record that callbacks of that runtime refer to, for n fences, nil when there is none. lead is the first
// one, nil when there is none yet.
func record(ws *waiters, lead *waiter, all bool, n int) *waiter {
	for w := lead; w != nil; w = w.next {
		if w.home == ws {
			return w
		}
	}
	if lead == nil {
		need := 1
		if all {
			need = n
		}
		return ws.take(n, need)
	}
	w := ws.take(0, 0)
	if w != nil {
		w.lead.Set(lead) // its own links and state are never used
		w.next, lead.next = lead.next, w
	}
	return w
}

// settle corrects the state, which was made for a callback on every fence.
func (g *group) settle() {
	missing := uint64(len(g.fences) - g.listed)
	if g.lead == nil || missing == 0 {
		return
	}
	change := -missing
	if g.all { // what is signaled or polled doesn't keep the others' wake-up back
		change += missing * oneFired
	}
	// Pairs with: the Add in fire. Nobody is parked. ABA: none, it is a count. No loop.
	g.lead.state.Add(change)
}

// finished looks: any: the lowest member that is done, or -1; all: 0 when all are done, or -1.
func (g *group) finished() int {
	if !g.all {
		return lowest(g.fences, Fence.done)
	}
	for ; g.before < len(g.fences); g.before++ {
		if !g.fences[g.before].done() {
			return -1
		}
	}
	return 0
}

// lowest is the lowest index of those of which is holds, -1 when there is none. is never becomes false again, so it is right
// for the moment at which that fence was looked at: the lower ones are looked at afterwards.
func lowest(fences []Fence, is func(Fence) bool) int {
	found := -1
	for i := len(fences) - 1; i >= 0; i-- {
		if is(fences[i]) {
			found = i
		}
	}
	return found
}

// wait waits until the group is finished, or e is over (-1).
func (g *group) wait(e *ending) int {
	var p poller
	defer p.stop()
	for {
		if i := g.finished(); i >= 0 {
			return i
		}
		if e.over() {
			return -1
		}
		g.block(e, &p)
	}
}

// block returns when it is worth while to look again.
func (g *group) block(e *ending, p *poller) {
	switch w := g.lead; {
	case w == nil, g.polled && (w.done() || atomicx.Exploring):
		p.sleep(e)
	case g.polled:
		w.park(e, p.pause())
	default:
		w.await(e, w.home.strategy)
	}
}

// leave takes all back that join has done but the holds. Some callbacks may come later; the last one frees the record.
func (g *group) leave() {
	if g.lead == nil {
		return
	}
	canceled := 0
	if references(g.lead.state.Load()) > 1 {
		var b borrower
		for i := range g.members {
			if p := &g.members[i]; p.ticket != 0 && b.local(p.runtime).unlisten(Ticket{g.fences[i], p.ticket}) {
				canceled++
			}
		}
		b.end()
	}
	g.lead.drop(canceled + 1)
}

// release gives the holds back.
func (g *group) release() {
	var b borrower
	for i := range g.members {
		if p := &g.members[i]; p.held {
			_ = b.local(p.runtime).Release(Hold{fence: g.fences[i], runtime: p.runtime}) // held by join
		}
	}
	b.end()
}

// result is the result of a member that is signaled.
func (g *group) result(i int) error {
	f, p := g.fences[i], &g.members[i]
	switch {
	case p.held:
		return p.runtime.heldErr(f)
	case p.late && p.code < codeTable:
		return fixedError(p.code)
	}
	return f.Err()
}
