package commit

import (
	"context"
	"errors"

	fencert "github.com/fencert/fencert/runtime"
)

// A timelineMark is a timeline whose value is the position.
type timelineMark struct {
	runtime *fencert.Runtime
	durable *fencert.Timeline
	local   *fencert.Local // of the syncing goroutine
}

// Lockfree is the way of a timeline. A sync takes far longer than waking a goroutine, so waits park at once.
var Lockfree = Way{"lockfree", func(waiters int) (Mark, error) {
	rt, err := fencert.New(fencert.Config{
		Fences:   64, // none is armed
		Points:   1<<10 + 4*waiters,
		Waiters:  64 + waiters,
		Strategy: fencert.Park,
	})
	if err != nil {
		return nil, err
	}
	durable, err := rt.NewTimeline("log", "durable")
	if err != nil {
		return nil, errors.Join(err, rt.Close())
	}
	return &timelineMark{rt, durable, rt.Local()}, nil
}}

func (m *timelineMark) Wait(ctx context.Context, position uint64) error {
	return m.durable.Wait(ctx, position)
}

func (m *timelineMark) Reach(position uint64) { _ = m.local.Advance(m.durable, position) }

func (m *timelineMark) Fail(err error) { _ = m.durable.Close(err) }

func (m *timelineMark) Close() {
	m.local.Close()
	_ = m.runtime.Close() // that it was closed before is all that it can say
}
