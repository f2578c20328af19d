package bench

import (
	"context"
	"errors"

	"github.com/fencert/fencert/internal/pad"
	fencert "github.com/fencert/fencert/runtime"
)

// pointMagazine is the most free callbacks on points that a Local keeps to itself.
const pointMagazine = 1 << 13

// lockfreeLines is the world of impl=lockfree for timelines.
type lockfreeLines struct{ rt *fencert.Runtime }

// NewLockfreeLines returns the world of impl=lockfree for timelines: the fence runtime, each worker with a Local.
func NewLockfreeLines(s LineSizes) LineWorld[*fencert.Timeline, fencert.Ticket] {
	rt, err := fencert.New(fencert.Config{
		Fences:  large,
		Points:  min(s.Lines*s.Pending+(s.Workers+2)*pointMagazine, fencert.MaxCallbacks),
		Waiters: min(max(s.Waits, large), fencert.MaxWaiters),
	})
	if err != nil {
		panic(err)
	}
	return lockfreeLines{rt}
}

// Close implements LineWorld. Rows that leave callbacks pending would be wrong.
func (w lockfreeLines) Close() {
	if err := w.rt.Close(); err != nil {
		panic(err)
	}
}

func (w lockfreeLines) NewLine() *fencert.Timeline {
	t, err := w.rt.NewTimeline("bench", "line")
	if err != nil {
		panic(err)
	}
	return t
}

func (w lockfreeLines) NewWorker(h Handler) LineWorker[*fencert.Timeline, fencert.Ticket] {
	l := &lockfreeLineWorker{local: w.rt.Local()}
	run := func(_ *fencert.Local, arg uint64, err error) { h(arg, err) }
	if h == nil {
		run = l.counted
	}
	var err error
	if l.handler, err = w.rt.Handler(run); err != nil {
		panic(err)
	}
	return l
}

type lockfreeLineWorker struct {
	lineTally
	local   *fencert.Local
	handler fencert.Handler
	_       pad.Line
}

// counted is the counting callback.
func (w *lockfreeLineWorker) counted(_ *fencert.Local, arg uint64, err error) { w.run(arg, err) }

func (w *lockfreeLineWorker) Value(l *fencert.Timeline) uint64 { return l.Value() }

func (w *lockfreeLineWorker) Advance(l *fencert.Timeline, n uint64) bool {
	return w.local.Advance(l, n) == nil
}

func (w *lockfreeLineWorker) Polls(l *fencert.Timeline, n uint64, times int) (reached int) {
	f := l.At(n)
	for range times {
		if f.Signaled() {
			reached++
		}
	}
	return reached
}

func (w *lockfreeLineWorker) OnReach(l *fencert.Timeline, n, arg uint64) (fencert.Ticket, bool) {
	t, err := w.local.OnSignal(l.At(n), w.handler, arg)
	if err != nil && !errors.Is(err, fencert.ErrSignaled) {
		exhausted(err)
	}
	return t, err == nil
}

func (w *lockfreeLineWorker) Cancel(_ *fencert.Timeline, t fencert.Ticket) bool {
	return w.local.Cancel(t)
}

func (w *lockfreeLineWorker) Done(l *fencert.Timeline, n uint64) <-chan struct{} {
	return w.local.Done(l.At(n))
}

func (w *lockfreeLineWorker) Wait(ctx context.Context, l *fencert.Timeline, n uint64) error {
	return l.Wait(ctx, n)
}

func (w *lockfreeLineWorker) Flush(l *fencert.Timeline) {
	if err := l.Flush(context.Background()); err != nil {
		panic(err)
	}
}

func (w *lockfreeLineWorker) Close() { w.local.Close() }
