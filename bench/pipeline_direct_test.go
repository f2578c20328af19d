package bench

import "context"

// A directFence is no fence: it carries a callback from one goroutine to another. With it the pipeline measures itself.
type directFence struct {
	run Handler
	arg uint64
}

// directSubject is impl=noop of BenchmarkPipeline.
var directSubject = subject[*directFence, uint64]{"noop", Capability{}, newDirect}

type directWorld struct{ each int }

func newDirect(s Sizes) World[*directFence, uint64] {
	return directWorld{s.Fences}
}

func (directWorld) Close() {}

func (w directWorld) NewWorker(h Handler) Worker[*directFence, uint64] {
	return &directWorker{h: h, fences: make([]directFence, w.each)}
}

// A directWorker goes round its fences, of which there are more than can be in the ring.
type directWorker struct {
	Worker[*directFence, uint64] // nil: what the pipeline doesn't call without waiters
	h                            Handler
	fences                       []directFence
	next                         int
}

func (w *directWorker) Arm() *directFence {
	f := &w.fences[w.next]
	w.next = (w.next + 1) % len(w.fences)
	return f
}

func (w *directWorker) Add(f *directFence, arg uint64) (uint64, bool) {
	f.run, f.arg = w.h, arg
	return arg, true
}

func (w *directWorker) Finish(f *directFence, err error) bool {
	f.run(f.arg, err)
	return true
}

func (w *directWorker) Wait(context.Context, *directFence, Strategy) error { return ErrUnsupported }

func (w *directWorker) Close() {}
