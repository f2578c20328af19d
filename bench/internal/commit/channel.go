package commit

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// A channelMark keeps the channels of those who wait in a slice, looks through all of them when it moves, and closes those it
// has reached.
type channelMark struct {
	at      atomic.Uint64 // moves under mu
	mu      sync.Mutex
	err     error           // under mu
	waiting []channelWaiter // under mu
	due     []channelWaiter // of the syncing goroutine: those that it closes, outside the lock
}

type channelWaiter struct {
	position uint64
	done     chan struct{}
}

// Channel is the way of one channel for each wait, closed after the sync.
var Channel = Way{"channel", func(int) (Mark, error) { return new(channelMark), nil }}

func (m *channelMark) Wait(ctx context.Context, position uint64) error {
	m.mu.Lock()
	if m.at.Load() >= position || m.err != nil || ctx.Err() != nil {
		defer m.mu.Unlock()
		return m.answer(ctx, position)
	}
	done := make(chan struct{})
	m.waiting = append(m.waiting, channelWaiter{position, done})
	m.mu.Unlock()
	select {
	case <-done:
	case <-ctx.Done():
	}
	// Pairs with: the Store in Reach, whose sync was before it.
	if m.at.Load() >= position {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.answer(ctx, position)
	if m.at.Load() < position && m.err == nil { // left early: nobody has taken it out
		i := slices.IndexFunc(m.waiting, func(w channelWaiter) bool { return w.done == done })
		last := len(m.waiting) - 1
		m.waiting[i] = m.waiting[last]
		m.waiting[last] = channelWaiter{}
		m.waiting = m.waiting[:last]
	}
	return err
}

// answer is what Wait returns. Under mu.
func (m *channelMark) answer(ctx context.Context, position uint64) error {
	switch {
	case m.at.Load() >= position:
		return nil
	case m.err != nil:
		return m.err
	}
	return context.Cause(ctx)
}

func (m *channelMark) Reach(position uint64) {
	m.mu.Lock()
	m.at.Store(position)
	m.release(func(w channelWaiter) bool { return w.position <= position })
}

func (m *channelMark) Fail(err error) {
	m.mu.Lock()
	m.err = err
	m.release(func(channelWaiter) bool { return true })
}

// release takes out those that are due, unlocks mu, and closes their channels.
func (m *channelMark) release(due func(channelWaiter) bool) {
	m.due = m.due[:0]
	for _, w := range m.waiting {
		if due(w) {
			m.due = append(m.due, w)
		}
	}
	m.waiting = slices.DeleteFunc(m.waiting, due)
	m.mu.Unlock()
	for _, w := range m.due {
		close(w.done)
	}
	clear(m.due)
}

func (*channelMark) Close() {}
