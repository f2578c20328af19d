package bench

import "github.com/fencert/fencert/internal/pad"

// A tally counts callbacks. It is the callback of every worker made without a
// Handler.
//
// Plain: written by whoever runs the worker's callbacks, one goroutine at a time;
// read when all fences are signaled.
type tally struct {
	_     pad.Line
	count uint64
	sum   uint64
	_     pad.Line
}

func (t *tally) run(arg uint64, _ error) {
	t.count++
	t.sum += arg
}

// Ran implements Worker.
func (t *tally) Ran() (count, sum uint64) { return t.count, t.sum }

// handler returns h, or the counting callback when h is nil.
func (t *tally) handler(h Handler) Handler {
	if h != nil {
		return h
	}
	return t.run
}
