package fencert

import (
	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/internal/atomicx"
)

// A Reservation is room for one fence, taken before the point of no return, so that Arm cannot fail.
// Zero value: not usable. Copying: it may move to another goroutine, but only one copy may be armed
// or returned. Not arming it keeps the room until Unreserve.
type Reservation struct{ ref arena.Ref }

// An Issuer is the one handle that may signal a fence. Zero value: of no fence; every use gives
// ErrStale. Copying: it may move to another goroutine; the first Signal, Finish or Drop wins, later
// ones are told. Whoever drops it without a signal signals ErrCanceled.
type Issuer struct{ fence Fence }

// Fence is the handle to share.
func (i Issuer) Fence() Fence { return i.fence }

// An IssuerRef is an Issuer in 8 bytes that the garbage collector doesn't scan: for keeping millions. It is
// the right to signal, as the Issuer is. Runtime.Issuer turns it back. Zero value: of no fence.
type IssuerRef uint64

// Ref packs the issuer. The zero Issuer, and one of a closed runtime, gives the zero IssuerRef.
func (i Issuer) Ref() IssuerRef { return IssuerRef(i.fence.Ref()) }

// Issuer is Ref's inverse. The zero IssuerRef, and one out of range, gives the zero Issuer.
func (rt *Runtime) Issuer(r IssuerRef) Issuer { return Issuer{rt.Fence(Ref(r))} }

// Reserve takes room for a fence. In callbacks: yes. Wait-free while the Local has free fences, else
// one lock-free CAS for many; no allocation. Errors: ErrExhausted, ErrClosed.
func (l *Local) Reserve() (Reservation, error) {
	l.enter()
	r, err := l.slots.Reserve()
	l.leave()
	if err != nil || l.runtime.closed.Load() {
		return l.notReserved(r, err)
	}
	return Reservation{r}, nil
}

//go:noinline
func (l *Local) notReserved(r arena.Ref, err error) (Reservation, error) {
	if l.runtime.closed.Load() {
		if err == nil {
			l.Unreserve(Reservation{r})
		}
		return Reservation{}, ErrClosed
	}
	return Reservation{}, ErrExhausted
}

// Unreserve gives back a reservation that will not be armed. false: it was armed or returned before,
// or is of another runtime; then nothing changes. In callbacks: yes. Lock-free, one CAS.
func (l *Local) Unreserve(r Reservation) bool {
	i := r.ref.Index()
	if i == 0 || uintptr(i) > l.runtime.fences || l.runtime.slots[i].owner.Load()&lifeMask == r.ref.Life() {
		return false
	}
	l.enter()
	ok := l.slots.Return(r.ref)
	l.leave()
	return ok
}

// Arm turns a reservation into an unsignaled fence of the fence context and takes its seqno. It cannot
// fail: after Close of the runtime the fence is born signaled, with ErrClosed. What is used twice
// panics with ErrArmed, what is another runtime's with ErrForeign.
//
// What the caller did before is not published by Arm but by how the fence is shared. In callbacks:
// yes. Wait-free; no read-modify-write with SingleIssuer, one without; no allocation.
func (l *Local) Arm(r Reservation, c *FenceContext) Issuer {
	rt, i, life := l.runtime, r.ref.Index(), r.ref.Life()
	if uintptr(i)-1 >= rt.fences || c.runtime != rt {
		panic(ErrForeign)
	}
	l.enter()
	s := &rt.slots[i]
	if s.owner.Load()&lifeMask >= life {
		l.leave()
		panic(ErrArmed)
	}
	// Plain: we are the only writer of seqno and owner in this life. A reader with a stale handle
	// sees owner change, or finds the word in another life.
	atomicx.StoreRelease64(&s.seqno, c.next())
	atomicx.StoreRelease64(&s.owner, life|c.id)
	w := rt.arena.Word(i)
	l.nodes.Left(w, life)
	l.leave()
	return Issuer{Fence{word: w, number: life | closedBit}}
}
