package fencert

import (
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/internal/atomicx"
)

// maxDepth is how many signals may be under way inside each other's callbacks. What comes deeper is put off until
// the outermost one's end.
const maxDepth = 32

// A frame is a run that is under way on a Local: frames[depth] is the innermost, since a callback may signal in its
// turn. (An array and not a copy on the stack: a struct that is written in fields and read as a whole makes the
// processor wait for the stores.)
type frame struct {
	list   cbqueue.Run
	wake   uint32 // the waiters collected so far
	n      uint32 // the slot
	closed uint64 // the word that closed the list
	// returned tells that no callback was interrupted; result is the fence's, kept for when one was.
	returned bool
	result   error
}

// innermost is the frame of the run that is under way, or about to be.
func (l *Local) innermost() *frame { return &l.frames[l.depth%uint8(len(l.frames))] }

// run runs the callbacks of a list that this goroutine has just closed, and does all that comes after; or puts them off.
// open is the word before, closed the one after. The Local is busy when it is called and idle afterwards.
func (l *Local) run(n uint32, open, closed uint64, result error) {
	if l.depth == maxDepth {
		l.putOff(n, open)
		return
	}
	l.depth++
	f := l.innermost()
	f.wake, f.n, f.closed, f.returned = 0, n, closed, false
	if result != nil {
		f.result = result
	}
	l.nodes.Claim(&f.list, open)
	l.state = idle
	if debugging {
		l.debugLeave()
	}
	if !l.runCallbacks(f, result) {
		return // all that comes after has been done
	}
	if debugging {
		l.debugResume()
	}
	l.state = busy
	l.depth--
	if result != nil {
		f.result = nil
	}
	w := &l.runtime.words[n]
	if closed&(droppedBit|cbqueue.Sweeping) == droppedBit {
		// Dropped from the beginning: nobody else changes this word (R3).
		l.nodes.Free(&f.list)
		l.nodes.Trim()
		if closed&heldBit == 0 {
			l.endLife(w, n, closed)
		} else {
			// Publishes: that the callbacks have run (R5). Seen late, CallbacksDone is false for longer.
			atomicx.StoreRelease64(w, closed&^cbqueue.Running)
			l.left(w, n, closed&^cbqueue.Running)
		}
	} else if !l.nodes.Release(w, &l.runtime.slots[n].anchor, &f.list, closed) {
		l.clearRunning(w, n)
	}
	l.state = idle
	if debugging {
		l.debugLeave()
	}
	if wake := f.wake; wake != 0 {
		l.runtime.waiters.wakeAll(wake)
	}
	if l.queue.first != 0 && l.depth == 0 && !l.looping {
		l.runPutOff(panicked{})
	}
}

// runCallbacks runs the callbacks of the innermost frame, all of them, whatever they do. It answers false when one did
// not return, and the run has been ended.
func (l *Local) runCallbacks(f *frame, result error) (returned bool) {
	if debugging {
		l.debugRunBegin(f)
		defer l.debugRunEnd()
	}
	defer l.guard()
	handlers, view := *l.runtime.handlers.Load(), l.runtime.pool.View()
	for { // runRest, in place: a call saved
		h, arg, more := f.list.Next(view)
		if !more {
			f.returned = true
			return true
		}
		handlers[h](l, arg, result)
	}
}

// guard is what runCallbacks defers.
func (l *Local) guard() {
	if f := l.innermost(); !f.returned {
		l.interrupted(recover(), f, f.result)
	}
}

// runRest runs the callbacks that are left in the innermost frame.
func (l *Local) runRest(f *frame, result error) {
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
	w := &l.runtime.words[f.n]
	if !l.nodes.Release(w, &l.runtime.slots[f.n].anchor, &f.list, f.closed) {
		l.clearRunning(w, f.n)
	}
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
	for n := l.queue.pop(rt.arena); n != 0; n = l.queue.pop(rt.arena) {
		l.enter()
		v := rt.words[n].Load()
		l.run(n, rt.slots[n].anchor.Rest(), v, rt.results.decode(code(v)))
	}
	ended = true
	p, l.looping, l.first = l.first, false, panicked{}
	l.raise(p)
}
