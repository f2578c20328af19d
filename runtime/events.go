package fencert

import (
	"context"

	"github.com/fencert/fencert/internal/atomicx"
)

// How the observer is told. All of it happens in slow paths: those of special fences, of a wait that blocks, of what
// is refused.
//
//	S6  Signaled is told exactly once, with the names known: by the one who moves extra.observed from life to
//	    life|told. Who signals may be overtaken by another goroutine that drops the fence, and find it recycled
//	    before it has told. So who ends the life tells it where nobody has yet, before the life is over; and who
//	    signals reads the names first and then claims: where that succeeds the life was not over yet, and the names
//	    are its own.

// told is bit 0 of extra.observed: Signaled has been, or is being told.
const told = 1

// observeArmed is called by who arms, before the word has specialBit: so Armed comes before Signaled.
func (l *Local) observeArmed(n uint32, life uint64, c *FenceContext) {
	o := l.runtime.config.Observer
	if o == nil {
		return
	}
	// Publishes: that nothing was told of this life; with specialBit. One writer: a stale signaler's CAS fails, for the last
	// life's Signaled was told before that life ended.
	atomicx.StoreRelease64(&l.runtime.extra(n).observed, life)
	if o.Armed != nil {
		defer l.runtime.contain()
		o.Armed(Event{Fence{&l.runtime.words[n], life | closedBit}, c, l.runtime.slots[n].seqno.Load()})
	}
}

// observeBorn is called by who arms, after the word has got specialBit: Close may have signaled before that, and has not
// seen the bit. The life doesn't end, for nobody else has the issuer.
func (l *Local) observeBorn(n uint32) {
	if b := l.runtime.words[n].Load(); b&closedBit != 0 {
		l.observeSignaled(n, b, l.runtime.results.decode(code(b)))
	}
}

// observeSignaled is called by who has closed the word of a special fence, before its callbacks run.
func (l *Local) observeSignaled(n uint32, closed uint64, result error) {
	rt := l.runtime
	o := rt.config.Observer
	if o == nil || o.Signaled == nil {
		return
	}
	o.tell(rt, n, rt.event(n, closed&lifeMask), result)
}

// observeEnded is called by who ends the life of a special fence, while its word and names are still the life's.
func (l *Local) observeEnded(n uint32, closed uint64) {
	rt := l.runtime
	o := rt.config.Observer
	if o == nil || closed&specialBit == 0 {
		return
	}
	e := rt.event(n, closed&lifeMask)
	if o.Signaled != nil {
		o.tell(rt, n, e, rt.results.decode(code(closed)))
	}
	if o.Ended != nil {
		defer rt.contain()
		o.Ended(e)
	}
}

// tell tells Signaled unless that was done.
func (o *Observer) tell(rt *Runtime, n uint32, e Event, result error) {
	life := e.Fence.life()
	// Claims the telling. Pairs with: itself on another goroutine. ABA: lives don't come back, so a stale signaler fails.
	// No loop.
	if x := &rt.extra(n).observed; x.Load() == life && x.CompareAndSwap(life, life|told) {
		defer rt.contain()
		o.Signaled(e, result)
	}
}

// event is about the slot's fence in this life; the names are its own if it is not over afterwards (S6).
func (rt *Runtime) event(n uint32, life uint64) Event {
	return Event{Fence{&rt.words[n], life | closedBit}, rt.armedIn(n), rt.slots[n].seqno.Load()}
}

// contain is deferred around a call of the observer.
func (rt *Runtime) contain() {
	if value := recover(); value != nil {
		rt.observerPanics.Add(1)
		if rt.config.OnPanic != nil {
			rt.config.OnPanic(value)
		}
	}
}

// observedWait is wait for who is observed.
func (rt *Runtime) observedWait(ctx context.Context, f Fence, wait func() error) error {
	end := rt.observeWait(ctx, f)
	result := wait()
	if end != nil {
		defer rt.contain()
		end(result)
	}
	return result
}

func (rt *Runtime) observeWait(ctx context.Context, f Fence) func(error) {
	if ctx == nil { // WaitTimeout
		ctx = context.Background()
	}
	defer rt.contain()
	return rt.config.Observer.Wait(ctx, f)
}

// ranOut counts and tells that there was too little of something.
func (l *Local) ranOut(r Resource) error {
	switch c := &l.counts; r {
	case ResourceFences:
		c.exhaustedFences.Add(1)
	case ResourceCallbacks:
		c.exhaustedCallbacks.Add(1)
	case ResourceReaders:
		c.exhaustedReaders.Add(1)
	case ResourcePoints:
		c.exhaustedPoints.Add(1)
	}
	l.runtime.observeExhausted(r)
	return ErrExhausted
}

// refused is ranOut where err is ErrExhausted.
func (l *Local) refused(err error, r Resource) error {
	if err == ErrExhausted {
		return l.ranOut(r)
	}
	return err
}

// noRoomToWait counts and tells that a wait polls.
func (rt *Runtime) noRoomToWait(r Resource) {
	rt.waiters.exhausted.Add(1)
	if r == ResourceWaiters {
		rt.observeExhausted(r)
	}
}

func (rt *Runtime) observeExhausted(r Resource) {
	if o := rt.config.Observer; o != nil && o.Exhausted != nil {
		defer rt.contain()
		o.Exhausted(r)
	}
}
