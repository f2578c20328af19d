package fencert

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fencert/fencert/arena"
)

// ErrLeaked is what Close returns when fences were pending; errors.As finds the *LeakError.
var ErrLeaked = errors.New("fencert: closed with pending fences")

// A LeakError names what was pending when the runtime was closed.
type LeakError struct{ Leaks []Leak }

// A Leak is the pending fences of one fence context, or the callbacks that waited for points of one timeline.
type Leak struct {
	Context     *FenceContext
	Pending     int    // how many
	OldestSeqno uint64 // the lowest among them
}

func (e *LeakError) Error() string {
	var b strings.Builder
	b.WriteString(ErrLeaked.Error())
	for _, l := range e.Leaks {
		fmt.Fprintf(&b, "; %s/%s: %d, oldest seqno %d", l.Context.driver, l.Context.timeline, l.Pending, l.OldestSeqno)
	}
	return b.String()
}

// Unwrap makes errors.Is(err, ErrLeaked) true.
func (e *LeakError) Unwrap() error { return ErrLeaked }

// an armed fence found pending by Close.
type pendingFence struct {
	fence          Fence
	context, seqno uint64
}

// Close signals every pending fence with ErrCanceled, context by context and in the order of seqnos, then closes the timelines
// with that; the callbacks run on this goroutine. Afterwards Reserve answers ErrClosed, what is armed with older reservations
// is born signaled, and handles stay safe to use. It reports what was pending as a *LeakError. The first panic among
// the callbacks goes to Config.OnPanic, or on when all has been done.
// What is published is released. A timeline for which another goroutine delivers just then isn't reported, and that one
// delivers the rest.
//
// User data (Table) that nobody can see any more is dropped. What pinned readers, issuers and holders still keep is left for
// a later Collect; without one the garbage collector takes it with the runtime, undropped.
//
// Any goroutine may call it, at any time, but not in a callback. It looks at every fence that was ever used, stops
// the world once, for some 10 us, and allocates. Errors: ErrLeaked; ErrClosed when it was closed before.
func (rt *Runtime) Close() error {
	if debugging {
		debugCall("Runtime.Close", endsAll)
	}
	// Claims the closing. Pairs with: the loads of closed in Reserve and what else makes something new. ABA: it is never false
	// again. No loop.
	if rt.closed.Swap(true) {
		return ErrClosed
	}
	rt.contexts.Range(func(_ uint64, c *FenceContext) bool {
		c.quick.Store(nil)
		return true
	})
	drainStores()
	// From here on a Reserve finds slots only in magazines, and all of those are in [1, touched].
	touched := rt.arena.Shut()
	c := closing{l: rt.newLocal(), pending: rt.pending(touched), result: ErrCanceled}
	c.rest = func() { c.closeRest(touched) }
	leaks := rt.timelineLeaks(c.l)
	c.run()
	return rt.leaks(c.pending, leaks)
}

// drainStores makes every store visible that was made before a look at closed that found the runtime open. The end of a
// life is a release store, and a Reserve of that slot on the same goroutine may look at closed before that store has left
// its processor: Close would find the life that has ended, leave it, and the next one would stay pending for ever. A
// barrier there would cost every life; stopping the world once is one for everybody.
func drainStores() { stopWorld() }

// A closing is a Close under way, of the runtime or of a fence context.
type closing struct {
	l        *Local
	pending  []pendingFence
	next     int    // of pending, to be signaled
	result   error  // theirs
	signaled int    // by us
	rest     func() // what is done afterwards; again from the beginning when a callback exits in it
	slot     uint32 // the last one that closeRest looked at
	panics   panicked
}

// run does all of it, going on in a deferred call as often as a callback exits.
func (c *closing) run() {
	ended := false
	defer func() {
		if !ended {
			c.run()
		}
	}()
	for c.next < len(c.pending) {
		c.next++
		c.signal(c.pending[c.next-1].fence, c.result)
	}
	c.rest()
	ended = true
	c.l.giveBack()
	if c.panics.any {
		panic(c.panics.value)
	}
}

// closeRest is the end of Close of the runtime.
func (c *closing) closeRest(touched uint32) {
	c.closeTimelines()
	// What is left is free, reserved, or was being armed meanwhile: closed too, it is born signaled.
	for c.slot < touched {
		c.slot++
		w := c.l.runtime.arena.Word(c.slot)
		// A slot that lay in a magazine and never lived. ABA: 0 doesn't come back.
		if w.CompareAndSwap(0, arena.FirstGeneration<<arena.IndexBits|closedBit|codeClosed) {
			continue
		}
		for b := w.Load(); b&closedBit == 0; b = w.Load() {
			c.signal(Fence{w, b&lifeMask | closedBit}, ErrClosed)
		}
	}
	for range graceTries {
		c.drop()
	}
	c.l.runtime.published.close(c.l)
	unregister(c.l.runtime)
}

// drop drops the user data that nobody can see. Each call moves the epoch on.
func (c *closing) drop() {
	defer func() {
		if p := recover(); p != nil {
			c.panics.keep(p)
		}
	}()
	c.l.dropDue(int(c.l.runtime.fences))
}

// signal does it as the issuer would; when that happens at the same time, one of the two is told.
func (c *closing) signal(f Fence, result error) {
	defer func() {
		if p := recover(); p != nil { // of a callback: the fence was signaled by us
			c.panics.keep(p)
			c.signaled++
		}
	}()
	if c.l.Signal(Issuer{fence: f}, result) == nil {
		c.signaled++
	}
}

// lives calls visit for each of the first n slots that is in a life that was armed: word is what the slot's word was then.
// It sees every Arm whose stores were visible when it began.
func (rt *Runtime) lives(n uint32, visit func(i uint32, word, seqno, id uint64)) {
	for i := uint32(1); i <= n; i++ {
		w, s := rt.arena.Word(i), &rt.slots[i]
		if w.Load() == 0 {
			continue
		}
		// Pairs with: the release stores in Arm, first seqno's, then owner's. Read the other way round, seqno is at least the
		// life's that owner says; while the word is in that life, it is no later one's (R7).
		o := s.owner.Load()
		seqno := s.seqno.Load()
		if b := w.Load(); b&lifeMask == o&lifeMask && o&^lifeMask != 0 {
			visit(i, b, seqno, o&^lifeMask)
		}
	}
}

// pending finds the armed and open fences among the first n, in the order in which they will be signaled.
func (rt *Runtime) pending(n uint32) []pendingFence {
	var found []pendingFence
	rt.lives(n, func(i uint32, word, seqno, id uint64) {
		if word&closedBit == 0 {
			found = append(found, pendingFence{Fence{rt.arena.Word(i), word&lifeMask | closedBit}, id, seqno})
		}
	})
	sortPending(found)
	return found
}

func sortPending(found []pendingFence) {
	slices.SortFunc(found, func(a, b pendingFence) int {
		return cmp.Or(cmp.Compare(a.context, b.context), cmp.Compare(a.seqno, b.seqno))
	})
}

func (rt *Runtime) leaks(found []pendingFence, timelines []Leak) error {
	var e LeakError
	for _, p := range found {
		if n := len(e.Leaks); n > 0 && e.Leaks[n-1].Context.id == p.context {
			e.Leaks[n-1].Pending++
			continue
		}
		if c, ok := rt.contexts.Load(p.context); ok {
			e.Leaks = append(e.Leaks, Leak{Context: c, Pending: 1, OldestSeqno: p.seqno})
		}
	}
	if e.Leaks = append(e.Leaks, timelines...); e.Leaks == nil {
		return nil
	}
	return &e
}
