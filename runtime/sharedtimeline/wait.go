package sharedtimeline

import (
	"context"
	"fmt"
	"runtime"
	"time"

	fencert "github.com/fencert/fencert/runtime"

	"github.com/fencert/fencert/internal/atomicx"
)

const (
	again      = 50 * time.Millisecond // the longest sleep before a look (H4)
	looks      = 800                   // of SpinThenPark before it sleeps
	spinPauses = 1                     // PAUSE instructions between two looks
	spinYield  = 256                   // looks between two yields to other goroutines
	spinAside  = 1 << 12               // looks, some 100 us, between two offers of the processor to other processes
	spinCheck  = 1 << 14               // looks between two looks at the file itself
	firstPause = 20 * time.Microsecond // of who can't be woken
	lastPause  = time.Millisecond
)

// alone: while this process looks, no other one runs.
var alone = runtime.NumCPU() == 1

// Wait is WaitWith and fencert.SpinThenPark.
func (m *Mapping) Wait(ctx context.Context, n uint64) error {
	return m.WaitWith(ctx, n, fencert.SpinThenPark)
}

// WaitWith returns nil once the value is n or more. Where ctx ends first, it returns context.Cause(ctx); a point that is reached wins.
//
// Any goroutine may call it; not in a callback or a signaling section. It blocks. Spinning costs a processor. Who parks takes a
// thread of this process for as long: for more than a few, Follow, which takes one for all. Read-only Mappings can't be woken:
// they look, with pauses of up to a millisecond. When a writer dies between a value and its wake-ups, who is parked notices within 50 ms,
// or when the next writer comes. Allocates for a context that can end, when it parks.
//
// Errors: fencert.ErrRange; ErrTruncated, ErrCorrupt, ErrBackwards, which may take 50 ms; ErrClosed. A nil ctx panics with
// fencert.ErrNilContext.
func (m *Mapping) WaitWith(ctx context.Context, n uint64, s fencert.Strategy) error {
	if ctx == nil {
		panic(fencert.ErrNilContext)
	}
	switch {
	case n > fencert.MaxPoint:
		return fencert.ErrRange
	case s > fencert.Spin:
		return fmt.Errorf("%w: unknown Strategy %d", fencert.ErrConfig, s)
	case m.line.seen.Load() >= n:
		return nil
	}
	err := m.guard(func() error { return m.wait(ctx, n, s) })
	runtime.KeepAlive(m)
	return err
}

func (m *Mapping) wait(ctx context.Context, n uint64, s fencert.Strategy) error {
	if s == fencert.Spin || s == fencert.SpinThenPark && !alone {
		if done, err := m.spin(ctx, n, s); done {
			return err
		}
	}
	if m.readOnly {
		return m.poll(ctx, n)
	}
	if ctx.Done() != nil {
		// Wakes all, of whom one was meant: it is seldom, and nobody else can tell.
		stop := context.AfterFunc(ctx, func() { _ = m.touch(m.line.rouse) })
		defer stop()
	}
	return m.park(ctx, n)
}

// reached looks; done says that the wait is over. Signaled wins.
func (m *Mapping) reached(ctx context.Context, n uint64) (done bool, err error) {
	v, err := m.line.look()
	switch {
	case v >= n:
		return true, nil
	case err != nil:
		return true, err
	case m.closed.Load():
		return true, ErrClosed
	case ctx.Err() != nil:
		return true, context.Cause(ctx)
	}
	return false, nil
}

// spin looks until the point is reached or, for SpinThenPark, often enough.
func (m *Mapping) spin(ctx context.Context, n uint64, s fencert.Strategy) (done bool, err error) {
	for k := 1; s == fencert.Spin || k <= looks; k++ {
		if m.line.h.value.Load() >= n { // checked below
			return m.reached(ctx, n)
		}
		atomicx.Pause(spinPauses)
		if k%spinYield != 0 {
			continue
		}
		if k%spinCheck == 0 {
			if err := m.check(); err != nil && m.line.seen.Load() < n {
				return true, err
			}
		}
		if done, err := m.reached(ctx, n); done {
			return true, err
		}
		if k%spinAside == 0 { // whom this waits for may be queued behind it
			stepAside()
		}
		runtime.Gosched()
	}
	return false, nil
}

// park sleeps until the point is reached (H2).
func (m *Mapping) park(ctx context.Context, n uint64) error {
	for {
		if v, _ := m.line.look(); v >= n {
			return nil
		}
		turn := m.line.prepare(n)
		// Between the wish and the sleep. Pairs with: the CAS in raise.
		if done, err := m.reached(ctx, n); done {
			return err
		}
		late, err := m.line.os.sleep(&m.line.h.turn, turn, again)
		if err != nil {
			return m.line.fail(fmt.Errorf("%w: sleeping: %w", ErrTruncated, err))
		}
		if late {
			if err := m.check(); err != nil && m.line.seen.Load() < n {
				return err
			}
		}
	}
}

// poll looks with growing pauses until the point is reached, for who can't write a wish.
func (m *Mapping) poll(ctx context.Context, n uint64) error {
	timer := time.NewTimer(firstPause)
	defer timer.Stop()
	checked := time.Now()
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if done, err := m.reached(ctx, n); done {
			return err
		}
		if now := time.Now(); now.Sub(checked) >= again {
			if err := m.check(); err != nil && m.line.seen.Load() < n {
				return err
			}
			checked = now
		}
		timer.Reset(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
}
