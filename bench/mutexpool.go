package bench

import (
	"context"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// A pooledSlot is a mutexFence that is used again and again.
//
// word counts half lives: even while free or pending, odd while signaled. A
// handle carries the odd number of its life, so that signaled, or stale, is one
// load and one compare: word >= number.
type pooledSlot struct {
	pooledState
	_ [pad.Size - unsafe.Sizeof(pooledState{})%pad.Size]byte
}

type pooledState struct {
	mu        atomicx.Mutex
	word      atomicx.Uint64 // changed under mu only
	seqno     uint64
	err       error
	callbacks callbackList
	waiters   chan struct{}
	holds     int
	dropped   bool
}

// A pooledFence is the handle of impl=mutexpool: valid as long as the slot's word
// isn't beyond its number.
type pooledFence struct {
	slot   *pooledSlot
	number uint64
}

type pooledWorld struct{ depot slotDepot }

// NewMutexPool returns the world of impl=mutexpool: fences and their slices are
// preallocated and reused, each worker keeps its own free list, and a number in
// the handle recognises stale ones. It allocates nothing once the slices have
// grown, except for those who park.
func NewMutexPool(s Sizes) World[pooledFence, uint64] {
	w := new(pooledWorld)
	slots := make([]pooledSlot, s.Fences+2*s.Workers*slotStock)
	w.depot.slots = make([]*pooledSlot, len(slots))
	for i := range slots {
		w.depot.slots[len(slots)-1-i] = &slots[i]
	}
	return w
}

func (w *pooledWorld) Close() {}

func (w *pooledWorld) NewWorker(h Handler) Worker[pooledFence, uint64] {
	p := &pooledWorker{free: slotList{depot: &w.depot}}
	p.callback = p.handler(h)
	return p
}

type pooledWorker struct {
	tally
	callback Handler
	seqno    uint64
	free     slotList
}

func (w *pooledWorker) Arm() pooledFence {
	s := w.free.get()
	w.seqno++
	// Plain: a stale handle reads no field but word before it sees, under the
	// lock, that it is stale.
	s.seqno = w.seqno
	return pooledFence{s, s.word.Load() + 1}
}

func (w *pooledWorker) Add(f pooledFence, arg uint64) (uint64, bool) {
	s := f.slot
	s.mu.Lock()
	if s.word.Load() >= f.number {
		s.mu.Unlock()
		return 0, false
	}
	id := s.callbacks.add(w.callback, arg)
	s.mu.Unlock()
	return id, true
}

func (w *pooledWorker) AddMany(f pooledFence, args []uint64) int {
	s := f.slot
	s.mu.Lock()
	if s.word.Load() >= f.number {
		s.mu.Unlock()
		return 0
	}
	s.callbacks.addMany(w.callback, args)
	s.mu.Unlock()
	return len(args)
}

func (w *pooledWorker) Cancel(f pooledFence, id uint64) bool {
	s := f.slot
	s.mu.Lock()
	ok := s.word.Load() < f.number && s.callbacks.cancel(id)
	s.mu.Unlock()
	return ok
}

func (w *pooledWorker) Signal(f pooledFence, err error) bool {
	s := f.slot
	s.mu.Lock()
	if s.word.Load() >= f.number {
		s.mu.Unlock()
		return false
	}
	s.err = err
	s.word.Store(f.number)
	items, waiters := s.callbacks.items, s.waiters
	s.mu.Unlock()
	// The slice stays with the slot for its next life. It is the signaler's until
	// the drop: an add or a cancel looks at word first.
	if len(items) > 0 || waiters != nil {
		deliver(items, err, waiters)
	}
	return true
}

func (w *pooledWorker) Drop(f pooledFence) {
	s := f.slot
	s.mu.Lock()
	if s.word.Load() != f.number || s.dropped {
		s.mu.Unlock()
		return
	}
	if s.holds > 0 {
		s.dropped = true
		s.mu.Unlock()
		return
	}
	w.recycle(f)
}

// recycle ends the life of f, whose slot is locked, and unlocks it.
func (w *pooledWorker) recycle(f pooledFence) {
	s := f.slot
	s.callbacks.reset()
	s.err, s.waiters, s.dropped = nil, nil, false
	s.word.Store(f.number + 1)
	s.mu.Unlock()
	w.free.put(s)
}

func (w *pooledWorker) Finish(f pooledFence, err error) bool {
	s := f.slot
	s.mu.Lock()
	if s.word.Load() >= f.number {
		s.mu.Unlock()
		return false
	}
	if len(s.callbacks.items) == 0 && s.waiters == nil && s.holds == 0 {
		s.word.Store(f.number + 1)
		s.mu.Unlock()
		w.free.put(s)
		return true
	}
	s.err = err
	s.word.Store(f.number)
	items, waiters := s.callbacks.items, s.waiters
	s.mu.Unlock()
	defer w.Drop(f)
	deliver(items, err, waiters)
	return true
}

func (w *pooledWorker) Signaled(f pooledFence) bool { return f.slot.word.Load() >= f.number }

func (w *pooledWorker) Hold(f pooledFence) bool {
	s := f.slot
	s.mu.Lock()
	ok := s.word.Load() <= f.number
	if ok {
		s.holds++
	}
	s.mu.Unlock()
	return ok
}

func (w *pooledWorker) Err(f pooledFence) error {
	s := f.slot
	s.mu.Lock()
	err := ErrStale
	switch word := s.word.Load(); {
	case word < f.number:
		err = ErrPending
	case word == f.number:
		err = s.err
	}
	s.mu.Unlock()
	return err
}

func (w *pooledWorker) Release(f pooledFence) {
	s := f.slot
	s.mu.Lock()
	s.holds--
	if s.holds == 0 && s.dropped {
		w.recycle(f)
		return
	}
	s.mu.Unlock()
}

func (w *pooledWorker) Wait(ctx context.Context, f pooledFence, how Strategy) error {
	if !w.Hold(f) {
		return ErrStale
	}
	defer w.Release(f)
	if how == Spin {
		if !spinUntil(ctx, func() bool { return w.Signaled(f) }) {
			return context.Cause(ctx)
		}
		return w.Err(f)
	}
	s := f.slot
	s.mu.Lock()
	if s.word.Load() >= f.number {
		s.mu.Unlock()
		return w.Err(f)
	}
	if s.waiters == nil {
		s.waiters = make(chan struct{})
	}
	wake := s.waiters
	s.mu.Unlock()
	if parkUntil(ctx, wake) || w.Signaled(f) {
		return w.Err(f)
	}
	return context.Cause(ctx)
}

func (w *pooledWorker) Seqno(f pooledFence) uint64 { return f.slot.seqno }

func (w *pooledWorker) Close() { w.free.close() }
