package bench

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/fencert/fencert/internal/pad"
)

// A condLine is a timeline of impl=cond: a value and a condition variable that wakes all who wait, whatever for.
type condLine struct {
	_       pad.Line
	value   atomic.Uint64
	waiters atomic.Int64
	_       pad.Line
	mu      sync.Mutex
	changed sync.Cond
}

type condLines struct{}

// NewCond returns the world of impl=cond: waits alone, and each Advance wakes all of them. Advance takes the lock only
// when somebody waits.
func NewCond(LineSizes) LineWorld[*condLine, struct{}] { return condLines{} }

func (condLines) Close() {}

func (condLines) NewLine() *condLine {
	l := new(condLine)
	l.changed.L = &l.mu
	return l
}

func (condLines) NewWorker(Handler) LineWorker[*condLine, struct{}] { return new(condLineWorker) }

// broadcast wakes all. Who was about to wait has looked at the value, in the lock, or sleeps when the lock is had.
func (l *condLine) broadcast() {
	l.mu.Lock()
	//lint:ignore SA2001 to have had the lock is the purpose
	l.mu.Unlock()
	l.changed.Broadcast()
}

type condLineWorker struct{ lineTally }

func (w *condLineWorker) Value(l *condLine) uint64 { return l.value.Load() }

func (w *condLineWorker) Advance(l *condLine, n uint64) bool {
	for {
		value := l.value.Load()
		if value >= n {
			return false
		}
		// Publishes: the value. Pairs with: Wait, which counts itself and then looks: one sees the other.
		// ABA: the value only rises. Progress: a failed CAS means that another Advance succeeded.
		if l.value.CompareAndSwap(value, n) {
			break
		}
	}
	if l.waiters.Load() > 0 {
		l.broadcast()
	}
	return true
}

func (w *condLineWorker) Polls(l *condLine, n uint64, times int) (reached int) {
	for range times {
		if l.value.Load() >= n {
			reached++
		}
	}
	return reached
}

func (w *condLineWorker) Wait(ctx context.Context, l *condLine, n uint64) error {
	if l.value.Load() >= n {
		return nil
	}
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, l.broadcast)()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiters.Add(1)
	defer l.waiters.Add(-1)
	for l.value.Load() < n {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		l.changed.Wait()
	}
	return nil
}

// OnReach, Cancel and Done aren't there; LineCapability says so.
func (w *condLineWorker) OnReach(*condLine, uint64, uint64) (struct{}, bool) { panic(ErrUnsupported) }
func (w *condLineWorker) Cancel(*condLine, struct{}) bool                    { panic(ErrUnsupported) }
func (w *condLineWorker) Done(*condLine, uint64) <-chan struct{}             { panic(ErrUnsupported) }

func (w *condLineWorker) Flush(*condLine) {}

func (w *condLineWorker) Close() {}
