package bench

import (
	"context"
	"errors"

	"github.com/fencert/fencert/internal/pad"
	fencert "github.com/fencert/fencert/runtime"
)

// strategies are the runtime's for the suite's.
var strategies = [...]fencert.Strategy{Park: fencert.Park, Spin: fencert.Spin, Adaptive: fencert.SpinThenPark}

// runtimeWorld is a runtime and what to make of it.
type runtimeWorld struct{ rt *fencert.Runtime }

const (
	// magazine is room for the free fences that workers keep to themselves.
	magazine = 512
	// large is from where on a Local keeps as many as it does by default; of less room it keeps a part.
	large = 1 << 12
)

func newRuntimeWorld(s Sizes) runtimeWorld {
	rt, err := fencert.New(fencert.Config{
		Fences:    max(s.Fences+magazine*(s.Workers+2), large),
		Callbacks: min(max(s.Callbacks+magazine*(s.Workers+2), large), fencert.MaxCallbacks),
	})
	if err != nil {
		panic(err)
	}
	return runtimeWorld{rt}
}

// Close implements World. Rows that leave fences pending would be wrong.
func (w runtimeWorld) Close() {
	if err := w.rt.Close(); err != nil {
		panic(err)
	}
}

// runtimeWorker is what both kinds of worker share: what needs no Local.
type runtimeWorker struct {
	tally
	rt      *fencert.Runtime
	ring    *fencert.FenceContext
	handler fencert.Handler
	hold    fencert.Hold // the last one taken; two of one fence are equal
	_       pad.Line     // hold is written in every turn, and who knows what lies behind
}

func (w *runtimeWorker) init(rt *fencert.Runtime, h Handler) {
	run := func(_ *fencert.Local, arg uint64, err error) { h(arg, err) }
	if h == nil {
		run = w.counted
	}
	w.rt = rt
	var err1, err2 error
	w.handler, err1 = rt.Handler(run)
	w.ring, err2 = rt.NewFenceContext("bench", "worker", fencert.SingleIssuer())
	if err := errors.Join(err1, err2); err != nil {
		panic(err)
	}
}

// counted is the counting callback.
func (w *runtimeWorker) counted(_ *fencert.Local, arg uint64, _ error) {
	w.count++
	w.sum += arg
}

func (w *runtimeWorker) Signaled(f fencert.Issuer) bool { return f.Fence().Signaled() }

func (w *runtimeWorker) Err(f fencert.Issuer) error {
	var err error
	if w.hold.Fence() == f.Fence() {
		err = w.hold.Err()
	} else {
		err = f.Fence().Err()
	}
	if err == fencert.ErrPending {
		return ErrPending
	}
	return err
}

func (w *runtimeWorker) Wait(ctx context.Context, f fencert.Issuer, s Strategy) error {
	return f.Fence().WaitWith(ctx, strategies[s])
}

func (w *runtimeWorker) Seqno(f fencert.Issuer) uint64 {
	n, err := f.Fence().Seqno()
	if err != nil {
		panic(err)
	}
	return n
}

// Ref and Fence implement Referrer.
func (w *runtimeWorker) Ref(f fencert.Issuer) uint64 { return uint64(f.Ref()) }

func (w *runtimeWorker) Fence(ref uint64) fencert.Issuer {
	return w.rt.Issuer(fencert.IssuerRef(ref))
}

func exhausted(err error) {
	if errors.Is(err, fencert.ErrExhausted) {
		panic(ErrExhausted)
	}
	panic(err)
}

// lockfreeWorld is the world of impl=lockfree.
type lockfreeWorld struct{ runtimeWorld }

// NewLockfree returns the world of impl=lockfree: the fence runtime, each worker with a Local.
func NewLockfree(s Sizes) World[fencert.Issuer, fencert.Ticket] {
	return lockfreeWorld{newRuntimeWorld(s)}
}

func (w lockfreeWorld) NewWorker(h Handler) Worker[fencert.Issuer, fencert.Ticket] {
	l := &lockfreeWorker{local: w.rt.Local()}
	l.init(w.rt, h)
	return l
}

type lockfreeWorker struct {
	runtimeWorker
	local *fencert.Local
}

func (w *lockfreeWorker) Arm() fencert.Issuer {
	f, err := w.local.NewFence(w.ring)
	if err != nil {
		exhausted(err)
	}
	return f
}

func (w *lockfreeWorker) Add(f fencert.Issuer, arg uint64) (fencert.Ticket, bool) {
	t, err := w.local.OnSignal(f.Fence(), w.handler, arg)
	return t, err == nil
}

func (w *lockfreeWorker) AddMany(f fencert.Issuer, args []uint64) int {
	if w.local.OnSignalMany(f.Fence(), w.handler, args) != nil {
		return 0
	}
	return len(args)
}

func (w *lockfreeWorker) Cancel(_ fencert.Issuer, t fencert.Ticket) bool { return w.local.Cancel(t) }

func (w *lockfreeWorker) Signal(f fencert.Issuer, err error) bool {
	return w.local.Signal(f, err) == nil
}

func (w *lockfreeWorker) Drop(f fencert.Issuer) { _ = w.local.Drop(f) }

func (w *lockfreeWorker) Finish(f fencert.Issuer, err error) bool {
	return w.local.Finish(f, err) == nil
}

func (w *lockfreeWorker) Hold(f fencert.Issuer) bool {
	h, err := w.local.Hold(f.Fence())
	if err != nil {
		return false
	}
	w.hold = h
	return true
}

func (w *lockfreeWorker) Release(fencert.Issuer) { _ = w.local.Release(w.hold) }

func (w *lockfreeWorker) Close() { w.local.Close() }
