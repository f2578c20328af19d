package fencert

import (
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/internal/atomicx"
)

// maxDepth is how many signals may be under way inside each other's callbacks. What comes deeper is put
// off until the outermost one's end.
const maxDepth = 32

// A run is the callbacks of one fence under way. It lives on the runner's stack.
type run struct {
	word   *atomicx.Uint64
	n      uint32
	outer  uint32 // the waiters collected so far by the run that this one interrupts
	closed uint64 // the word that closed the list
	err    error
	list   cbqueue.Run
	panics panicked
}

// panicked is the first panic among callbacks.
type panicked struct {
	value any
	yes   bool
}

// runList runs the callbacks of a list that this goroutine has just closed, or puts them off. open is
// the word before, closed the one after. The Local is busy when it is called and idle afterwards.
func (l *Local) runList(w *atomicx.Uint64, n uint32, open, closed uint64, result error) {
	if l.depth == maxDepth {
		l.runtime.slots[n].anchor.PutOff(open)
		l.queue.push(l.runtime.arena, n)
		l.leave()
		return
	}
	r := run{word: w, n: n, closed: closed, err: result}
	l.runNow(&r, open)
	l.outermost(&r.panics)
	l.raise(r.panics)
}

// runNow runs the callbacks that hang on head. The Local is busy when it is called.
func (l *Local) runNow(r *run, head uint64) {
	r.list = l.nodes.Claim(head)
	l.depth++
	r.outer, l.wake = l.wake, 0
	l.leave()
	for !l.runSome(r) {
	}
	l.endRun(r)
}

// runSome runs callbacks until none is left (true) or one panics (false). A Goexit in one of them runs
// the rest and ends the run before the goroutine unwinds further.
func (l *Local) runSome(r *run) (done bool) {
	ok := false
	defer func() {
		if !ok {
			done = l.interrupted(r, recover())
		}
	}()
	handlers := *l.runtime.handlers.Load()
	for {
		h, arg, more := r.list.Next(l.runtime.pool)
		if !more {
			break
		}
		handlers[h](l, arg, r.err)
	}
	ok = true
	return true
}

// interrupted goes on after a callback that did not return. value is nil after Goexit.
func (l *Local) interrupted(r *run, value any) (done bool) {
	l.state = idle // a call that panicked inside of this package may have left it
	if value != nil {
		if !r.panics.yes {
			r.panics = panicked{value, true}
		}
		return false
	}
	for !l.runSome(r) {
	}
	l.endRun(r)
	l.looping = false // the loop that may be under way below is unwound too
	l.outermost(&r.panics)
	l.raise(r.panics)
	return true
}

// endRun frees the nodes, clears Running, ends the life if it is time, and wakes the waiters.
func (l *Local) endRun(r *run) {
	l.enter()
	l.depth--
	if !l.nodes.Release(r.word, &l.runtime.slots[r.n].anchor, &r.list, r.closed) {
		l.clearRunning(r.word, r.n)
	}
	wake := l.wake
	l.wake = r.outer
	l.leave()
	l.runtime.waiters.wakeAll(wake)
}

// clearRunning says that the callbacks have run.
func (l *Local) clearRunning(w *atomicx.Uint64, n uint32) {
	for {
		b := w.Load()
		v := b &^ cbqueue.Running
		if v&(droppedBit|heldBit) == droppedBit {
			l.endLife(w, n, v) // R3: nobody else changes this word
			return
		}
		// Publishes: that the callbacks have run. Pairs with: CallbacksDone, and the CAS of
		// Drop (R4). ABA: harmless, all that counts is in the word. Progress: lock-free.
		if w.CompareAndSwap(b, v) {
			l.left(w, n, v)
			return
		}
	}
}

// outermost works off what was put off, if no other signal is under way on this Local.
func (l *Local) outermost(p *panicked) {
	if l.depth > 0 || l.looping {
		return
	}
	for n := l.queue.pop(l.runtime.arena); n != 0; n = l.queue.pop(l.runtime.arena) {
		l.looping = true
		l.enter()
		w := l.runtime.arena.Word(n)
		v := w.Load()
		r := run{word: w, n: n, closed: v, err: l.runtime.results.decode(code(v))}
		l.runNow(&r, l.runtime.slots[n].anchor.Rest())
		l.looping = false
		if !p.yes {
			*p = r.panics
		}
	}
}

// raise hands the first panic on.
func (l *Local) raise(p panicked) {
	if !p.yes {
		return
	}
	if l.runtime.config.OnPanic != nil {
		l.runtime.config.OnPanic(p.value)
		return
	}
	panic(p.value)
}
