package fencert

import "fmt"

// A SeqWrite names a write that was attached to a fence. Zero value: of none; detaching it answers false. Copying: freely.
// It stays safe to use after the write.
type SeqWrite struct { // of four words, which is what is kept in registers
	ticket Ticket
	place  *seqPlace // nil: it was written at once
}

// NewSeqWrites makes room for n writes that are attached at a time, 1 to MaxCallbacks: 40 bytes each, which the collector
// scans, since they hold addresses. It registers a handler, for good: make one for a runtime, or for a part of a program. Errors:
// ErrConfig for another n; ErrExhausted, ErrClosed, as Runtime.Handler.
func (rt *Runtime) NewSeqWrites(n int) (*SeqWrites, error) {
	if n < 1 || n > MaxCallbacks {
		return nil, fmt.Errorf("%w: room for %d writes, want 1 to %d", ErrConfig, n, MaxCallbacks)
	}
	s := newSeqWrites(rt, n)
	var err error
	if s.handler, err = rt.Handler(s.signaled); err != nil {
		return nil, err
	}
	return s, nil
}

// AttachWrite32 has value written to address when the fence is signaled, exactly once, whatever the result: the number says that
// the work is over. Where the fence is signaled already, or stale, it is written at once. A point counts as signaled, too,
// when its timeline is closed below it.
//
// It is a callback of the fence: it comes in the order in which it was added among them, on the goroutine that signals, before
// Signal returns and waiters are woken. Who loads the word atomically and sees the value sees all that the signaler did before,
// and all that callbacks before it did. address must stay valid, and a mapping mapped, until the value is written or the
// write is detached; the collector keeps what it points to. Memory that another process has mapped as well will do: the
// store is one instruction, and never torn. Where several writes go to one word, they come as their fences are signaled: in the
// order of the points on a timeline, in any order otherwise.
//
// In callbacks and signaling sections: yes; it may fail there. After Close: it is written at once. Lock-free; no
// allocation: one CAS to attach it, one store to write it; now and then one CAS for places. Errors: ErrAddress.
// ErrExhausted: no place is free, or no callback, which ReserveCallbacks and ReservePoints rule out; it works again when
// one was written or detached. ErrRange: a point above MaxPoint. ErrForeign. With each of them nothing will be written.
func (l *Local) AttachWrite32(s *SeqWrites, f Fence, address *uint32, value uint32) (SeqWrite, error) {
	w := word32(address)
	if w == nil {
		return SeqWrite{}, ErrAddress
	}
	return l.attach(s, f, seqRecord{narrow: w, value: uint64(value)})
}

// AttachWrite64 is AttachWrite32 for 64 bits.
func (l *Local) AttachWrite64(s *SeqWrites, f Fence, address *uint64, value uint64) (SeqWrite, error) {
	w := word64(address)
	if w == nil {
		return SeqWrite{}, ErrAddress
	}
	return l.attach(s, f, seqRecord{wide: w, value: value})
}

// Attach32 is Local.AttachWrite32 on a borrowed Local.
func (s *SeqWrites) Attach32(f Fence, address *uint32, value uint32) (SeqWrite, error) {
	l, stripe := s.runtime.borrow()
	defer s.runtime.giveBack(l, stripe)
	return l.AttachWrite32(s, f, address, value)
}

// Attach64 is Local.AttachWrite64 on a borrowed Local.
func (s *SeqWrites) Attach64(f Fence, address *uint64, value uint64) (SeqWrite, error) {
	l, stripe := s.runtime.borrow()
	defer s.runtime.giveBack(l, stripe)
	return l.AttachWrite64(s, f, address, value)
}

// attach adds the callback that does what the record says.
func (l *Local) attach(s *SeqWrites, f Fence, r seqRecord) (SeqWrite, error) {
	if s == nil || s.runtime != l.runtime {
		return SeqWrite{}, ErrForeign
	}
	l.check() // before a place is taken
	if !f.of(s.runtime) {
		if err := notPending(f); err != ErrSignaled {
			return SeqWrite{}, err
		}
		r.write() // the stub, and the zero Fence
		return SeqWrite{}, nil
	}
	if f.Signaled() {
		r.write()
		return SeqWrite{}, nil
	}
	i := l.takeWrite(s)
	if i == 0 {
		return SeqWrite{}, ErrExhausted
	}
	p := &s.places[i]
	p.record.Set(r)
	// Publishes: the record, with the callback (N1).
	t, err := l.OnSignal(f, s.handler, uint64(i))
	if err == nil {
		return SeqWrite{t, p}, nil
	}
	p.record.Set(seqRecord{}) // ours still
	l.putWrite(s, i)
	if err != ErrSignaled {
		return SeqWrite{}, err
	}
	r.write()
	return SeqWrite{}, nil
}

// DetachWrite takes a write back. True: it was pending, nothing will be written, and its place is free. False: it has been
// written, is being written or will be, or was detached before. It doesn't wait.
//
// In callbacks: yes. Lock-free; two or three CAS, and one for the place; no allocation.
func (l *Local) DetachWrite(w SeqWrite) bool {
	l.check()
	return w.of(l.runtime) && l.Cancel(w.ticket) && l.detached(w)
}

// Detach is Local.DetachWrite on a borrowed Local.
func (s *SeqWrites) Detach(w SeqWrite) bool {
	l, stripe := s.runtime.borrow()
	defer s.runtime.giveBack(l, stripe)
	return l.DetachWrite(w)
}

// DetachWriteWait is DetachWrite, and when that answers false it returns only when nothing is being written and nothing will be:
// the memory may then be unmapped. It is CancelWait, with that call's rules: not in callbacks. Errors: ErrInCallback.
func (l *Local) DetachWriteWait(w SeqWrite) (bool, error) {
	if !w.of(l.runtime) {
		return false, nil
	}
	ok, err := l.CancelWait(w.ticket)
	return ok && l.detached(w), err
}

// of tells whether something was attached, in this runtime.
func (w SeqWrite) of(rt *Runtime) bool { return w.place != nil && w.place.home.runtime == rt }

// detached frees the place of a write, which is ours since its callback was (N1).
func (l *Local) detached(w SeqWrite) bool {
	w.place.record.Set(seqRecord{})
	l.putWrite(w.place.home, w.place.index)
	return true
}
