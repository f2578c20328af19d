package fencert

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/internal/atomicx"
)

// ErrLeaked is what Close returns when fences were pending; errors.As finds the *LeakError.
var ErrLeaked = errors.New("fencert: closed with pending fences")

// A LeakError names what was pending when the runtime was closed.
type LeakError struct{ Leaks []Leak }

// A Leak is the pending fences of one fence context.
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

// Close signals every pending fence with ErrCanceled, context by context and in the order of seqnos; their
// callbacks run on this goroutine. Afterwards Reserve answers ErrClosed, what is armed with older reservations
// is born signaled, and handles stay safe to use. It reports what was pending as a *LeakError. The first panic among
// the callbacks goes to Config.OnPanic, or on when all has been done.
//
// Any goroutine may call it, at any time, but not in a callback. It looks at every fence that was ever used, stops
// the world once, for some 10 us, and allocates. Errors: ErrLeaked; ErrClosed when it was closed before.
func (rt *Runtime) Close() error {
	if debugging {
		debugCall("Runtime.Close", endsAll)
	}
	if rt.closed.Swap(true) {
		return ErrClosed
	}
	drainStores()
	// From here on a Reserve finds slots only in magazines, and all of those are in [1, touched].
	touched := rt.arena.Shut()
	c := closing{l: rt.newLocal(), pending: rt.pending(touched), touched: touched}
	c.run()
	return rt.leaks(c.pending)
}

// drainStores makes every store visible that was made before a look at closed that found the runtime open. The end of a
// life is a release store, and a Reserve of that slot on the same goroutine may look at closed before that store has left
// its processor: Close would find the life that has ended, leave it, and the next one would stay pending for ever. A
// barrier there would cost every life; stopping the world once is one for everybody.
func drainStores() {
	if !atomicx.Exploring { // there every store is visible at once
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
	}
}

// A closing is a Close under way.
type closing struct {
	l       *Local
	pending []pendingFence
	next    int    // of pending, to be signaled
	touched uint32 // the last slot to look at
	slot    uint32 // the last one looked at
	panics  panicked
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
		c.signal(c.pending[c.next-1].fence, ErrCanceled)
	}
	// What is left is free, reserved, or was being armed meanwhile: closed too, it is born signaled.
	for c.slot < c.touched {
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
	ended = true
	unregister(c.l.runtime)
	c.l.giveBack()
	if c.panics.any {
		panic(c.panics.value)
	}
}

// signal does it as the issuer would; when that happens at the same time, one of the two is told.
func (c *closing) signal(f Fence, result error) {
	defer func() {
		if p := recover(); p != nil {
			c.panics.keep(p)
		}
	}()
	_ = c.l.signal(Issuer{fence: f}, result, 0)
}

// pending finds the armed and open fences among the first n, in the order in which they will be signaled.
func (rt *Runtime) pending(n uint32) []pendingFence {
	var found []pendingFence
	for i := uint32(1); i <= n; i++ {
		w := rt.arena.Word(i)
		b := w.Load()
		f := Fence{w, b&lifeMask | closedBit}
		if b == 0 || b&closedBit != 0 {
			continue
		}
		if seqno, id, err := f.identity(); err == nil {
			found = append(found, pendingFence{f, id, seqno})
		}
	}
	slices.SortFunc(found, func(a, b pendingFence) int {
		return cmp.Or(cmp.Compare(a.context, b.context), cmp.Compare(a.seqno, b.seqno))
	})
	return found
}

func (rt *Runtime) leaks(found []pendingFence) error {
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
	if e.Leaks == nil {
		return nil
	}
	return &e
}
