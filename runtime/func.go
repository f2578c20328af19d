package fencert

import (
	"math/bits"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/depot"
)

// funcs are the closures that wait for their fences, by index from 1. A callback's argument is a number that the collector
// doesn't follow, so the closures are kept here.
//
// V3: a record belongs to who took its index until the CAS that adds its callback, and then to the one who has the
// callback: the signaler who runs it, or the Cancel that answers true. There is exactly one of the two (Q3), so the record is
// plain. Its owner empties it before the index goes back: nothing here keeps a closure that has run or was stopped.
//
// Segment k is allocated when its first index is used, and never freed: the memory is that of the most closures that ever
// waited at a time.
type funcs struct {
	depot    *depot.Depot
	segments [numSegments]atomicx.Pointer[[]funcRecord]
}

type funcRecord = atomicx.Cell[func(error)]

const (
	firstSegment = 64 // records in segment 0; each one after it has twice as many
	numSegments  = 19 // with which there are more than MaxCallbacks
)

// Enough segments for all callbacks; this doesn't compile when there are not.
const _ = uint(firstSegment<<numSegments - firstSegment - MaxCallbacks)

// OnSignalFunc is OnSignal for a closure: fn is called with the result when the fence is signaled, on the goroutine that
// signals, among the other callbacks in the order in which they were added. In fn all is allowed that is allowed in a
// callback; without a Local it uses the Runtime's calls.
//
// stop means what context.AfterFunc's stop means: true: it has stopped fn from being called. false: fn was called, is being
// called or will be, or was stopped before. It doesn't wait for fn. It may be called by any goroutine, in callbacks,
// signaling sections and after Close. Once fn has been called or stopped, nothing here keeps it or what it refers to, also
// while stop is kept.
//
// In callbacks: yes. It allocates: not in a signaling section. Lock-free. Errors: ErrSignaled: fn was not and will not
// be called, not even for a fence that is signaled already; f.Err tells the result. ErrExhausted; ErrForeign; ErrConfig
// for a nil fn. stop is nil then.
func (l *Local) OnSignalFunc(f Fence, fn func(result error)) (stop func() bool, err error) {
	if fn == nil {
		return nil, ErrConfig
	}
	rt := l.runtime
	if !f.of(rt) {
		return nil, notPending(f)
	}
	l.check() // before a record is taken
	if f.Signaled() {
		return nil, ErrSignaled
	}
	fs := rt.closures()
	i := fs.put(fn)
	if i == 0 {
		return nil, ErrExhausted
	}
	// Publishes: the record, with the callback (V3).
	t, err := l.add(f, funcHandler, uint64(i))
	if err != nil {
		fs.take(i)
		return nil, err
	}
	return func() bool {
		if !rt.Cancel(t) {
			return false
		}
		fs.take(i) // ours, since the callback was (V3)
		return true
	}, nil
}

// OnSignalFunc is Local.OnSignalFunc on a borrowed Local.
func (rt *Runtime) OnSignalFunc(f Fence, fn func(result error)) (stop func() bool, err error) {
	l, s := rt.borrow()
	defer rt.giveBack(l, s)
	return l.OnSignalFunc(f, fn)
}

// OnSignalFunc is Runtime.OnSignalFunc of the fence's own runtime. Errors: ErrSignaled for the stub, the zero Fence, and one
// of a closed runtime, too.
func OnSignalFunc(f Fence, fn func(result error)) (stop func() bool, err error) {
	rt := f.owner()
	switch {
	case fn == nil:
		return nil, ErrConfig
	case f.isNowhere():
		return nil, ErrRange
	case rt == nil:
		return nil, ErrSignaled // Close has signaled all before the runtime can't be found any more
	}
	return rt.OnSignalFunc(f, fn)
}

// callFunc is the handler of closures.
func callFunc(l *Local, arg uint64, result error) {
	fn := l.runtime.closures().take(uint32(arg)) // before the call: fn may panic
	fn(result)
}

// closures is the table, made at its first use: few runtimes need one.
func (rt *Runtime) closures() *funcs {
	if fs := rt.funcs.Load(); fs != nil {
		return fs
	}
	// Publishes: the table. ABA: it changes once. No loop: a failure means that there is one.
	rt.funcs.CompareAndSwap(nil, &funcs{depot: depot.New(uint32(rt.config.Callbacks))})
	return rt.funcs.Load()
}

// put keeps fn and returns its index, 0 when there is no more room.
func (fs *funcs) put(fn func(error)) uint32 {
	var i [1]uint32
	if fs.depot.Take(i[:]) == 0 {
		return 0
	}
	fs.record(i[0]).Set(fn)
	return i[0]
}

// take empties a record, which is the caller's, and returns what was in it.
func (fs *funcs) take(i uint32) func(error) {
	r := fs.record(i)
	fn := r.Get()
	r.Set(nil)
	fs.depot.Put([]uint32{i})
	return fn
}

// record is the record with this index, whose segment is allocated if it isn't yet.
func (fs *funcs) record(i uint32) *funcRecord {
	at := i - 1 + firstSegment // segment k begins at firstSegment<<k
	k := bits.Len32(at/firstSegment) - 1
	s := fs.segments[k].Load()
	if s == nil {
		made := make([]funcRecord, firstSegment<<k)
		// Publishes: the segment. ABA: it changes once. No loop: a failure means that there is one.
		fs.segments[k].CompareAndSwap(nil, &made)
		s = fs.segments[k].Load()
	}
	return &(*s)[at-firstSegment<<k]
}
