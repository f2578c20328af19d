package bench

import (
	"context"
	"errors"
	"sync"
)

// errSignaled is the cause of a context whose fence was signaled without an error:
// a nil cause would read as context.Canceled.
var errSignaled = errors.New("bench: signaled")

// A contextFence is a context whose cancellation is the signal.
//
// context.AfterFunc starts a goroutine per callback, so that they run in any order
// and not on the signaler's goroutine. The rest of the contract costs a lock:
// AfterFunc would run a callback added after the signal, and cancel doesn't tell
// whether it was the first.
type contextFence struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	seqno  uint64

	mu       sync.Mutex
	signaled bool
	running  sync.WaitGroup // Add under mu and while pending only

	order    sync.Mutex // one callback at a time
	panicked any        // guarded by order
}

// A contextTicket is what AfterFunc calls stop.
type contextTicket func() bool

type contextWorld struct{}

// NewContext returns the world of impl=context: context.WithCancelCause for the
// fence and its result, context.AfterFunc for the callbacks.
func NewContext(Sizes) World[*contextFence, contextTicket] { return contextWorld{} }

func (contextWorld) Close() {}

func (contextWorld) NewWorker(h Handler) Worker[*contextFence, contextTicket] {
	w := new(contextWorker)
	w.callback = w.handler(h)
	return w
}

type contextWorker struct {
	tally
	callback Handler
	seqno    uint64
}

func (w *contextWorker) Arm() *contextFence {
	w.seqno++
	f := &contextFence{seqno: w.seqno}
	f.ctx, f.cancel = context.WithCancelCause(context.Background())
	return f
}

// result returns what f was signaled with.
func (f *contextFence) result() error {
	if err := context.Cause(f.ctx); err != errSignaled {
		return err
	}
	return nil
}

// run is one callback, on the goroutine that AfterFunc gave it.
func (f *contextFence) run(h Handler, arg uint64) {
	defer f.running.Done()
	f.order.Lock()
	defer f.order.Unlock()
	defer func() {
		if v := recover(); v != nil && f.panicked == nil {
			f.panicked = v
		}
	}()
	h(arg, f.result())
}

func (w *contextWorker) Add(f *contextFence, arg uint64) (contextTicket, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.signaled {
		return nil, false
	}
	f.running.Add(1)
	h := w.callback
	return context.AfterFunc(f.ctx, func() { f.run(h, arg) }), true
}

func (w *contextWorker) AddMany(f *contextFence, args []uint64) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.signaled {
		return 0
	}
	f.running.Add(len(args))
	h := w.callback
	for _, arg := range args {
		context.AfterFunc(f.ctx, func() { f.run(h, arg) })
	}
	return len(args)
}

func (w *contextWorker) Cancel(f *contextFence, stop contextTicket) bool {
	if !stop() {
		return false
	}
	f.running.Done()
	return true
}

func (w *contextWorker) Signal(f *contextFence, err error) bool {
	f.mu.Lock()
	if f.signaled {
		f.mu.Unlock()
		return false
	}
	f.signaled = true
	f.mu.Unlock()
	if err == nil {
		err = errSignaled
	}
	f.cancel(err)
	f.running.Wait()
	f.order.Lock()
	first := f.panicked
	f.order.Unlock()
	if first != nil {
		panic(first)
	}
	return true
}

func (w *contextWorker) Drop(*contextFence) {}

func (w *contextWorker) Finish(f *contextFence, err error) bool { return w.Signal(f, err) }

func (w *contextWorker) Signaled(f *contextFence) bool { return f.ctx.Err() != nil }

func (w *contextWorker) Hold(*contextFence) bool { return true }

func (w *contextWorker) Err(f *contextFence) error {
	if f.ctx.Err() == nil {
		return ErrPending
	}
	return f.result()
}

func (w *contextWorker) Release(*contextFence) {}

func (w *contextWorker) Wait(ctx context.Context, f *contextFence, _ Strategy) error {
	if w.Signaled(f) {
		return f.result()
	}
	if !parkUntil(ctx, f.ctx.Done()) && !w.Signaled(f) {
		return context.Cause(ctx)
	}
	f.running.Wait()
	return f.result()
}

func (w *contextWorker) Seqno(f *contextFence) uint64 { return f.seqno }

func (w *contextWorker) Close() {}
