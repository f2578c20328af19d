package commit

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestMarks(t *testing.T) {
	for _, w := range Ways {
		for _, c := range Checks {
			t.Run("impl="+w.Name+"/"+c.Name, func(t *testing.T) {
				m, err := w.New(CheckWaiters)
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Run(m, 20*time.Second); err != nil {
					t.Fatal(err) // and goroutines that wait are left behind
				}
				m.Close()
			})
		}
	}
}

// TestChecksBite breaks one promise at a time and expects a check to notice.
func TestChecksBite(t *testing.T) {
	for _, c := range []struct {
		name, caughtBy string
		wrap           func(Mark) Mark
	}{
		{"never_waits", "waits", func(m Mark) Mark { return neverWaits{m} }},
		{"one_early", "waits", func(m Mark) Mark { return oneEarly{m} }},
		{"one_early_in_race", "race", func(m Mark) Mark { return oneEarly{m} }},
		{"wake_up_lost", "waits", func(m Mark) Mark { return &wakeUpLost{Mark: m} }},
		{"wake_up_lost_in_race", "race", func(m Mark) Mark { return &wakeUpLost{Mark: m} }},
		{"failure_lost", "fails", func(m Mark) Mark { return failureLost{m} }},
		{"failure_lost_later", "failed_before", func(m Mark) Mark { return failureLost{m} }},
		{"failure_lost_in_race", "race_fail", func(m Mark) Mark { return failureLost{m} }},
		{"failure_wins", "failed_before", func(m Mark) Mark { return &failureWins{Mark: m} }},
		{"failure_is_success", "fails", func(m Mark) Mark { return failureIsSuccess{m} }},
		{"never_canceled", "canceled", func(m Mark) Mark { return neverCanceled{m} }},
		{"cause_lost", "canceled", func(m Mark) Mark { return causeLost{m} }},
		{"canceled_wins", "reached_wins", func(m Mark) Mark { return canceledWins{m} }},
		{"canceled_is_success", "race_canceled", func(m Mark) Mark { return canceledIsSuccess{m} }},
		{"takes_all_along", "canceled_many", func(m Mark) Mark { return &takesAllAlong{Mark: m} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := MutexHeap.New(CheckWaiters)
			if err != nil {
				t.Fatal(err)
			}
			for _, check := range Checks {
				if check.Name == c.caughtBy {
					if err := check.Run(c.wrap(m), 100*time.Millisecond); !errors.Is(err, errBroken) {
						t.Errorf("%s passed: %v", c.caughtBy, err)
					}
					m.Fail(errDisk) // who waits goes home
					return
				}
			}
			t.Errorf("no check is called %q", c.caughtBy)
		})
	}
}

type neverWaits struct{ Mark }

func (neverWaits) Wait(context.Context, uint64) error { return nil }

type oneEarly struct{ Mark }

func (m oneEarly) Wait(ctx context.Context, p uint64) error { return m.Mark.Wait(ctx, max(p, 1)-1) }

type wakeUpLost struct {
	Mark
	n atomic.Uint64
}

func (m *wakeUpLost) Wait(ctx context.Context, p uint64) error {
	if m.n.Add(1)%7 == 0 {
		p = 1 << 50
	}
	return m.Mark.Wait(ctx, p)
}

type failureLost struct{ Mark }

func (failureLost) Fail(error) {}

type failureWins struct {
	Mark
	err error
}

func (m *failureWins) Fail(err error) {
	m.err = err
	m.Mark.Fail(err)
}

func (m *failureWins) Wait(ctx context.Context, p uint64) error {
	return errors.Join(m.err, m.Mark.Wait(ctx, p))
}

type failureIsSuccess struct{ Mark }

func (m failureIsSuccess) Fail(error) { m.Reach(1 << 60) }

type neverCanceled struct{ Mark }

func (m neverCanceled) Wait(_ context.Context, p uint64) error {
	return m.Mark.Wait(context.Background(), p)
}

type causeLost struct{ Mark }

func (m causeLost) Wait(ctx context.Context, p uint64) error {
	if m.Mark.Wait(ctx, p) != nil {
		return context.Canceled
	}
	return nil
}

type canceledWins struct{ Mark }

func (m canceledWins) Wait(ctx context.Context, p uint64) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return m.Mark.Wait(ctx, p)
}

type canceledIsSuccess struct{ Mark }

func (m canceledIsSuccess) Wait(ctx context.Context, p uint64) error {
	if err := m.Mark.Wait(ctx, p); !errors.Is(err, errGone) {
		return err
	}
	return nil
}

// takesAllAlong forgets the others who wait when one leaves.
type takesAllAlong struct {
	Mark
	left atomic.Bool
}

func (m *takesAllAlong) Wait(ctx context.Context, p uint64) error {
	err := m.Mark.Wait(ctx, p)
	if errors.Is(err, errGone) {
		m.left.Store(true)
	}
	return err
}

func (m *takesAllAlong) Reach(p uint64) {
	if !m.left.Load() {
		m.Mark.Reach(p)
	}
}

// TestLooksAgain: the mark moves after a wait has looked for the first time and before it has the lock, and then no more.
func TestLooksAgain(t *testing.T) {
	for round := range 10 {
		for _, w := range []Way{Cond, Channel, MutexHeap} {
			m, _ := w.New(1)
			var mu *sync.Mutex
			var at interface{ Store(uint64) }
			switch m := m.(type) {
			case *condMark:
				mu, at = &m.mu, storeTo{&m.at}
			case *channelMark:
				mu, at = &m.mu, &m.at
			case *heapMark:
				mu, at = &m.mu, &m.at
			}
			mu.Lock()
			answer := waiting(context.Background(), m, 5)
			time.Sleep(time.Duration(round) * time.Millisecond / 2)
			at.Store(5) // what Reach does, with nobody to release yet
			mu.Unlock()
			if err := comes(answer, nil, 5*time.Second); err != nil {
				t.Fatalf("%s: %v", w.Name, err)
			}
		}
	}
}

type storeTo struct{ v *uint64 }

func (s storeTo) Store(v uint64) { *s.v = v }

// TestLeavesNothing: waits that were given up are forgotten before the mark moves.
func TestLeavesNothing(t *testing.T) {
	const leaving = 10_000
	for _, w := range Ways {
		m, err := w.New(CheckWaiters)
		if err != nil {
			t.Fatal(err)
		}
		for range leaving / CheckWaiters {
			ctx, cancel := context.WithCancelCause(context.Background())
			var answers []<-chan error
			for range CheckWaiters {
				answers = append(answers, waiting(ctx, m, 5))
			}
			time.Sleep(time.Microsecond) // some wait, some come too late
			cancel(errGone)
			for _, answer := range answers {
				if err := comes(answer, errGone, 20*time.Second); err != nil {
					t.Fatal(err)
				}
			}
		}
		left, bound := 0, 0
		switch m := m.(type) {
		case *channelMark:
			left = len(m.waiting)
		case *heapMark:
			left = len(m.waiting)
		case *timelineMark:
			left, bound = m.durable.Pending(), leaving/4 // canceled ones are swept in passing, many at a time
		}
		if left > bound {
			t.Errorf("%s: %d of %d are still there", w.Name, left, leaving)
		}
		m.Fail(errDisk)
		m.Close()
	}
}
