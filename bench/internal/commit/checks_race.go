package commit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// checkRaceBegin: a wait begins just when the mark gets there, and nothing comes afterwards that would make up for a wake-up lost.
func checkRaceBegin(m Mark, patience time.Duration) error {
	const rounds = 20_000 // or as many as fit into half a second: on a busy machine a round may take milliseconds
	enough := time.Now().Add(time.Second / 2)
	var turn, answered atomic.Uint64
	var wrong error // written before answered
	var waiter sync.WaitGroup
	waiter.Go(func() {
		for p := uint64(1); ; p++ {
			if !lookFor(&turn, p, patience) || turn.Load() > rounds {
				return
			}
			if err := m.Wait(context.Background(), p); err != nil {
				wrong = err
			}
			answered.Store(p)
		}
	})
	for p := uint64(1); p <= rounds && time.Now().Before(enough); p++ {
		turn.Store(p)
		for range p % 256 {
			if turn.Load() != p { // takes its time
				break
			}
		}
		m.Reach(p)
		if !lookFor(&answered, p, patience) {
			return fmt.Errorf("%w: a wait for %d, which is reached, goes on", errBroken, p)
		}
	}
	turn.Store(rounds + 1)
	waiter.Wait()
	if wrong != nil {
		return fmt.Errorf("%w: a wait for what is reached ended with %w", errBroken, wrong)
	}
	return nil
}

// lookFor returns true when v has come to p, false when patience is at its end. It doesn't park: who is woken is late for a race.
func lookFor(v *atomic.Uint64, p uint64, patience time.Duration) bool {
	var since time.Time
	for looks := 1; v.Load() < p; looks++ {
		if looks%256 != 0 && runtime.GOMAXPROCS(0) > 1 {
			continue
		}
		runtime.Gosched()
		if since.IsZero() {
			since = time.Now()
		} else if time.Since(since) > patience {
			return false
		}
	}
	return true
}

// A crowd waits for rising positions, each goroutine for its own, and looks that no wait ends before it should.
type crowd struct {
	m       Mark
	reached atomic.Uint64 // stored before the mark is moved there
	failed  atomic.Bool   // stored before Fail
	early   atomic.Uint64 // a wait for this position ended too early
	wrong   atomic.Pointer[error]
	ended   sync.WaitGroup
}

// run waits for 1, then for what lies so far beyond what was reached, until it has come to last or the mark fails.
func (c *crowd) run(distance, last uint64) {
	for p := uint64(1); ; p = min(c.reached.Load()+distance, last) {
		switch err := c.m.Wait(context.Background(), p); {
		case err == nil && c.reached.Load() < p:
			c.early.Store(p)
		case errors.Is(err, errDisk) && c.failed.Load():
			return
		case err != nil:
			c.wrong.CompareAndSwap(nil, &err)
			return
		case p == last:
			return
		}
	}
}

// judge waits for the crowd and tells what went wrong.
func (c *crowd) judge(patience time.Duration) error {
	all := make(chan struct{})
	go func() {
		c.ended.Wait()
		close(all)
	}()
	select {
	case <-all:
	case <-time.After(patience):
		return fmt.Errorf("%w: a wait never ended", errBroken)
	}
	if p := c.early.Load(); p != 0 {
		return fmt.Errorf("%w: a wait for %d ended before that was reached", errBroken, p)
	}
	if err := c.wrong.Load(); err != nil {
		return fmt.Errorf("%w: a wait ended with %w", errBroken, *err)
	}
	return nil
}

// checkRace: the mark moves in steps of one and more while many wait for what comes next.
func checkRace(m Mark, patience time.Duration) error {
	const last = 20_000
	c := &crowd{m: m}
	for i := range CheckWaiters {
		c.ended.Go(func() { c.run(uint64(i%5+1), last) })
	}
	for at := uint64(1); at < last; at += at%4 + 1 {
		c.reached.Store(at)
		m.Reach(at)
		if at%97 == 0 {
			time.Sleep(10 * time.Microsecond)
		}
	}
	c.reached.Store(last)
	m.Reach(last)
	return c.judge(patience)
}

// checkRaceFail: one more wait begins while the mark fails.
func checkRaceFail(m Mark, patience time.Duration) error {
	c := &crowd{m: m}
	begun := make(chan struct{})
	for range CheckWaiters {
		c.ended.Go(func() {
			<-begun
			c.run(1, math.MaxInt64)
		})
	}
	close(begun)
	for at := range uint64(50) {
		c.reached.Store(at + 1)
		m.Reach(at + 1)
	}
	c.failed.Store(true)
	m.Fail(errDisk)
	return c.judge(patience)
}

// checkRaceCanceled: waits are given up just when the mark gets there. One of the two is the answer, and nil only then.
func checkRaceCanceled(m Mark, patience time.Duration) error {
	const rounds = 1_000
	type answer struct {
		err  error
		late bool
	}
	answers := make(chan answer, 2)
	var reached atomic.Uint64
	for p := uint64(1); p <= rounds; p++ {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		for range 2 {
			go func() {
				err := m.Wait(ctx, p)
				answers <- answer{err, reached.Load() >= p}
			}()
		}
		if p%2 == 0 {
			time.Sleep(time.Duration(p%16) * time.Microsecond)
		}
		if p%5 == 0 {
			cancel(errGone)
			time.Sleep(20 * time.Microsecond) // some answer before the mark moves
		} else {
			go cancel(errGone)
		}
		reached.Store(p)
		m.Reach(p)
		for range 2 {
			select {
			case a := <-answers:
				if a.err == nil && !a.late || a.err != nil && !errors.Is(a.err, errGone) {
					return fmt.Errorf("%w: a wait that raced with its end: %v", errBroken, a.err)
				}
			case <-time.After(patience):
				return fmt.Errorf("%w: a wait never ended", errBroken)
			}
		}
	}
	return nil
}
