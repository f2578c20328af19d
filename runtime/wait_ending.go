package fencert

import (
	"context"
	"runtime"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// An ending is what may end a wait before the fence does.
type ending struct {
	ctx      context.Context // nil: none
	limited  bool            // there is a deadline
	deadline time.Time
	expired  chan time.Time // an exploration's clock: closed when the deadline has passed
}

// can tells whether anything ends the wait.
func (e *ending) can() bool { return e.limited || e.ctx != nil && e.ctx.Done() != nil }

// canceled is the channel of the context, nil when there is none.
func (e *ending) canceled() <-chan struct{} {
	if e.ctx == nil {
		return nil
	}
	return e.ctx.Done()
}

// over tells whether the wait is to end.
func (e *ending) over() bool {
	if e.ctx != nil && e.ctx.Err() != nil {
		return true
	}
	if atomicx.Exploring && e.expired != nil {
		select {
		case <-e.expired:
			return true
		default:
			return false
		}
	}
	return e.limited && !time.Now().Before(e.deadline)
}

// cause is the error of a wait that was over.
func (e *ending) cause() error {
	if e.limited {
		return ErrTimeout
	}
	return context.Cause(e.ctx)
}

// left is how long until the deadline, but at most pause where that isn't 0. ok is false when there is neither.
func (e *ending) left(pause time.Duration) (d time.Duration, ok bool) {
	if !e.limited {
		return pause, pause != 0
	}
	d = time.Until(e.deadline)
	if pause != 0 && pause < d {
		d = pause
	}
	return d, true
}

// set starts a timer, which may be nil, for the deadline or the pause. It returns nil when there is neither. A tick may come
// early: who waits for one looks at the clock again.
func (e *ending) set(timer **time.Timer, pause time.Duration) <-chan time.Time {
	if atomicx.Exploring && e.expired != nil {
		return e.expired
	}
	d, ok := e.left(pause)
	switch {
	case !ok:
		return nil
	case *timer == nil:
		*timer = time.NewTimer(d)
	default:
		(*timer).Reset(d)
	}
	return (*timer).C
}

// The pauses of a wait that can only poll.
const (
	firstPause = 10 * time.Microsecond
	lastPause  = time.Millisecond
)

// A poller sleeps between two looks, each time longer. The zero poller is ready; stop it in the end.
type poller struct {
	timer  *time.Timer
	last   time.Duration
	yields int // so far
}

// pollYields is how often a poller yields before it sleeps: most callbacks are short.
const pollYields = 32

// pause is how long to sleep next.
func (p *poller) pause() time.Duration {
	p.last = min(max(2*p.last, firstPause), lastPause)
	return p.last
}

// sleep returns after a pause, or earlier when the ending comes.
func (p *poller) sleep(e *ending) {
	if atomicx.Exploring { // there is no time there
		atomicx.Pause(spinPauses)
		return
	}
	if p.yields++; p.yields <= pollYields {
		runtime.Gosched()
		return
	}
	select {
	case <-e.set(&p.timer, p.pause()):
	case <-e.canceled():
	}
}

func (p *poller) stop() {
	if p.timer != nil {
		p.timer.Stop()
	}
}
