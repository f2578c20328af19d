package peers_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/fencert/fencert/bench/peers"
	fencert "github.com/fencert/fencert/runtime"
)

func newMark(t testing.TB, window int, options ...fencert.ContextOption) *peers.WaterMark {
	t.Helper()
	return markOf(t, newTimeline(t, options...), window)
}

func markOf(t testing.TB, line *fencert.Timeline, window int) *peers.WaterMark {
	t.Helper()
	m, err := peers.NewWaterMark(line, window)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// at fails when the mark isn't where it should be.
func at(t testing.TB, m *peers.WaterMark, want uint64) {
	t.Helper()
	if got := m.DoneUntil(); got != want {
		t.Fatalf("DoneUntil is %d, want %d", got, want)
	}
}

func TestWaterMarkOutOfOrder(t *testing.T) {
	m := newMark(t, 8)
	m.BeginMany([]uint64{1, 2, 3, 5})
	m.Done(3)
	m.Done(2)
	at(t, m, 0)
	m.Done(1)
	at(t, m, 3)
	if m.LastIndex() != 5 {
		t.Errorf("LastIndex is %d", m.LastIndex())
	}
	m.Done(5)
	at(t, m, 5) // nobody spoke of 4
}

func TestWaterMarkCountsBegins(t *testing.T) {
	m := newMark(t, 8)
	m.BeginMany([]uint64{4, 4, 4, 6})
	m.DoneMany([]uint64{4, 6, 4})
	at(t, m, 0)
	m.Done(4)
	at(t, m, 6)
	m.Begin(6) // again, as readers do who begin while nobody commits
	m.Begin(7)
	m.Done(7)
	at(t, m, 6)
	m.Done(6)
	at(t, m, 7)
}

func TestWaterMarkDoneFirst(t *testing.T) {
	m := newMark(t, 8)
	m.Done(1_000_000_000) // far beyond the window, as at the opening of a database
	at(t, m, 1_000_000_000)
	m.Begin(1_000_000_001)
	m.Done(1_000_000_002)
	m.Begin(1_000_000_002) // taken back by the one before
	m.Done(1_000_000_001)
	at(t, m, 1_000_000_002)
}

// TestWaterMarkLongReader: one index stays open while so many others are done that they leave the window.
func TestWaterMarkLongReader(t *testing.T) {
	m := newMark(t, 8)
	m.Begin(1)
	for i := uint64(2); i < 1000; i++ {
		m.Begin(i)
		if i%3 != 0 {
			m.Done(i)
		}
	}
	at(t, m, 0)
	m.Done(1)
	at(t, m, 2)
	for i := uint64(3); i < 1000; i += 3 {
		m.Done(i)
		at(t, m, min(i+2, 999))
	}
}

func TestWaterMarkSetDoneUntil(t *testing.T) {
	m := newMark(t, 8)
	m.Begin(3)
	m.Begin(50)
	woken := make(chan error, 1)
	go func() { woken <- m.WaitForMark(context.Background(), 20) }()
	m.SetDoneUntil(40)
	at(t, m, 40)
	if err := <-woken; err != nil {
		t.Error(err)
	}
	m.SetDoneUntil(10)
	at(t, m, 40)
	m.Done(50)
	at(t, m, 50)
	m.Begin(51) // where 3 was
	m.Done(51)
	at(t, m, 51)
}

func TestWaterMarkWait(t *testing.T) {
	line := newTimeline(t)
	m := markOf(t, line, 8)
	ended, end := context.WithCancelCause(context.Background())
	end(errors.New("tired"))
	if err := m.WaitForMark(ended, 0); err != nil {
		t.Errorf("reached: %v", err)
	}
	if err := m.WaitForMark(ended, 5); err != context.Canceled {
		t.Errorf("canceled: %v", err)
	}
	limited, stop := context.WithTimeout(context.Background(), time.Millisecond)
	defer stop()
	if err := m.WaitForMark(limited, 5); err != context.DeadlineExceeded {
		t.Errorf("too late: %v", err)
	}
	gone := errors.New("the log is gone")
	if err := line.Close(gone); err != nil {
		t.Fatal(err)
	}
	if err := m.WaitForMark(context.Background(), 5); !errors.Is(err, gone) {
		t.Errorf("closed: %v", err)
	}
	m.Begin(5)
	m.Done(5)
	at(t, m, 0)
}

// panics returns the error that f panics with.
func panics(t *testing.T, f func()) (err error) {
	t.Helper()
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

func TestWaterMarkBadInput(t *testing.T) {
	m := newMark(t, 8, fencert.StartAt(10))
	at(t, m, 10)
	for name, f := range map[string]func(uint64){"Begin": m.Begin, "Done": m.Done} {
		if err := panics(t, func() { f(9) }); !errors.Is(err, peers.ErrPassed) {
			t.Errorf("%s below: %v", name, err)
		}
		if err := panics(t, func() { f(fencert.MaxPoint + 1) }); !errors.Is(err, fencert.ErrRange) {
			t.Errorf("%s beyond: %v", name, err)
		}
	}
	m.BeginMany(nil)
	m.DoneMany(nil)
	at(t, m, 10)
	m.Done(fencert.MaxPoint)
	at(t, m, fencert.MaxPoint)
	for _, window := range []int{-1, 0, peers.MinWindow - 1, peers.MaxWindow + 1} {
		if _, err := peers.NewWaterMark(newTimeline(t), window); !errors.Is(err, peers.ErrWindow) {
			t.Errorf("window %d: %v", window, err)
		}
	}
}

// TestWaterMarkAllocatesNothing within the window.
func TestWaterMarkAllocatesNothing(t *testing.T) {
	m := newMark(t, 64)
	i := uint64(0)
	if n := testing.AllocsPerRun(1000, func() {
		i += 2
		m.Begin(i)
		m.Begin(i + 1)
		m.Done(i + 1)
		m.Done(i)
		if m.WaitForMark(context.Background(), i) != nil {
			t.Error("no mark")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	at(t, m, i+1)
}
