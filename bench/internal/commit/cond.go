package commit

import (
	"context"
	"sync"
)

// A condMark wakes everybody whenever it moves; each looks whether it has come far enough.
type condMark struct {
	mu    sync.Mutex
	moved sync.Cond // on mu
	at    uint64
	err   error
}

// Cond is the way of one sync.Cond and its Broadcast.
var Cond = Way{"cond", func(int) (Mark, error) {
	m := new(condMark)
	m.moved.L = &m.mu
	return m, nil
}}

func (m *condMark) Wait(ctx context.Context, position uint64) error {
	if ctx.Done() != nil {
		// Under the lock, so that it doesn't come between the look at ctx and the sleep.
		defer context.AfterFunc(ctx, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.moved.Broadcast()
		})()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.at < position {
		if m.err != nil {
			return m.err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		m.moved.Wait()
	}
	return nil
}

func (m *condMark) Reach(position uint64) {
	m.mu.Lock()
	m.at = position
	m.mu.Unlock()
	m.moved.Broadcast()
}

func (m *condMark) Fail(err error) {
	m.mu.Lock()
	m.err = err
	m.mu.Unlock()
	m.moved.Broadcast()
}

func (*condMark) Close() {}
