package bench

import (
	"context"

	"github.com/fencert/fencert/internal/pad"
)

// A noopLine is a timeline of impl=noop. Each worker writes its own all the time, so they lie apart.
type noopLine struct {
	_     pad.Line
	value uint64
	_     pad.Line
}

type noopLines struct{}

// NewNoopLines returns the world of impl=noop for timelines, which does only the counting that the checks need: a
// callback counts when it is added. It measures the harness.
func NewNoopLines(LineSizes) LineWorld[*noopLine, uint64] { return noopLines{} }

func (noopLines) Close() {}

func (noopLines) NewLine() *noopLine { return new(noopLine) }

func (noopLines) NewWorker(Handler) LineWorker[*noopLine, uint64] { return new(noopLineWorker) }

type noopLineWorker struct{ lineTally }

func (w *noopLineWorker) Value(l *noopLine) uint64 { return l.value }

func (w *noopLineWorker) Advance(l *noopLine, n uint64) bool {
	l.value = n
	return true
}

func (w *noopLineWorker) Polls(l *noopLine, n uint64, times int) (reached int) {
	for range times {
		if l.value >= n {
			reached++
		}
	}
	return reached
}

func (w *noopLineWorker) OnReach(_ *noopLine, _, arg uint64) (uint64, bool) {
	w.run(arg, nil)
	return arg, true
}

func (w *noopLineWorker) Cancel(_ *noopLine, arg uint64) bool {
	w.count--
	w.sum -= arg
	return true
}

func (w *noopLineWorker) Done(*noopLine, uint64) <-chan struct{} { return closedChannel }

func (w *noopLineWorker) Wait(context.Context, *noopLine, uint64) error { return nil }

func (w *noopLineWorker) Flush(*noopLine) {}

func (w *noopLineWorker) Close() {}
