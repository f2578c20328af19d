package epoch

import (
	"context"
	"runtime"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// Synchronize waits for a grace period: it returns nil once every read section that was
// open when it was called has ended. Use it instead of Retire where waiting is cheap.
//
// Any goroutine may call it that has no section open in this domain: with one it waits
// for itself until ctx ends (Participant.Synchronize knows better). It runs no reclaim
// function but calls Config.OnStall. It blocks while a section is in the way: spins first, then sleeps up to a
// millisecond at a time. When ctx ends it returns context.Cause(ctx), but a grace period
// that needs no more waiting wins.
func (d *Domain) Synchronize(ctx context.Context) error {
	// Pairs with: the CAS in advance. As in Retire: after the unlink (I3).
	at := d.global.Load()
	target := at + d.grace
	for w := (waiter{}); ; {
		e, blocked := d.advance()
		if e >= target {
			return nil
		}
		if blocked {
			d.lookForStalls()
		}
		if e == at { // a reader is in the way
			if err := w.wait(ctx); err != nil {
				return err
			}
		}
		at = e
	}
}

// Synchronize is Domain.Synchronize for the owner of p. ErrPinned: p has a section open,
// for which it would wait forever.
func (p *Participant) Synchronize(ctx context.Context) error {
	switch {
	case p.s == nil:
		return ErrUnregistered
	case p.depth > 0:
		return ErrPinned
	}
	return p.d.Synchronize(ctx)
}

// Barrier waits until all that p has retired before is reclaimed; it runs the reclaim
// functions itself, and those of participants which have unregistered where it finds
// them due.
//
// Only the owner may call it. It blocks as Synchronize does. ErrPinned as there;
// ErrInReclaim in a reclaim function that p runs. When ctx ends it returns
// context.Cause(ctx), and what is left stays retired; so it does when a panic of a
// reclaim function comes out.
func (p *Participant) Barrier(ctx context.Context) error {
	switch {
	case p.s == nil:
		return ErrUnregistered
	case p.depth > 0:
		return ErrPinned
	case p.collecting:
		return ErrInReclaim
	}
	s := p.s
	until := s.tail.Get()
	defer s.settle()
	for w := (waiter{}); ; {
		at := p.d.global.Load()
		p.Collect()
		if s.head.Get() >= until {
			return nil
		}
		if p.d.global.Load() != at {
			continue
		}
		if err := w.wait(ctx); err != nil { // a reader is in the way
			return err
		}
	}
}

// A waiter spaces the tries of one that waits for readers. They don't know that they
// are waited for, since telling them would cost each Unpin a load; so it polls.
type waiter struct {
	tries int
	timer *time.Timer
}

const (
	spins     = 64                    // tries with a pause: a section is short
	yields    = 128                   // then tries with runtime.Gosched
	firstNap  = 20 * time.Microsecond // then with sleeps that double
	longNap   = time.Millisecond
	spinPause = 8
)

// wait returns after a while, or with the cause when ctx has ended.
func (w *waiter) wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	w.tries++
	switch {
	case atomicx.Exploring || w.tries <= spins:
		atomicx.Pause(spinPause)
		return nil
	case w.tries <= yields:
		runtime.Gosched()
		return nil
	}
	nap := min(longNap, firstNap<<min(w.tries-yields, 8))
	if w.timer == nil {
		w.timer = time.NewTimer(nap)
	} else {
		w.timer.Reset(nap)
	}
	select {
	case <-w.timer.C:
		return nil
	case <-ctx.Done():
		w.timer.Stop()
		return context.Cause(ctx)
	}
}
