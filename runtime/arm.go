package fencert

import (
	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/internal/atomicx"
)

// A Reservation is room for one fence, taken before the point of no return, so that Arm cannot fail.
// Zero value: not usable. Copying: it may move to another goroutine, but only one copy may be armed
// or returned. Not arming it keeps the room until Unreserve.
type Reservation struct {
	runtime *Runtime
	ref     arena.Ref
}

// An Issuer is the one handle that may signal a fence. Zero value: of no fence; every use gives
// ErrStale. Copying: it may move to another goroutine; the first Signal, Finish or Drop wins, later
// ones are told. Whoever drops it without a signal signals ErrCanceled.
type Issuer struct {
	debug debugIssuer
	fence Fence
}

// Fence is the handle to share.
func (i Issuer) Fence() Fence { return i.fence }

// An IssuerRef is an Issuer in 8 bytes that the garbage collector doesn't scan: for keeping millions. It is
// the right to signal, as the Issuer is. Runtime.Issuer turns it back. Zero value: of no fence.
type IssuerRef uint64

// Ref packs the issuer. The zero Issuer, and one of a closed runtime, gives the zero IssuerRef.
func (i Issuer) Ref() IssuerRef {
	if debugging {
		i.debugKeep()
	}
	return IssuerRef(i.fence.Ref())
}

// Issuer is Ref's inverse. The zero IssuerRef, and one out of range, gives the zero Issuer.
func (rt *Runtime) Issuer(r IssuerRef) Issuer {
	i := Issuer{fence: rt.Fence(Ref(r))}
	if debugging {
		rt.debugKept(&i)
	}
	return i
}

// Reserve takes room for a fence. In callbacks: yes. Wait-free while the Local has free fences, else
// one lock-free CAS for many, and a few dozen drops of user data where there is any (NewTable); no allocation. Errors:
// ErrExhausted: none is free but what other Locals keep to themselves, or others wait in ReserveWait for the next;
// ErrClosed, but for a call at the same time as Close.
func (l *Local) Reserve() (Reservation, error) {
	if l.runtime.closed.Load() {
		return Reservation{}, ErrClosed
	}
	l.enter()
	r := l.slots.TryReserve()
	l.leave()
	if r == 0 {
		return l.reserveSlow()
	}
	l.counts.reserved.Add(1)
	return Reservation{l.runtime, r}, nil
}

//go:noinline
func (l *Local) reserveSlow() (Reservation, error) {
	l.dropDue(dropBatch)
	l.enter()
	r, err := l.slots.Reserve()
	if err == arena.ErrExhausted {
		l.runtime.askStripes((*Local).flushSlots)
		r, err = l.slots.Reserve()
	}
	l.leave()
	if err == arena.ErrExhausted {
		r, err = l.reserveRetired()
	}
	if l.runtime.closed.Load() { // then what the magazine still held has been shut, or is being so
		if err == nil {
			l.counts.reserved.Add(1)
			l.Unreserve(Reservation{l.runtime, r})
		}
		return Reservation{}, ErrClosed
	}
	if err != nil {
		return Reservation{}, l.ranOut(ResourceFences)
	}
	l.counts.reserved.Add(1)
	return Reservation{l.runtime, r}, nil
}

// NewFence is Reserve and Arm in one, for where nothing stands between the two. In callbacks: yes. Errors: Reserve's;
// ErrContextClosed, but for a call at the same time as Close of the context. A fence context of another runtime panics with
// ErrForeign, and a nil one with a nil dereference, as in Arm.
func (l *Local) NewFence(c *FenceContext) (Issuer, error) {
	rt := l.runtime
	// Pairs with: the store of nil by Close of the context or the runtime.
	if debugging || c.quick.Load() != rt || l.state != idle {
		return l.newFenceSlow(c)
	}
	l.state = busy
	r := l.slots.TryReserve()
	l.state = idle
	if r == 0 {
		return l.newFenceSlow(c)
	}
	i := r.Index()
	s := rt.slot(i)
	// As in Arm: one writer in this life, and a stale handle's reader looks at the word afterwards (R7).
	atomicx.StoreRelease64(&s.seqno, c.issued.QuickOwned())
	atomicx.StoreRelease64(&s.owner, r.Life()|c.id)
	l.counts.made.Add(1)
	// Pairs with: the barrier in FenceContext.Close, which comes after it has stored nil: what it doesn't find armed sees that.
	if c.quick.Load() != rt {
		return l.newFenceSpecial(i, r.Life(), c)
	}
	return Issuer{fence: Fence{word: rt.word(i), number: r.Life() | closedBit}}, nil
}

//go:noinline
func (l *Local) newFenceSlow(c *FenceContext) (Issuer, error) {
	if c.runtime != l.runtime {
		panic(ErrForeign) // before there is a reservation to be lost
	}
	if c.mode.Load()&modeClosed != 0 {
		return Issuer{}, ErrContextClosed
	}
	r, err := l.Reserve()
	if err != nil {
		return Issuer{}, err
	}
	return l.Arm(r, c), nil
}

// Unreserve gives back a reservation that will not be armed. false: it was armed or returned before,
// or is of another runtime; then nothing changes. In callbacks: yes. Lock-free, one CAS.
func (l *Local) Unreserve(r Reservation) bool {
	i := r.ref.Index()
	if r.runtime != l.runtime {
		return false
	}
	l.enter()
	owner := &l.runtime.slots[i].owner
	if owner.Load()&lifeMask >= r.ref.Life() || l.runtime.words[i].Load()&lifeMask != r.ref.Life() {
		l.leave()
		return false
	}
	// Used up, for Arm. We are the only writer: the reservation is ours (R7).
	atomicx.StoreRelease64(owner, r.ref.Life())
	ok := l.slots.Return(r.ref)
	if ok {
		l.counts.unreserved.Add(1)
	}
	l.leave()
	return ok
}

// Arm turns a reservation into an unsignaled fence of the fence context and takes its seqno. It cannot
// fail: after Close of the runtime the fence is born signaled, with ErrClosed, and after Close of the
// context with what that was given (see FenceContext.Close for what it costs then). What is used twice
// panics with ErrArmed, what is another runtime's with ErrForeign, and a nil FenceContext is a nil dereference (to look for it
// would cost every call an instruction). Each of these panics comes before anything has changed: the reservation is as it was.
//
// What the caller did before is not published by Arm but by how the fence is shared. In callbacks:
// yes. Wait-free; no read-modify-write with SingleIssuer, one without; no allocation.
func (l *Local) Arm(r Reservation, c *FenceContext) Issuer {
	rt, i, life := l.runtime, r.ref.Index(), r.ref.Life()
	if r.runtime != rt || c.runtime != rt {
		panic(ErrForeign)
	}
	l.enter()
	s := &rt.slots[i]
	if s.owner.Load()&lifeMask >= life {
		l.leave()
		panic(ErrArmed)
	}
	// We are the only writer of seqno and owner in this life. A reader with a stale handle finds the word in another
	// life after it has read them (R7).
	atomicx.StoreRelease64(&s.seqno, c.next())
	atomicx.StoreRelease64(&s.owner, life|c.id)
	w := &rt.words[i]
	l.nodes.Left(w, life)
	l.counts.armed.Add(1)
	l.leave()
	issuer := Issuer{fence: Fence{word: w, number: life | closedBit}}
	if debugging {
		issuer.debugArmed(c)
	}
	if c.mode.Load() != 0 { // as in NewFence
		l.armedSpecial(i, life, c)
	}
	return issuer
}
