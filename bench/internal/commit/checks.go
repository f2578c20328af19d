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

// A Check is one promise of Mark, put to the test. Every way of waiting passes all of them before it is timed, those of other
// modules too.
type Check struct {
	Name string
	// Run returns what it found wrong with a mark that nobody else uses. It gives up waiting after patience, which has to be
	// far above what a wake-up takes.
	Run func(m Mark, patience time.Duration) error
}

// CheckWaiters is how many goroutines wait at a time in a check, at most.
const CheckWaiters = 16

// Checks are all of them.
var Checks = []Check{
	{"reached", checkReached}, {"waits", checkWaits}, {"fails", checkFails}, {"failed_before", checkFailedBefore},
	{"canceled", checkCanceled}, {"reached_wins", checkReachedWins}, {"canceled_many", checkCanceledMany},
	{"race_begin", checkRaceBegin}, {"race", checkRace}, {"race_fail", checkRaceFail}, {"race_canceled", checkRaceCanceled},
}

var (
	errBroken = errors.New("broken promise")
	errDisk   = errors.New("no disk any more")
	errGone   = errors.New("the one who asked has gone")
)

// waiting starts a wait and returns where its answer comes.
func waiting(ctx context.Context, m Mark, position uint64) <-chan error {
	answer := make(chan error, 1)
	go func() { answer <- m.Wait(ctx, position) }()
	return answer
}

// comes looks that the answer is want, and comes at all.
func comes(answer <-chan error, want error, patience time.Duration) error {
	select {
	case err := <-answer:
		if !errors.Is(err, want) {
			return fmt.Errorf("%w: a wait ended with %v, want %v", errBroken, err, want)
		}
		return nil
	case <-time.After(patience):
		return fmt.Errorf("%w: a wait that should have ended goes on", errBroken)
	}
}

func checkReached(m Mark, patience time.Duration) error {
	for _, at := range []uint64{1, 2, 100, 1 << 40} {
		m.Reach(at)
		for _, p := range []uint64{0, 1, at - 1, at} {
			if err := comes(waiting(context.Background(), m, p), nil, patience); err != nil {
				return fmt.Errorf("at %d, for %d: %w", at, p, err)
			}
		}
	}
	return nil
}

func checkWaits(m Mark, patience time.Duration) error {
	var answers []<-chan error
	for p := range uint64(CheckWaiters) {
		answers = append(answers, waiting(context.Background(), m, 10*p+10))
	}
	for p, answer := range answers {
		for _, at := range []uint64{10*uint64(p) + 9, 10*uint64(p) + 10} {
			time.Sleep(time.Millisecond) // most have begun to wait
			select {
			case err := <-answer:
				return fmt.Errorf("%w: a wait for %d ended with %v before that was reached", errBroken, 10*p+10, err)
			default:
			}
			m.Reach(at)
		}
		if err := comes(answer, nil, patience); err != nil {
			return err
		}
	}
	return nil
}

func checkFails(m Mark, patience time.Duration) error {
	m.Reach(5)
	beyond := []<-chan error{waiting(context.Background(), m, 6), waiting(context.Background(), m, 1<<40)}
	time.Sleep(time.Millisecond)
	m.Reach(6)
	m.Fail(errDisk)
	if err := comes(beyond[0], nil, patience); err != nil {
		return err
	}
	return comes(beyond[1], errDisk, patience)
}

func checkFailedBefore(m Mark, patience time.Duration) error {
	m.Reach(5)
	m.Fail(errDisk)
	if err := comes(waiting(context.Background(), m, 6), errDisk, patience); err != nil {
		return err
	}
	return comes(waiting(context.Background(), m, 5), nil, patience)
}

func checkCanceled(m Mark, patience time.Duration) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	early := waiting(ctx, m, 1)
	time.Sleep(time.Millisecond)
	select {
	case err := <-early:
		return fmt.Errorf("%w: it ended with %v, and nobody had canceled it", errBroken, err)
	default:
	}
	cancel(errGone)
	if err := comes(early, errGone, patience); err != nil {
		return err
	}
	return comes(waiting(ctx, m, 1), errGone, patience)
}

func checkReachedWins(m Mark, patience time.Duration) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errGone)
	m.Reach(3)
	return comes(waiting(ctx, m, 3), nil, patience)
}

// checkCanceledMany: waits that were given up don't take the wake-ups or the room of others.
func checkCanceledMany(m Mark, patience time.Duration) error {
	for round := range uint64(100) {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		stays := waiting(context.Background(), m, round+1)
		leaves := []<-chan error{waiting(ctx, m, round+1), waiting(ctx, m, 1000)}
		if round%2 == 0 {
			time.Sleep(20 * time.Microsecond)
		}
		cancel(errGone)
		for _, answer := range leaves {
			if err := comes(answer, errGone, patience); err != nil {
				return err
			}
		}
		m.Reach(round + 1)
		if err := comes(stays, nil, patience); err != nil {
			return err
		}
	}
	return nil
}

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
