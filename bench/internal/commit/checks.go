package commit

import (
	"context"
	"errors"
	"fmt"
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
