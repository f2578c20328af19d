package bench

import "context"

type noopWorld struct{}

// NewNoop returns the world of impl=noop, which does only the counting that the
// checks need: a callback counts when it is added. It measures the harness.
func NewNoop(Sizes) World[uint64, uint64] { return noopWorld{} }

func (noopWorld) Close() {}

func (noopWorld) NewWorker(Handler) Worker[uint64, uint64] { return new(noopWorker) }

type noopWorker struct {
	tally
	seqno uint64
	err   error
}

func (w *noopWorker) Arm() uint64 {
	w.seqno++
	return w.seqno
}

func (w *noopWorker) Add(_, arg uint64) (uint64, bool) {
	w.run(arg, nil)
	return arg, true
}

func (w *noopWorker) AddMany(_ uint64, args []uint64) int {
	for _, arg := range args {
		w.run(arg, nil)
	}
	return len(args)
}

func (w *noopWorker) Cancel(_, arg uint64) bool {
	w.count--
	w.sum -= arg
	return true
}

func (w *noopWorker) Signal(_ uint64, err error) bool {
	w.err = err
	return true
}

func (w *noopWorker) Drop(uint64) {}

func (w *noopWorker) Finish(_ uint64, err error) bool {
	w.err = err
	return true
}

func (w *noopWorker) Signaled(f uint64) bool { return f == 0 }

func (w *noopWorker) Hold(uint64) bool { return true }

func (w *noopWorker) Err(uint64) error { return w.err }

func (w *noopWorker) Release(uint64) {}

func (w *noopWorker) Wait(context.Context, uint64, Strategy) error { return w.err }

func (w *noopWorker) Seqno(f uint64) uint64 { return f }

func (w *noopWorker) Close() {}
