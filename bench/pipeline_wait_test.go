package bench

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/fencert/fencert/bench/internal/load"
)

const (
	// pipelineWaiters is how many goroutines of a lane wait, in turn: while one is being woken, the next is parked
	// already.
	pipelineWaiters = 4
	// waiterRecords is how far a waiter may lag behind, in jobs of its own.
	waiterRecords = 16
)

// A pipelineWaiter waits for fences that are armed long before their jobs are sent, so that it is parked by then.
type pipelineWaiter[F comparable, T any] struct {
	w       Worker[F, T]
	queue   chan *waitRecord[F]
	records []waitRecord[F] // used in turn

	// Owns: the waiter's goroutine.
	latency            *load.Latency
	good, early, wrong int
}

// A waitRecord is a fence that somebody waits for.
//
// fence is written by the submitter while nobody else has the record, which is when left is 0. Pairs with: leave.
type waitRecord[F comparable] struct {
	fence    F
	signaled atomic.Int64 // when the device called Signal; 0: it hasn't
	left     atomic.Int32 // of the waiter and the device, those who haven't done with it
}

// leave ends one side's use of the record. Whoever is last drops the fence: by then Signal has returned, and so has
// Wait.
func (r *waitRecord[F]) leave(w interface{ Drop(F) }, f F) {
	// Pairs with: the other side's, and the load in promise, which gives the record away again.
	if r.left.Add(-1) == 0 {
		w.Drop(f)
	}
}

func (v *pipelineWaiter[F, T]) prepare() {
	v.queue = make(chan *waitRecord[F], waiterRecords)
	v.records = make([]waitRecord[F], waiterRecords)
	v.latency = load.NewLatency()
	v.good, v.early, v.wrong = 0, 0, 0
}

// record returns the record of the n-th job that is waited for.
func (l *lane[F, T]) record(n int) *waitRecord[F] {
	v := l.waiters[n%len(l.waiters)]
	return &v.records[n/len(l.waiters)%waiterRecords]
}

// promise arms the fence of the n-th job that is waited for, if there is one, and hands it to its waiter. The waiter's
// queue has room for all its records. A waiter that lags so far behind that its oldest one is still in use holds up the
// submitter, which shows in total.
func (l *lane[F, T]) promise(n int) {
	if n*l.every >= l.jobs {
		return
	}
	r := l.record(n)
	began := int64(0)
	for tries := 1; r.left.Load() != 0; tries++ {
		l.relax(tries, l.looks.device)
		if tries%l.looks.device != 0 {
			continue
		}
		if now := load.Now(); began == 0 {
			began = now
		} else if now-began > int64(l.flow.release) {
			l.stuck = true
			return
		}
	}
	r.fence = l.submitter.Arm()
	r.signaled.Store(0)
	r.left.Store(2) // Owns: nobody but the submitter has the record; the queue publishes it to the one, the ring to the other
	l.waiters[n%len(l.waiters)].queue <- r
}

// run waits for one fence after the other.
func (v *pipelineWaiter[F, T]) run() {
	for r := range v.queue {
		f := r.fence
		err := v.w.Wait(context.Background(), f, Park)
		now := load.Now()
		switch signaled := r.signaled.Load(); {
		case signaled == 0:
			v.early++
		case err != errWoken:
			v.wrong++
		default:
			v.good++
			v.latency.Record(now - signaled)
		}
		r.leave(v.w, f)
	}
}

// checkWaiters tells whether each fence that was promised was waited for, not too short.
func (l *lane[F, T]) checkWaiters() error {
	if l.every == 0 {
		return nil
	}
	good, early, wrong, negative := 0, 0, 0, int64(0)
	for _, v := range l.waiters {
		good, early, wrong = good+v.good, early+v.early, wrong+v.wrong
		negative += v.latency.Negative()
	}
	if want := (l.jobs + l.every - 1) / l.every; good != want || early+wrong > 0 || negative > 0 {
		return fmt.Errorf("%w: of %d waits %d had the result, %d another one, %d returned before the signal",
			errPipeline, want, good, wrong, early+int(negative))
	}
	return nil
}
