package bench

import (
	"context"
	"sync"
)

// A channelFence is signaled by closing done.
//
// A channel runs nothing, so somebody has to wait for it on behalf of the
// callbacks. What is usually written, a goroutine per callback, keeps no order and
// costs a goroutine each; here the first add starts one delivery goroutine for
// the fence. A fence without callbacks has none.
type channelFence struct {
	done      chan struct{}
	mu        sync.Mutex
	signaled  bool
	seqno     uint64
	err       error // Plain: written before done is closed, read after it
	callbacks callbackList
	delivery  *delivery // made by the first add
}

// A delivery is what the signaler and the waiters know of the delivery goroutine.
type delivery struct {
	finished chan struct{} // closed when every callback has run
	panicked any           // Plain: written before finished is closed; nil: none did
}

type channelWorld struct{}

// NewChannel returns the world of impl=channel: fences whose waiters receive from
// a channel that the signaler closes. A fence with callbacks that is never
// signaled leaks its delivery goroutine; that is the price of the kind.
func NewChannel(Sizes) World[*channelFence, uint64] { return channelWorld{} }

func (channelWorld) Close() {}

func (channelWorld) NewWorker(h Handler) Worker[*channelFence, uint64] {
	w := new(channelWorker)
	w.callback = w.handler(h)
	return w
}

type channelWorker struct {
	tally
	callback Handler
	seqno    uint64
}

func (w *channelWorker) Arm() *channelFence {
	w.seqno++
	return &channelFence{done: make(chan struct{}), seqno: w.seqno}
}

// attend starts the delivery goroutine. The fence is locked.
func (f *channelFence) attend() {
	if f.delivery == nil {
		f.delivery = &delivery{finished: make(chan struct{})}
		go f.deliver()
	}
}

func (f *channelFence) deliver() {
	<-f.done
	d := f.delivery
	defer close(d.finished)
	defer func() { d.panicked = recover() }()
	runAll(f.callbacks.items, f.err)
}

func (w *channelWorker) Add(f *channelFence, arg uint64) (uint64, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.signaled {
		return 0, false
	}
	f.attend()
	return f.callbacks.add(w.callback, arg), true
}

func (w *channelWorker) AddMany(f *channelFence, args []uint64) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.signaled {
		return 0
	}
	f.attend()
	f.callbacks.addMany(w.callback, args)
	return len(args)
}

func (w *channelWorker) Cancel(f *channelFence, id uint64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.signaled && f.callbacks.cancel(id)
}

func (w *channelWorker) Signal(f *channelFence, err error) bool {
	f.mu.Lock()
	if f.signaled {
		f.mu.Unlock()
		return false
	}
	f.signaled = true
	f.err = err
	d := f.delivery
	f.mu.Unlock()
	close(f.done)
	if d != nil {
		<-d.finished
		if d.panicked != nil {
			panic(d.panicked)
		}
	}
	return true
}

func (w *channelWorker) Drop(*channelFence) {}

func (w *channelWorker) Finish(f *channelFence, err error) bool { return w.Signal(f, err) }

func (w *channelWorker) Signaled(f *channelFence) bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

func (w *channelWorker) Hold(*channelFence) bool { return true }

func (w *channelWorker) Err(f *channelFence) error {
	if !w.Signaled(f) {
		return ErrPending
	}
	return f.err
}

func (w *channelWorker) Release(*channelFence) {}

func (w *channelWorker) Wait(ctx context.Context, f *channelFence, _ Strategy) error {
	if w.Signaled(f) {
		return f.err
	}
	if !parkUntil(ctx, f.done) && !w.Signaled(f) {
		return context.Cause(ctx)
	}
	f.mu.Lock()
	d := f.delivery
	f.mu.Unlock()
	if d != nil {
		<-d.finished
	}
	return f.err
}

func (w *channelWorker) Seqno(f *channelFence) uint64 { return f.seqno }

func (w *channelWorker) Close() {}
