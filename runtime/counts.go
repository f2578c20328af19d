package fencert

import (
	"weak"

	"github.com/fencert/fencert/internal/atomicx"
)

// How Stats are counted. Each Local counts in words that only it writes and anybody reads: one instruction without a
// lock for each event. Stats adds them up, over the Locals that there are and what those that ended have left.
//
//	S1  A count is raised after what it counts, and before the call that did it returns. So a sum is at least what it
//	    was when Stats was called; and at most what is right now, since no count falls.
//	S2  locals is replaced as a whole: a Local leaves live and its counts go to ended by one CAS, so each sum has
//	    them once. They don't change afterwards.
//	S3  The later stage of a life is summed up before the earlier one (stages). Whoever counted the later one has the
//	    fence from who counted the earlier one, so that count is there: ended <= signaled <= armed <= reserved.
//	S4  A Local that was forgotten can't be read between the moment when the collector finds it and its finalizer, and
//	    a Local that a call has made for itself before it ends. What was reported stands meanwhile (reported), so
//	    nothing falls.

// counts is what a Local counts itself; its callbacks and its exchange with the depots are counted by cbqueue and arena.
// The last ones are the hot ones: the magazine, behind them, is what a life touches next.
type counts struct {
	signaled, ended                                       atomicx.Tally // but for those in finished
	reserved, unreserved, armed                           atomicx.Tally // but for those in made
	exhaustedFences, exhaustedCallbacks, exhaustedReaders atomicx.Tally
	pointsAdded, pointsRun, pointsCanceled                atomicx.Tally // callbacks on points
	exhaustedPoints                                       atomicx.Tally

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
	sumPointsRun
	sumPointsCanceled

	sumSignaled

	sumArmed
	sumMade
	sumAdded
	sumPointsAdded

	sumReserved
	sumSlotsTaken
	sumNodesTaken
	sumExhaustedFences
	sumExhaustedCallbacks
	sumExhaustedReaders
	sumExhaustedPoints

	numSums
)

// The stages, in the order of their sums.
const (
	stageOver = iota
	stageSignaled
	stageBegun
	stageTaken
	numStages
)

// stages are the first sums of each stage.
var stages = [numStages + 1]int{0, sumSignaled, sumArmed, sumReserved, numSums}

// totals are sums over Locals.
type totals [numSums]uint64

// add adds what a Local has counted of one stage. Any goroutine.
func (t *totals) add(l *Local, stage int) {
	c := &l.counts
	switch stage {
	case stageOver:
		t[sumEnded] += c.ended.Load()
		t[sumFinished] += c.finished.Load()
		t[sumUnreserved] += c.unreserved.Load()
		n := l.nodes.Counts()
		t[sumRun] += n.Run
		t[sumCanceled] += n.Canceled
		t[sumNodesPut] += n.Put
		_, put := l.slots.Moved()
		t[sumSlotsPut] += put
		t[sumPointsRun] += c.pointsRun.Load()
		t[sumPointsCanceled] += c.pointsCanceled.Load()
	case stageSignaled:
		t[sumSignaled] += c.signaled.Load()
	case stageBegun:
		t[sumArmed] += c.armed.Load()
		t[sumMade] += c.made.Load()
		t[sumAdded] += l.nodes.Counts().Added
		t[sumPointsAdded] += c.pointsAdded.Load()
	case stageTaken:
		t[sumReserved] += c.reserved.Load()
		taken, _ := l.slots.Moved()
		t[sumSlotsTaken] += taken
		t[sumNodesTaken] += l.nodes.Counts().Taken
		t[sumExhaustedFences] += c.exhaustedFences.Load()
		t[sumExhaustedCallbacks] += c.exhaustedCallbacks.Load()
		t[sumExhaustedReaders] += c.exhaustedReaders.Load()
		t[sumExhaustedPoints] += c.exhaustedPoints.Load()
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

// delist takes a Local that has ended off the list and keeps what it has counted (S2).
func (rt *Runtime) delist(l *Local) {
	none := weak.Pointer[Local]{}
	if atomicx.Exploring && l.listed == none {
		return // there each thread has one, and nobody asks
	}
	var left, zero totals
	for stage := range numStages {
		left.add(l, stage)
	}
	if left == zero && l.listed == none {
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
		// Publishes: the counts, and that l isn't to be asked for them any more (S2). ABA and Progress as in enlist.
		if rt.locals.CompareAndSwap(p, next) {
			return
		}
	}
}

// sum adds up all counts (S3) and tells how many Locals there are.
func (rt *Runtime) sum() (t totals, live int) {
	for stage := range numStages {
		p := rt.locals.Load() // anew: who has armed what a stage before found ended is on this list
		for k := stages[stage]; k < stages[stage+1]; k++ {
			t[k] += p.ended[k]
		}
		for i := range rt.stripes {
			t.add(rt.stripes[i].local, stage)
		}
		live = 0
		for _, w := range p.live {
			if l := w.Value(); l != nil {
				t.add(l, stage)
				live++
			}
		}
	}
	return t, live
}

// report raises sums to what was reported before, and notes them (S4).
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
