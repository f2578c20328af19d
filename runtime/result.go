package fencert

import (
	"context"
	"syscall"
	"unsafe"

	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/depot"
	"github.com/fencert/fencert/internal/pad"
)

// Result codes: what the 22 low bits of a closed word mean.
const (
	codeNil      = 0
	codeFailed   = 1
	codeCanceled = 2
	codeClosed   = 3
	codeContext  = 4       // context.Canceled
	codeDeadline = 5       // context.DeadlineExceeded
	codeErrno    = 1 << 16 // plus the errno, which is less
	codeTable    = 1 << 20 // plus the index in the table of errors
)

// fixed are the errors with a code of their own.
var fixed = [...]error{codeFailed: ErrFailed, codeCanceled: ErrCanceled, codeClosed: ErrClosed,
	codeContext: context.Canceled, codeDeadline: context.DeadlineExceeded}

// results keeps the errors that have no code of their own while a fence has them as its result.
type results struct {
	depot  *depot.Depot
	errors []place
	lost   atomicx.Uint64 // results that became ErrFailed
}

// A place keeps one error. It has a line of its own, since the place next to it is most likely another goroutine's.
type place struct {
	// Written by the signaler before the CAS that publishes its code, and cleared by who ends the life: plain. It is
	// read by who holds the fence or runs its callbacks (R6).
	atomicx.Cell[error]
	_ [pad.Size - unsafe.Sizeof(atomicx.Cell[error]{})]byte
}

func newResults(n int) results {
	return results{depot: depot.New(uint32(n)), errors: make([]place, n+1)}
}

// fixedCode finds the code of an error that has one of its own; ok is false for others.
func fixedCode(err error) (code uint32, ok bool) {
	switch e := err.(type) {
	case *resultError:
		return e.code, true
	case syscall.Errno:
		return codeErrno + uint32(e), e > 0 && e < codeErrno
	}
	switch wordsOf(err) {
	case canceledWords:
		return codeContext, true
	case deadlineWords:
		return codeDeadline, true
	}
	return 0, false
}

// The errors of package context, as wordsOf has them: both are pointers, or empty.
var canceledWords, deadlineWords = wordsOf(context.Canceled), wordsOf(context.DeadlineExceeded)

// wordsOf are the two words of an interface value, which tell two errors apart without a call of the comparison that their
// types ask for.
//
// Safety: an interface value is two words; they are compared as numbers, and what they point to is kept by the caller.
func wordsOf(err error) [2]uintptr { return *(*[2]uintptr)(unsafe.Pointer(&err)) }

// keepPlaces is how large a table must be for each Local to keep one free place of it to itself.
const keepPlaces = 1000

// encode finds a code for a result that isn't nil. A code at or above codeTable must be released. Cost: compares; now and then one CAS. It doesn't allocate. The Local is busy.
//
//go:noinline
func (l *Local) encode(err error) uint32 {
	if code, ok := fixedCode(err); ok {
		return code
	}
	r := &l.runtime.results
	i := l.place
	l.place = 0
	if i == 0 {
		var one [1]uint32
		if r.depot.Take(one[:]) == 0 {
			r.lost.Add(1)
			l.runtime.observeExhausted(ResourceErrors)
			return codeFailed
		}
		i = one[0]
	}
	r.errors[i].Set(err)
	return codeTable + i
}

// releaseCode gives a code back that is no fence's result any more, or never became one. The Local is busy.
//
//go:noinline
func (l *Local) releaseCode(code uint32) {
	if code < codeTable {
		return
	}
	i := code - codeTable
	l.runtime.results.errors[i].Set(nil)
	if l.place == 0 && len(l.runtime.results.errors) > keepPlaces {
		l.place = i
		return
	}
	l.runtime.results.depot.Put([]uint32{i})
}

// decode is encode's inverse. For a code at or above codeTable the caller keeps the life from
// ending: it holds the fence or runs its callbacks.
func (r *results) decode(code uint32) error {
	if code >= codeTable {
		return r.errors[code-codeTable].Get()
	}
	return fixedError(code)
}

// fixedError is decode for codes below codeTable.
func fixedError(code uint32) error {
	switch {
	case code == codeNil:
		return nil
	case code >= codeErrno:
		return syscall.Errno(code - codeErrno)
	default:
		return fixed[code]
	}
}

func code(w uint64) uint32  { return uint32(w & cbqueue.CodeMask) }
func running(w uint64) bool { return w&(closedBit|cbqueue.Running) == closedBit|cbqueue.Running }

// result is the result in a closed word of this life.
func (f Fence) result(w uint64) error {
	c := code(w)
	if c < codeTable {
		return fixedError(c)
	}
	rt, i := find(f.word)
	if rt == nil {
		return ErrStale
	}
	// The life might end, and the place in the table be used again, while it is read: hold.
	l, stripe := rt.borrow()
	defer rt.giveBack(l, stripe)
	if !rt.hold(f.word, i, f.life()) {
		return ErrStale
	}
	err := rt.results.decode(c)
	l.release(f.word, i, f.life())
	return err
}

// Every code must fit; this doesn't compile when one doesn't.
const _ = uint(cbqueue.CodeMask - codeTable - MaxErrors)
