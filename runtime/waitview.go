package fencert

import (
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// A waitView is what others may see of a waiter: its fence, and since when it is parked. It is part of the waiter's record,
// and who has the record writes it (R8).
//
//	S5  uses is raised when a wait begins, after fence was set, and when it ends: it is odd between the two. A reader
//	    who finds the same odd number before and after has read what belongs to that wait.
type waitView struct {
	uses   atomicx.Tally
	fence  atomicx.Tally // a Ref, or of a timeline its id in that form (see viewRef)
	parked atomicx.Tally // nanoseconds since the process began; 0: it spins
}

// begin notes a wait for what viewRef says. The caller has just taken the record.
func (v *waitView) begin(r Ref) {
	v.parked.Set(0)
	v.fence.Set(uint64(r))
	v.uses.Add(1)
}

// end notes that the wait is over: the caller is about to give the record back.
func (v *waitView) end() {
	if v.uses.Own()%2 == 1 {
		v.uses.Add(1)
	}
}

// park notes when the waiter stopped spinning.
func (v *waitView) park() { v.parked.Set(uint64(max(sinceStart(), 1))) }

// look is what can be seen at this moment; ok is false when nobody waits.
func (v *waitView) look() (fence Ref, parked time.Duration, ok bool) {
	// Pairs with: begin and end (S5).
	uses := v.uses.Load()
	fence, parked = Ref(v.fence.Load()), time.Duration(v.parked.Load())
	return fence, parked, uses%2 == 1 && v.uses.Load() == uses
}

// count is how many waits there were, and are.
func (ws *waiters) count() (all uint64, now int) {
	all, now = ws.looked.Load(), int(ws.looking.Load())
	for i := range ws.depot.Touched() {
		uses := ws.records[i+1].view.uses.Load()
		all += (uses + 1) / 2
		now += int(uses % 2)
	}
	return all, now
}

// A waitTally counts the waits that have no record to be seen in.
type waitTally struct {
	exhausted atomicx.Uint64 // waits that found no record or no callback node
	looked    atomicx.Uint64 // waits that looked at the fence itself, and spun
	looking   atomicx.Int64  // of these, now
	polling   atomicx.Int64  // waits that poll now
}

// sinceStart is the time since the process began, for the ages that Snapshot tells.
func sinceStart() time.Duration { return time.Since(processStart) }

var processStart = time.Now()
