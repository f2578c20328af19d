package sharedtimeline

import (
	"context"
	"os"
	"runtime"
	"time"

	fencert "github.com/fencert/fencert/runtime"

	"github.com/fencert/fencert/internal/atomicx"
)

// A Writer issues the numbers of a shared timeline, and advances it. There is one at a time, in all processes; when its process
// ends, however it ends, another can be had (H5).
//
// Make one with Mapping.Claim or WaitClaim, and Close it to let another one write; the zero Writer is not usable, and it must not be
// copied. Any goroutine of the process may call any method.
type Writer struct {
	m        *Mapping
	closed   atomicx.Bool
	numbers  atomicx.Uint64 // issued last; CAS upwards
	from, to uint64         // Abandoned; set before it is returned
}

// Claim makes the caller's process the one that writes, from the value on that the last one left; its sleepers are woken, in case the
// last one died before it could (H4).
//
// Any goroutine may call it, in callbacks too; not in signaling sections. It doesn't wait; it allocates, and costs a few system
// calls. Errors: ErrHeld; ErrReadOnly; ErrClosed; what ended the Mapping.
func (m *Mapping) Claim() (*Writer, error) {
	if err := m.ended(); err != nil {
		return nil, err
	}
	if m.readOnly {
		return nil, ErrReadOnly
	}
	// Owns: the Writer of this Mapping. Locks don't tell its own goroutines apart. ABA: it is a flag. No loop.
	if !m.claimed.CompareAndSwap(false, true) {
		return nil, ErrHeld
	}
	w := &Writer{m: m}
	err := lock(m.file)
	if err == nil {
		if err = m.guard(w.begin); err != nil {
			_ = unlock(m.file)
		}
	}
	if err != nil {
		m.claimed.Store(false) // pairs with: the CAS above, of the next one
		return nil, err
	}
	return w, nil
}

// WaitClaim is Claim, and waits for who writes to close or to end. It looks with pauses of up to 20 ms; of several that wait, any one
// gets it. Where ctx ends first it returns context.Cause(ctx). It blocks. Errors: as Claim, but for ErrHeld.
func (m *Mapping) WaitClaim(ctx context.Context) (*Writer, error) {
	if ctx == nil {
		panic(fencert.ErrNilContext)
	}
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		w, err := m.Claim()
		if err != ErrHeld {
			return w, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, context.Cause(ctx)
		}
	}
}

// begin takes over. The lock is held, so nobody else writes but those who may not.
func (w *Writer) begin() error {
	l, h := &w.m.line, w.m.line.h
	v, err := l.look()
	if err != nil {
		return err
	}
	issued := h.issued.Load() // pairs with: the CAS in record, of the last writer
	if issued > fencert.MaxPoint {
		return l.fail(ErrCorrupt)
	}
	if issued > v {
		w.from, w.to = v+1, issued
	}
	w.numbers.Store(max(v, issued)) // published by Claim's return
	h.claims.Add(1)                 // for people, as the two that follow
	h.claimed.Store(uint64(atomicx.Now().UnixNano()))
	h.process.Store(uint32(os.Getpid()))
	h.wanted.Swap(nobody) // whoever has a wish is roused
	return l.rouse()
}

// Abandoned are the numbers that earlier writers issued and that the value had not reached when this one came; from is 0 when there are
// none. Somebody may wait for them. Whether their work is done, only the user knows; when the value passes them, they are
// signaled. Wait-free.
func (w *Writer) Abandoned() (from, to uint64) { return w.from, w.to }

// Next issues the next number, each once in the life of the file: it goes on behind what earlier writers have issued or reached.
//
// Any goroutine may call it, in callbacks and signaling sections too. Lock-free; two CASes, and a guard where the Mapping isn't Steady; no allocation. Errors:
// fencert.ErrRange: they are used up. ErrClosed; what ended the Mapping.
func (w *Writer) Next() (uint64, error) { return w.NextN(1) }

// NextN issues count numbers in a row, at least one, and returns the first. For the rest it is as Next.
func (w *Writer) NextN(count uint64) (first uint64, err error) {
	if err := w.ended(); err != nil {
		return 0, err
	}
	for {
		last := w.numbers.Load()
		if count == 0 || count > fencert.MaxPoint-last {
			return 0, fencert.ErrRange
		}
		// Owns: the numbers. ABA: it only grows. Progress: a failed CAS means that another goroutine got some.
		if w.numbers.CompareAndSwap(last, last+count) {
			err = w.m.touch(func() error { return w.record(last + count) })
			runtime.KeepAlive(w.m)
			if err != nil {
				return 0, err
			}
			return last + 1, nil
		}
	}
}

// record raises the number in the file to n (H6).
func (w *Writer) record(n uint64) error {
	h := w.m.line.h
	for range most {
		issued := h.issued.Load()
		switch {
		case issued > fencert.MaxPoint:
			return w.m.line.fail(ErrCorrupt)
		case issued >= n: // another goroutine's is higher
			return nil
		}
		// Publishes: that n was issued, before anybody is told of it. Pairs with: the Load in begin. ABA: it only grows. Progress:
		// a failed CAS means that another goroutine raised it.
		if h.issued.CompareAndSwap(issued, n) {
			return nil
		}
	}
	return w.m.line.fail(ErrCorrupt)
}

// Advance raises the value to n: all points up to n are signaled in all processes, and who sleeps for them is woken. Numbers and the
// value know nothing of each other, as with fencert.Timeline: who issues none may advance all the same. It runs no callbacks
// here; followers run theirs.
//
// Any goroutine of the process may call it, in callbacks and signaling sections too. Lock-free; two CASes and some loads where
// nobody sleeps for a point that is reached, and a guard where the Mapping isn't Steady; else two more and a system call that wakes
// all sleepers. No allocation. Errors: fencert.ErrSignaled: the value was there already; fencert.ErrRange; ErrClosed;
// ErrTruncated, ErrCorrupt, ErrBackwards. With each of them nothing was changed, but ErrTruncated may come when the value was raised.
func (w *Writer) Advance(n uint64) error {
	if n > fencert.MaxPoint {
		return fencert.ErrRange
	}
	if w.closed.Load() || w.m.closed.Load() {
		return ErrClosed
	}
	err := w.m.touch(func() error { return w.m.line.advance(n) })
	runtime.KeepAlive(w.m)
	return err
}

func (w *Writer) ended() error {
	if w.closed.Load() {
		return ErrClosed
	}
	return w.m.ended()
}

// Close lets another one write, in this process or elsewhere. No other call may be under way: it could come after the next writer's
// first. Errors: ErrClosed: it was closed before, or the Mapping was.
func (w *Writer) Close() error {
	if !w.closed.CompareAndSwap(false, true) { // ABA: it is set once
		return ErrClosed
	}
	if w.m.closed.Load() {
		return ErrClosed
	}
	err := unlock(w.m.file)
	w.m.claimed.Store(false) // publishes: that the lock is free. Pairs with: the CAS in Claim
	return err
}
