package fencert

import (
	"weak"

	"github.com/fencert/fencert/internal/atomicx"
)

// How Stats are counted. Each Local counts in words that only it writes and anybody reads: one instruction without a
// lock for each event. Stats adds them up, over the Locals that there are and what those that ended have left.
//
//	T1  A count is raised after what it counts, and before the call that did it returns. So a sum is at least what it
//	    was when Stats was called; and at most what is right now, since no count falls.
//	T2  locals is replaced as a whole: a Local leaves live and its counts go to ended by one CAS, so each sum has
//	    them once. They don't change afterwards.
//	T3  The later stage of a life is summed up before the earlier one (stages). Whoever counted the later one has the
//	    fence from who counted the earlier one, so that count is there: ended <= signaled <= armed <= reserved.
//	T4  A Local that was forgotten can't be read between the moment when the collector finds it and its finalizer, and
//	    a Local that a call has made for itself before it ends. What was reported stands meanwhile (reported), so
//	    nothing falls.

// counts is what a Local counts itself; its callbacks and its exchange with the depots are counted by cbqueue and arena.
// The last ones are the hot ones: the magazine, behind them, is what a life touches next.
type counts struct {
	signaled, ended                                       atomicx.Tally // but for those in finished
	reserved, unreserved, armed                           atomicx.Tally // but for those in made
	exhaustedFences, exhaustedCallbacks, exhaustedReaders atomicx.Tally

	made     atomicx.Tally // NewFence: reserved and armed
	finished atomicx.Tally // Finish in one step: signaled and ended
}

// The indices of totals, by the stage of a life, the last stage first.
const (
	sumEnded = iota
	sumFinished
	sumUnreserved
	sumRun
	sumCanceled
	sumSlotsPut
	sumNodesPut

	sumSignaled

	sumArmed
	sumMade
	sumAdded

	sumReserved
	sumSlotsTaken
	sumNodesTaken
	sumExhaustedFences
	sumExhaustedCallbacks
	sumExhaustedReaders

	numSums
)

// stages are the first indices of each stage.
var stages = [...]int{0, sumSignaled, sumArmed, sumReserved, numSums}

// totals are sums over Locals.
type totals [numSums]uint64

// add adds what a Local has counted, from index first on and before end. Any goroutine.
func (t *totals) add(l *Local, first, end int) {
	var one totals
	c := &l.counts
	n := l.nodes.Counts()
	one[sumSlotsTaken], one[sumSlotsPut] = l.slots.Moved()
	one[sumNodesTaken], one[sumNodesPut] = n.Taken, n.Put
	one[sumAdded], one[sumRun], one[sumCanceled] = n.Added, n.Run, n.Canceled
	one[sumReserved], one[sumUnreserved] = c.reserved.Load(), c.unreserved.Load()
	one[sumArmed], one[sumMade] = c.armed.Load(), c.made.Load()
	one[sumSignaled], one[sumFinished], one[sumEnded] = c.signaled.Load(), c.finished.Load(), c.ended.Load()
	one[sumExhaustedFences] = c.exhaustedFences.Load()
	one[sumExhaustedCallbacks] = c.exhaustedCallbacks.Load()
	one[sumExhaustedReaders] = c.exhaustedReaders.Load()
	for k := first; k < end; k++ {
		t[k] += one[k]
	}
}

// locals are the Locals of a runtime, but for the stripes', which stay.
type locals struct {
	live  []weak.Pointer[Local] // not those that a call has made for itself
	ended totals
}

// enlist adds a Local to those that Stats looks at, without keeping it alive.
func (rt *Runtime) enlist(l *Local) {
	l.listed = weak.Make(l)
	for {
		p := rt.locals.Load()
		next := &locals{live: append(p.live[:len(p.live):len(p.live)], l.listed), ended: p.ended}
		// Publishes: the list with l. ABA: impossible while p is held. Progress: lock-free.
		if rt.locals.CompareAndSwap(p, next) {
			return
		}
	}
}

// delist takes a Local that has ended off the list and keeps what it has counted (T2).
func (rt *Runtime) delist(l *Local) {
	var zero totals
	var left totals
	left.add(l, 0, numSums)
	none := weak.Pointer[Local]{}
	if l.listed == none && (left == zero || atomicx.Exploring) { // there each thread has one, and nobody asks
		return
	}
	for {
		p := rt.locals.Load()
		next := &locals{live: p.live, ended: p.ended}
		for k, v := range left {
			next.ended[k] += v
		}
		if l.listed != none {
			next.live = make([]weak.Pointer[Local], 0, len(p.live))
			for _, w := range p.live {
				if w != l.listed {
					next.live = append(next.live, w)
				}
			}
		}
		// Publishes: the counts, and that l isn't to be asked for them any more (T2). ABA and Progress as in enlist.
		if rt.locals.CompareAndSwap(p, next) {
			return
		}
	}
}

// sum adds up all counts (T3) and tells how many Locals there are.
func (rt *Runtime) sum() (t totals, live int) {
	for k := range len(stages) - 1 {
		first, end := stages[k], stages[k+1]
		p := rt.locals.Load() // anew: who has armed what a stage before found ended is on this list
		for i := first; i < end; i++ {
			t[i] += p.ended[i]
		}
		for i := range rt.stripes {
			t.add(rt.stripes[i].local, first, end)
		}
		live = 0
		for _, w := range p.live {
			if l := w.Value(); l != nil {
				t.add(l, first, end)
				live++
			}
		}
	}
	return t, live
}

// report raises sums to what was reported before, and notes them (T4).
func (rt *Runtime) report(t *totals) {
	for k := range t {
		for {
			before := rt.reported[k].Load()
			if before >= t[k] {
				t[k] = before
				break
			}
			// Publishes: nothing but the number. ABA: it only rises. Progress: a failure means that it has risen.
			if rt.reported[k].CompareAndSwap(before, t[k]) {
				break
			}
		}
	}
}
