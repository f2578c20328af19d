package bench

import (
	fencert "github.com/fencert/fencert/runtime"
)

// implicitWorld is the world of impl=implicit.
type implicitWorld struct{ runtimeWorld }

// NewImplicit returns the world of impl=implicit: the fence runtime through the calls that need no Local.
func NewImplicit(s Sizes) World[fencert.Issuer, fencert.Ticket] {
	return implicitWorld{newRuntimeWorld(s)}
}

func (w implicitWorld) NewWorker(h Handler) Worker[fencert.Issuer, fencert.Ticket] {
	i := new(implicitWorker)
	i.init(w.rt, h)
	return i
}

type implicitWorker struct {
	runtimeWorker
}

func (w *implicitWorker) Arm() fencert.Issuer {
	f, err := w.rt.NewFence(w.ring)
	if err != nil {
		exhausted(err)
	}
	return f
}

func (w *implicitWorker) Add(f fencert.Issuer, arg uint64) (fencert.Ticket, bool) {
	t, err := w.rt.OnSignal(f.Fence(), w.handler, arg)
	return t, err == nil
}

func (w *implicitWorker) AddMany(f fencert.Issuer, args []uint64) int {
	if w.rt.OnSignalMany(f.Fence(), w.handler, args) != nil {
		return 0
	}
	return len(args)
}

func (w *implicitWorker) Cancel(_ fencert.Issuer, t fencert.Ticket) bool { return w.rt.Cancel(t) }

func (w *implicitWorker) Signal(f fencert.Issuer, err error) bool {
	return w.rt.Signal(f, err) == nil
}

func (w *implicitWorker) Drop(f fencert.Issuer) { _ = w.rt.Drop(f) }

func (w *implicitWorker) Finish(f fencert.Issuer, err error) bool {
	return w.rt.Finish(f, err) == nil
}

func (w *implicitWorker) Hold(f fencert.Issuer) bool {
	h, err := w.rt.Hold(f.Fence())
	if err != nil {
		return false
	}
	w.hold = h
	return true
}

func (w *implicitWorker) Release(fencert.Issuer) { _ = w.rt.Release(w.hold) }

func (w *implicitWorker) Close() {}
