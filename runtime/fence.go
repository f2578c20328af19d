package fencert

import (
	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/internal/atomicx"
)

// A Fence is a handle to something that is signaled once, with a result: a fence that was armed, or a point of a Timeline. It
// can be polled, waited for and given callbacks; it cannot signal.
//
// Zero value: a handle of nothing: signaled, with the result ErrStale. Copying: freely; it has 16
// bytes, is comparable and may be a map key: two handles are equal if and only if they name the same
// fence. Callers: any goroutine, any method, in callbacks and after Close too, but for Wait, which
// must not be called in a callback. A Fence never becomes another fence's: once its fence is
// recycled, Signaled stays true and the result is ErrStale.
type Fence struct {
	word   *atomicx.Uint64
	number uint64 // signaled is word >= number: life | closedBit, or a point (see slotNumbers)
}

// Signaled tells whether the fence is signaled. When true, everything that the signaler did before
// is visible. Its callbacks may still be running. Wait-free; one load.
func (f Fence) Signaled() bool {
	// Pairs with: the CAS that closes the word, or ends its life.
	return f.word == nil || f.word.Load() >= f.number
}

// CallbacksDone tells whether the fence is signaled and all its callbacks have run; of a point, those that were added up
// to it before the value went beyond it. Above 2^35, where a callback waits for a point close behind the value, it may be false
// until the next Advance or Timeline.Flush. Wait-free; one load, of a point up to five.
func (f Fence) CallbacksDone() bool {
	if f.number < slotNumbers {
		return f.pointDelivered()
	}
	// Pairs with: the CAS or store that clears Running, or ends the life (R5).
	w := f.word.Load()
	return w >= f.number && (w&lifeMask != f.life() || !running(w))
}

// Err is the result: ErrPending before the signal, then nil or what Signal was given, ErrStale once
// the fence is recycled. An error from the table of errors is ErrStale earlier, unless the fence is held: from the moment
// it is dropped, and after Close of the runtime, where Hold.Err still knows it. It has no side effect. Wait-free; one load,
// but for an error from the table of errors, which it holds for a moment. A point is never stale; see Timeline.At.
func (f Fence) Err() error {
	if f.number < slotNumbers {
		return f.pointErr()
	}
	// Pairs with: the CAS that closed the word and carries the result in it (R1).
	w := f.word.Load()
	switch {
	case w < f.number:
		return ErrPending
	case w&lifeMask != f.life():
		return ErrStale
	}
	return f.result(w)
}

// Seqno is the fence's number in its fence context, from 1; 0 of the stub; the number of a point. Errors: ErrStale once
// recycled; ErrRange.
// Wait-free; three loads.
func (f Fence) Seqno() (uint64, error) {
	seqno, _, err := f.identity()
	return seqno, err
}

// Context is the fence context that the fence was armed in. It is found for as long as the fence has not been recycled,
// also when the context has been closed, and keeps its names for as long as somebody has it. A Timeline has one of its own.
// Errors: ErrStale once recycled; ErrRange. Lock-free; no allocation.
func (f Fence) Context() (*FenceContext, error) {
	if f.number < slotNumbers {
		return f.pointContext()
	}
	_, id, err := f.identity()
	if err != nil {
		return nil, err
	}
	if rt, _ := find(f.word); rt != nil {
		if c, ok := rt.contexts.Load(id); ok {
			return c, nil
		}
	}
	return nil, ErrStale // the runtime, or the life and then the context, has ended since identity looked
}

// Ref is the fence in 8 bytes that the garbage collector doesn't scan: for keeping millions.
// Runtime.Fence turns it back. The zero Fence, a point, and one of a closed runtime, gives the zero Ref; the stub
// gives one that every runtime knows.
func (f Fence) Ref() Ref {
	rt, i := find(f.word)
	if rt == nil {
		if f.isStub() {
			return stubRef
		}
		return 0
	}
	return Ref(f.life() | uint64(i))
}

// A Ref is a Fence without its runtime. The zero Ref names none.
type Ref = arena.Ref

func (f Fence) life() uint64 { return f.number & lifeMask }

// identity reads seqno and context id of this life.
func (f Fence) identity() (seqno, id uint64, err error) {
	if f.number < slotNumbers {
		c, err := f.pointContext()
		if err != nil {
			return 0, 0, err
		}
		return f.number, c.id, nil
	}
	rt, i := find(f.word)
	if rt == nil {
		return 0, 0, ErrStale
	}
	s := &rt.slots[i]
	// Pairs with: the release stores in Arm. They come after the word has entered the life that they are of, so
	// while the word is in ours, what was read before is ours too (R7).
	seqno = s.seqno.Load()
	o := s.owner.Load() // of an older life while the slot is free or reserved
	if o&lifeMask != f.life() || f.word.Load()&lifeMask != f.life() {
		return 0, 0, ErrStale
	}
	return seqno, o &^ lifeMask, nil
}
