package fencert

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// A Polling is how Source.Follow waits between two looks at the word. As long as the word stands still it spins, then
// yields, then sleeps, each time longer; once it has moved, it begins anew. A field that is zero takes its default.
type Polling struct {
	// Spins is how many looks follow each other with some PAUSE instructions in between, by default 256, none below 0 or with one
	// processor. They keep a processor busy, for some ten microseconds by default.
	Spins int
	// Yields is how many looks come after these, with a yield to other goroutines in between, by default 32, none below 0.
	Yields int
	// FirstPause and LastPause are the shortest and the longest sleep, by default 20 us and 1 ms. It doubles from the one to the
	// other. Timers may take longer than they are asked to.
	FirstPause, LastPause time.Duration
	// OnReject, when set, is told of each value that was ignored, as it was in the word, and why; while the same value is in the
	// word, once. It is called on the goroutine that follows, as a callback is, and may call all that callbacks may.
	OnReject func(raw uint64, err error)
}

func (p Polling) withDefaults() (Polling, error) {
	for _, f := range []struct {
		value    *int
		fallback int
	}{{&p.Spins, 256}, {&p.Yields, 32}} {
		if *f.value == 0 {
			*f.value = f.fallback
		}
		*f.value = max(*f.value, 0)
	}
	if p.FirstPause == 0 {
		p.FirstPause = 20 * time.Microsecond
		if p.LastPause > 0 {
			p.FirstPause = min(p.FirstPause, p.LastPause)
		}
	}
	if p.LastPause == 0 {
		p.LastPause = max(time.Millisecond, p.FirstPause)
	}
	if p.FirstPause < 0 || p.LastPause < p.FirstPause {
		return p, fmt.Errorf("%w: pauses from %v to %v", ErrConfig, p.FirstPause, p.LastPause)
	}
	if processors() == 1 {
		p.Spins = 0
	}
	return p, nil
}

// Follow syncs until ctx ends, at least once, and then returns context.Cause(ctx); or until the timeline is closed, and
// then returns the cause of that. Callbacks run on this goroutine, on a Local that Follow has for as long. Values that are
// ignored are counted and told to p.OnReject, and it goes on.
//
// Not in callbacks. Blocks. It allocates when it begins. Errors: also ErrConfig, for pauses that are negative or fall. A
// nil ctx panics with ErrNilContext.
func (s *Source) Follow(ctx context.Context, p Polling) error {
	if debugging {
		debugBlocking("Source.Follow")
	}
	if ctx == nil {
		panic(ErrNilContext)
	}
	p, err := p.withDefaults()
	if err != nil {
		return err
	}
	return s.follow(ctx, s.timeline.runtime.Local(), p)
}

// follow is Follow on a Local, which it closes.
func (s *Source) follow(ctx context.Context, l *Local, p Polling) error {
	defer l.Close()
	f := follower{Polling: p, e: ending{ctx: ctx}}
	defer f.stop()
	for {
		moved, err := l.Sync(s)
		switch {
		case moved:
			f.idle = 0
		case err == nil:
		case err == ErrSourceBack || err == ErrSourceAhead:
			f.reject(s.last.Load(), err)
		default:
			return err
		}
		if err == nil {
			f.told = nil
		}
		if f.e.over() {
			return context.Cause(ctx)
		}
		f.wait()
	}
}

// errStopped is the cause with which stop of Start ends Follow.
var errStopped = errors.New("fencert: stopped")

// Start has a goroutine Follow. stop ends that, and returns when it has ended: nil, or the cause of Close of the timeline where
// this has ended it before. It may be called several times, by any goroutine; not in a callback that runs on the goroutine that
// it waits for, nor in p.OnReject. A panic of a callback that goes on ends the program, as on any goroutine: see Config.OnPanic.
//
// Errors: ErrConfig, as for Follow; stop is nil then.
func (s *Source) Start(p Polling) (stop func() error, err error) {
	if p, err = p.withDefaults(); err != nil {
		return nil, err
	}
	l := s.timeline.runtime.Local()
	ctx, cancel := context.WithCancelCause(context.Background())
	ended := make(chan struct{})
	var result error
	go func() {
		defer close(ended)
		if result = s.follow(ctx, l, p); result == errStopped {
			result = nil
		}
	}()
	return func() error {
		if debugging {
			debugBlocking("stop of Source.Start")
		}
		cancel(errStopped)
		<-ended
		return result
	}, nil
}

// A follower is a Follow under way.
type follower struct {
	Polling
	e     ending
	timer *time.Timer
	idle  int // looks since the word moved
	last  time.Duration
	told  error // what OnReject was told last, unless a look has found nothing wrong since
	raw   uint64
}

// reject tells of a value, unless it was the last one that was told of.
func (f *follower) reject(raw uint64, err error) {
	if f.OnReject == nil || f.told == err && f.raw == raw {
		return
	}
	f.told, f.raw = err, raw
	f.OnReject(raw, err)
}

// wait returns before the next look.
func (f *follower) wait() {
	switch pause := f.pause(); {
	case atomicx.Exploring || f.idle <= f.Spins:
		atomicx.Pause(spinPauses)
	case pause == 0:
		runtime.Gosched()
	default:
		select {
		case <-f.e.set(&f.timer, pause):
		case <-f.e.canceled():
		}
	}
}

// pause counts a look in vain, and is how long to sleep after it; 0: not at all yet.
func (f *follower) pause() time.Duration {
	f.idle++
	switch n := f.idle - f.Spins - f.Yields; {
	case n <= 0:
		return 0
	case n == 1:
		f.last = f.FirstPause
	default:
		f.last = min(2*f.last, f.LastPause)
	}
	return f.last
}

func (f *follower) stop() {
	if f.timer != nil {
		f.timer.Stop()
	}
}
