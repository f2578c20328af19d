package fencert

import (
	"time"

	"github.com/fencert/fencert/cbqueue"
)

// A Backend is what works on the fences of a fence context, as far as the runtime asks it: a device with interrupts to
// switch on, a log with a position to look at. Each function may be nil. See WithBackend.
//
// Whatever a hook does, each fence keeps its one guaranteed path to the signal, its issuer; a backend only makes it
// earlier. When it does, the issuer's Signal or Finish answers ErrSignaled, and Drop must follow.
//
// The idea is that of the operations of a dma_fence in the Linux kernel. A hook is called on the goroutine whose call led to
// it, with the fence held: f is not stale before the hook returns, unless the runtime is closed meanwhile. The fence was
// pending when the runtime looked last and may be signaled at any moment. Several goroutines may be in hooks at once; in
// the same hook for the same fence only in Signaled. What a hook may do, for its own fence and for others:
//
//	Signaled, Err, Seqno, Context, Ref          yes
//	Signal, Finish, Drop                        yes; callbacks run inside the hook then
//	Reserve, Arm, OnSignal, Cancel, Hold        yes; OnSignal on its own fence doesn't call EnableSignaling again
//	Check                                       yes, but in Signaled not of its own fence: it would ask itself
//	SetDeadline                                 yes; of its own fence in SetDeadline it is passed on when the hook returns
//	Wait, WaitWith                              no: the fence may depend on this very hook
//	Local.Close, Runtime.Close                  no; Local.Close panics
//
// A panic or runtime.Goexit in a hook goes on in the call that led to it, which has changed nothing then, but that the
// hook counts as called.
type Backend struct {
	// EnableSignaling is told that somebody wants to know when f is signaled: until then nobody needs an interrupt. It is
	// called at most once for a fence, by the first call that adds a callback or begins to wait, before that happens; the
	// same when the adding fails. A poll doesn't call it, neither does Check. Another call that adds meanwhile goes on
	// without waiting. l is the Local of the call, for the hook to use until it returns.
	//
	// false: the fence's work is done already. Then the runtime signals it with nil, and the call that led here answers
	// ErrSignaled.
	//
	// Where the hook adds to fences whose hooks add in their turn, what is more than 32 deep is added first, and its hook
	// called before the outermost of these calls returns.
	EnableSignaling func(l *Local, f Fence, seqno uint64) (pending bool)

	// Signaled is asked by Check whether the work of f is done. done: the runtime signals it with the result.
	Signaled func(f Fence, seqno uint64) (done bool, result error)

	// SetDeadline passes a hint on: somebody would like f to be signaled by t, which may be over. For one fence the calls
	// come one at a time, each with an earlier t than the one before. A hook that passes it on to other fences nests as deep as they are
	// linked.
	SetDeadline func(f Fence, seqno uint64, t time.Time)
}

// WithBackend gives a fence context a backend. Its fences take the slower paths: Arm costs a CAS more, and Finish
// doesn't close and recycle in one step. The first such context of a runtime allocates some 40 bytes for each of
// Config.Fences. With several of this option the last one counts.
func WithBackend(b Backend) ContextOption {
	return func(c *FenceContext) {
		c.backend = &b
		c.makeSpecial()
	}
}

// makeSpecial makes the context special, before anybody else has it.
func (c *FenceContext) makeSpecial() { c.mode.Store(c.mode.Load() | modeSpecial) }

// begin makes the extra that of a new life.
//
// We are the only writer in this life until the word has specialBit (B4): release stores. Who has an older life's handle may
// still try a CAS. It expects that life's value, which doesn't come back: it comes before the store, and is
// overwritten, or fails.
func (e *extra) begin(c *FenceContext, life uint64) {
	e.beginEnabled(c, life)
	e.beginDeadline()
	e.beginStamps(c, life)
}

// backend is the backend of a special fence's context, or nil. The word was seen in the fence's life with specialBit
// before; when a hold succeeds afterwards, it was that life's.
func (rt *Runtime) backend(n uint32) *Backend {
	if c := rt.armedIn(n); c != nil {
		return c.backend
	}
	return nil
}

// asked is whether the backend has a say in the fence: its word is open and special.
func (f Fence) asked() bool {
	b := f.word.Load()
	return b&specialBit != 0 && cbqueue.Open(b, f.life())
}

// callHook makes a call of a hook: the one place where a backend's code is called.
func (l *Local) callHook(name string, hook func()) {
	if debugging {
		debugHookBegin(l.runtime, name)
		defer debugHookEnd()
	}
	l.hooks++
	returned := false
	defer func() {
		l.hooks--
		if !returned {
			l.leave() // a call of this package that panicked may have left it busy
		}
	}()
	hook()
	returned = true
}
