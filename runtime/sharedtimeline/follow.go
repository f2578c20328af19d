package sharedtimeline

import (
	"context"
	"errors"
	"sync"

	fencert "github.com/fencert/fencert/runtime"
)

// A Follower is a goroutine that keeps a local timeline at the value of a shared one.
//
// Make one with Mapping.Follow, and Stop it or close the Mapping; the zero Follower is not usable, and it must not be copied. Any
// goroutine may call any method.
type Follower struct {
	m      *Mapping
	t      *fencert.Timeline
	cancel context.CancelFunc
	ended  chan struct{} // closed when the goroutine has ended
	once   sync.Once
	err    error // set before ended is closed
}

// errStopped ends the wait of a follower that was stopped.
var errStopped = errors.New("sharedtimeline: the follower was stopped")

// Follow advances t whenever the shared value moves, on a goroutine of its own: callbacks, waits and channels of t's points are this
// process's own, and come as those of any timeline, in the order of the points. Callbacks run on that goroutine, so one that blocks
// holds up all. t's value has been raised to the shared one when Follow returns. Nobody else should advance it.
//
// Until Follower.Stop it takes a goroutine and, while it is parked, a thread; how it waits is the strategy's. When the
// Mapping is closed or the file turns out damaged, t is closed with that error, so nobody waits for what can't come. When t is closed by
// somebody else, the follower ends.
//
// Not in a callback or a signaling section. It allocates. Errors: ErrClosed; what ended the Mapping; fencert.ErrClosed and others of
// t's Advance; fencert.ErrConfig for a strategy that doesn't exist.
func (m *Mapping) Follow(t *fencert.Timeline, s fencert.Strategy) (*Follower, error) {
	if s > fencert.Spin {
		return nil, fencert.ErrConfig
	}
	v, err := m.Value()
	if err != nil {
		return nil, err
	}
	if err := t.Advance(v); err != nil && !errors.Is(err, fencert.ErrSignaled) {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	f := &Follower{m: m, t: t, cancel: func() { cancel(errStopped) }, ended: make(chan struct{})}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed.Load() { // Close looks at followers after it has set it
		f.cancel()
		return nil, ErrClosed
	}
	m.followers[f] = struct{}{}
	go f.run(ctx, v, s)
	return f, nil
}

// run follows, from the value v on.
func (f *Follower) run(ctx context.Context, v uint64, s fencert.Strategy) {
	err := error(errStopped)
	defer func() { // also when a callback panics or exits
		f.cancel()
		f.m.mu.Lock()
		delete(f.m.followers, f)
		f.m.mu.Unlock()
		f.err = err
		close(f.ended)
	}()
	for {
		if v == fencert.MaxPoint { // it can't move any more
			<-ctx.Done()
			return
		}
		if err = f.m.WaitWith(ctx, v+1, s); err != nil {
			break
		}
		v, _ = f.m.Value() // an error is found by the next wait, and v is good all the same
		if err = f.t.Advance(v); err != nil && !errors.Is(err, fencert.ErrSignaled) {
			return // it was closed
		}
	}
	if err != errStopped {
		_ = f.t.Close(err)
	}
}

// Stop ends following, and returns when the goroutine has ended: t stays open, at the value that it has. Again: it does nothing. Not in a
// callback of t: it waits for itself. It blocks for as long as callbacks take.
func (f *Follower) Stop() {
	f.once.Do(f.cancel)
	<-f.ended
}

// Err is why the follower has ended: nil while it runs and after Stop. It doesn't block.
func (f *Follower) Err() error {
	select {
	case <-f.ended:
	default:
		return nil
	}
	if f.err == errStopped {
		return nil
	}
	return f.err
}
