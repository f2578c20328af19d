package bench

import (
	"context"
	"sync"
	"sync/atomic"
)

// A mutexFence is the fence most people write: a struct on the heap with a lock,
// a slice of callbacks, and a channel made only for those who wait.
type mutexFence struct {
	mu        sync.Mutex
	done      atomic.Bool // set under mu, so that polls and Err need no lock
	seqno     uint64
	err       error // Plain: written under mu before done, read after it
	callbacks callbackList
	waiters   chan struct{} // made by the first Wait that parks
}

type mutexWorld struct{}

// NewMutex returns the world of impl=mutex: heap-allocated fences, each with a
// sync.Mutex. The collector keeps a fence as long as a handle exists, so Hold,
// Release and Drop have nothing to do.
func NewMutex(Sizes) World[*mutexFence, uint64] { return mutexWorld{} }

func (mutexWorld) Close() {}

func (mutexWorld) NewWorker(h Handler) Worker[*mutexFence, uint64] {
	w := new(mutexWorker)
	w.callback = w.handler(h)
	return w
}

type mutexWorker struct {
	tally
	callback Handler
	seqno    uint64
}

func (w *mutexWorker) Arm() *mutexFence {
	w.seqno++
	return &mutexFence{seqno: w.seqno}
}

func (w *mutexWorker) Add(f *mutexFence, arg uint64) (uint64, bool) {
	f.mu.Lock()
	if f.done.Load() {
		f.mu.Unlock()
		return 0, false
	}
	id := f.callbacks.add(w.callback, arg)
	f.mu.Unlock()
	return id, true
}

func (w *mutexWorker) AddMany(f *mutexFence, args []uint64) int {
	f.mu.Lock()
	if f.done.Load() {
		f.mu.Unlock()
		return 0
	}
	f.callbacks.addMany(w.callback, args)
	f.mu.Unlock()
	return len(args)
}

func (w *mutexWorker) Cancel(f *mutexFence, id uint64) bool {
	f.mu.Lock()
	ok := !f.done.Load() && f.callbacks.cancel(id)
	f.mu.Unlock()
	return ok
}

func (w *mutexWorker) Signal(f *mutexFence, err error) bool {
	f.mu.Lock()
	if f.done.Load() {
		f.mu.Unlock()
		return false
	}
	f.err = err
	f.done.Store(true)
	items, waiters := f.callbacks.items, f.waiters
	f.callbacks.items, f.waiters = nil, nil
	f.mu.Unlock()
	if len(items) > 0 || waiters != nil {
		deliver(items, err, waiters)
	}
	return true
}

// deliver runs the callbacks, then wakes the waiters, whatever the callbacks do.
func deliver(items []callback, err error, waiters chan struct{}) {
	if waiters != nil {
		defer close(waiters)
	}
	runAll(items, err)
}

func (w *mutexWorker) Drop(*mutexFence) {}

func (w *mutexWorker) Finish(f *mutexFence, err error) bool { return w.Signal(f, err) }

func (w *mutexWorker) Signaled(f *mutexFence) bool { return f.done.Load() }

func (w *mutexWorker) Hold(*mutexFence) bool { return true }

func (w *mutexWorker) Err(f *mutexFence) error {
	if !f.done.Load() {
		return ErrPending
	}
	return f.err
}

func (w *mutexWorker) Release(*mutexFence) {}

func (w *mutexWorker) Wait(ctx context.Context, f *mutexFence, s Strategy) error {
	if s == Spin {
		if !spinUntil(ctx, f.done.Load) {
			return context.Cause(ctx)
		}
		return f.err
	}
	f.mu.Lock()
	if f.done.Load() {
		f.mu.Unlock()
		return f.err
	}
	if f.waiters == nil {
		f.waiters = make(chan struct{})
	}
	wake := f.waiters
	f.mu.Unlock()
	if parkUntil(ctx, wake) || f.done.Load() {
		return f.err
	}
	return context.Cause(ctx)
}

func (w *mutexWorker) Seqno(f *mutexFence) uint64 { return f.seqno }

func (w *mutexWorker) Close() {}
