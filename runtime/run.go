package fencert

import (
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/internal/atomicx"
)

// A frame is a run that is under way on a Local: frames[depth-1] is the innermost, since a callback may signal in its
// turn. (An array and not a copy on the stack: a struct that is written in fields and read as a whole makes the
// processor wait for the stores.)
type frame struct {
	list   cbqueue.Run
	wake   uint64 // the waiters collected so far
	closed uint64 // the word that closed the list
	result error  // the fence's, for when a callback doesn't return; else nil
	n      uint32 // the slot; 0: points of timeline are delivered
	head   uint32 // the waiter that is given a chunk of others, where room isn't 0
	room   uint8  // how many more it can be given

	timeline *Timeline // where n is 0
}

// innermost is the frame of the run that is under way, or about to be.
func (l *Local) innermost() *frame { return l.frame(l.depth) }

func (l *Local) frame(depth uint8) *frame { return &l.frames[(depth-1)%maxDepth] }

// run runs the callbacks of a list that this goroutine has just closed, and does all that comes after; or puts them off.
// open is the word before, closed the one after. The Local is busy when it is called and idle afterwards. This is the
// way of a single callback, from which runMany differs in the list alone.
func (l *Local) run(n uint32, open, closed uint64, result error) (after bool) {
	depth := l.depth + 1
	if debugging || depth > maxDepth {
		return l.runMany(n, open, closed, result)
	}
	h, arg, one := l.nodes.ClaimOne(open)
	if !one {
		return l.runMany(n, open, closed, result)
	}
	f := l.frame(depth)
	f.list, f.wake, f.n, f.closed = cbqueue.Single(open), 0, n, closed
	if result != nil {
		f.result = result
	}
	l.depth = depth
	l.state = idle
	defer l.guard()
	(*l.runtime.handlers.Load())[h](l, arg, result)
	l.state = busy
	l.depth = depth - 1
	if closed&(droppedBit|heldBit|cbqueue.Sweeping) == droppedBit {
		// Nobody else changes this word (R3).
		l.nodes.FreeOne(open)
		l.nodes.Trim()
		l.endLife(l.runtime.word(n), n, closed)
	} else {
		l.ran(f)
	}
	l.state = idle
	if result != nil {
		f.result = nil
	}
	l.returned = true
	return f.wake|uint64(l.puttingOff) != 0
}

// runMany is run for any list.
//
//go:noinline
func (l *Local) runMany(n uint32, open, closed uint64, result error) (after bool) {
	depth := l.depth + 1
	if depth > maxDepth {
		l.putOff(n, open)
		return false
	}
	f := l.frame(depth)
	f.wake, f.n, f.closed = 0, n, closed
	if result != nil {
		f.result = result
	}
	l.nodes.Claim(&f.list, open)
	l.depth = depth
	l.state = idle
	if debugging {
		l.debugLeave()
		l.debugRunBegin(f)
		defer l.debugRunEnd()
	}
	defer l.guard()
	if handlers, view := *l.runtime.handlers.Load(), l.runtime.pool.View(); f.list.Dense() {
		for {
			h, arg, more := f.list.NextDense(view)
			if !more {
				break
			}
			handlers[h](l, arg, result)
		}
	} else {
		l.runRest(f, result)
	}
	if debugging {
		l.debugResume()
	}
	l.state = busy
	l.depth = depth - 1
	l.ran(f)
	l.state = idle
	if debugging {
		l.debugLeave()
	}
	if result != nil {
		f.result = nil
	}
	l.returned = true
	return f.wake|uint64(l.puttingOff) != 0
}

// ran is what comes after the last callback of a run.
//
//go:noinline
func (l *Local) ran(f *frame) {
	rt, n, closed := l.runtime, f.n, f.closed
	if n == 0 {
		return // a timeline was given up by Next
	}
	w := rt.word(n)
	if closed&(droppedBit|cbqueue.Sweeping) != droppedBit {
		if !l.nodes.Release(w, &rt.slots[n].anchor, &f.list, closed) {
			l.clearRunning(w, n)
		}
		return
	}
	// Dropped from the beginning: nobody else changes this word (R3).
	l.nodes.Free(&f.list)
	l.nodes.Trim()
	if closed&heldBit == 0 {
		l.endLife(w, n, closed)
		return
	}
	// Publishes: that the callbacks have run (R5). Seen late, CallbacksDone is false for longer.
	atomicx.StoreRelease64(w, closed&^cbqueue.Running)
	l.left(w, n, closed&^cbqueue.Running)
}

// afterRun wakes whom the callbacks were for, and works off what they put off. It is called where run has answered true.
//
//go:noinline
func (l *Local) afterRun() {
	f := l.frame(l.depth + 1)
	wake := f.wake
	f.wake = 0
	l.wake(wake)
	if l.puttingOff != 0 && l.depth == 0 && !l.looping {
		l.runPutOff(panicked{})
	}
}

// guard is what run defers. returned was set as the last thing that a run does where all callbacks have returned.
func (l *Local) guard() {
	if l.returned {
		l.returned = false
		return
	}
	l.interrupted(recover(), l.innermost().result)
}

// runRest runs the callbacks that are left in the innermost frame.
func (l *Local) runRest(f *frame, result error) {
	if f.n == 0 {
		l.deliverRest(f.timeline)
		return
	}
	handlers, view := *l.runtime.handlers.Load(), l.runtime.pool.View()
	for {
		h, arg, more := f.list.Next(view)
		if !more {
			return
		}
		handlers[h](l, arg, result)
	}
}

// endRun is the end of an interrupted run.
func (l *Local) endRun(f *frame) {
	l.enter()
	l.depth--
	l.ran(f)
	wake := f.wake
	f.result = nil
	l.leave()
	l.runtime.waiters.wakeAll(wake)
}

// putOff leaves the callbacks that hang on open to the outermost signal's end.
//
//go:noinline
func (l *Local) putOff(n uint32, open uint64) {
	l.runtime.slots[n].anchor.PutOff(open)
	l.queue.push(l.runtime.arena, n)
	l.puttingOff = 1
	l.leave()
}

// clearRunning says that the callbacks have run.
func (l *Local) clearRunning(w *atomicx.Uint64, n uint32) {
	for {
		b := w.Load()
		v := b &^ cbqueue.Running
		// Publishes: that the callbacks have run. Pairs with: CallbacksDone, and the CAS of Drop (R4). ABA:
		// harmless, all that counts is in the word. Progress: a failure is another's success.
		if w.CompareAndSwap(b, v) {
			l.left(w, n, v)
			return
		}
	}
}

// runPutOff works off what was put off, and raises the first panic: p, if it is one.
func (l *Local) runPutOff(p panicked) {
	l.looping, l.first = true, p
	ended := false
	defer func() {
		if !ended { // a callback exits: nobody will go on with the loop
			l.runPutOff(l.first)
		}
	}()
	rt := l.runtime
	for l.puttingOff != 0 {
		if t := l.undelivered.pop(); t != nil {
			if l.deliver(t) {
				l.afterRun()
			}
			continue
		}
		n := l.queue.pop(rt.arena)
		if n == 0 {
			l.puttingOff = 0
			break
		}
		l.enter()
		v := rt.words[n].Load()
		if l.run(n, rt.slots[n].anchor.Rest(), v, rt.results.decode(code(v))) {
			l.afterRun()
		}
	}
	ended = true
	p, l.looping, l.first = l.first, false, panicked{}
	l.raise(p)
}
