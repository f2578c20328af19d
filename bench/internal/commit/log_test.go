package commit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// eachWay runs a test for every way of waiting, with a fresh mark.
func eachWay(t *testing.T, test func(t *testing.T, m Mark)) {
	for _, w := range Ways {
		t.Run("impl="+w.Name, func(t *testing.T) {
			m, err := w.New(CheckWaiters)
			if err != nil {
				t.Fatal(err)
			}
			test(t, m)
			m.Close()
		})
	}
}

// TestCommitDurable: who returns from Commit finds its record synced, whoever else writes.
func TestCommitDurable(t *testing.T) {
	eachWay(t, func(t *testing.T, m Mark) {
		f := new(fakeFile)
		l := New(f, 0, m)
		var writing sync.WaitGroup
		for id := range CheckWaiters {
			writing.Go(func() {
				for i := range 200 {
					end, err := l.Commit(context.Background(), fmt.Appendf(nil, "writer %d, record %d", id, i))
					if err != nil || !f.durable(end) {
						t.Errorf("acknowledged up to %d, and it isn't durable: %v", end, err)
						return
					}
				}
			})
		}
		writing.Wait()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if got, _, _, err := scanned(f.written); len(got) != CheckWaiters*200 || err != nil {
			t.Errorf("%d records: %v", len(got), err)
		}
		if n := l.Flushed(); int(n.Syncs) != f.syncs || int(n.Bytes) != len(f.written) || f.syncs != f.writes {
			t.Errorf("counted %+v of %d syncs, %d writes and %d bytes", n, f.syncs, f.writes, len(f.written))
		}
	})
}

// TestCommitTogether: what is appended during a sync is one write and one sync, and isn't acknowledged by the one under way.
func TestCommitTogether(t *testing.T) {
	eachWay(t, func(t *testing.T, m Mark) {
		f := &fakeFile{hold: make(chan struct{})}
		l := New(f, 0, m)
		first, err := l.Append([]byte("first"))
		if err != nil {
			t.Fatal(err)
		}
		for f.writesNow() == 0 {
			runtime.Gosched()
		}
		var later []<-chan error
		for range 10 {
			end, err := l.Append([]byte("later"))
			if err != nil {
				t.Fatal(err)
			}
			later = append(later, waiting(context.Background(), m, end))
		}
		f.hold <- struct{}{}
		if err := l.Wait(context.Background(), first); err != nil {
			t.Error(err)
		}
		for _, answer := range later {
			select {
			case err := <-answer:
				t.Errorf("acknowledged by a sync that began before: %v", err)
			default:
			}
		}
		f.hold <- struct{}{}
		for _, answer := range later {
			if err := comes(answer, nil, 20*time.Second); err != nil {
				t.Error(err)
			}
		}
		if err := l.Close(); err != nil || f.syncs != 2 || f.writes != 2 {
			t.Errorf("%d writes, %d syncs, want 2: %v", f.writes, f.syncs, err)
		}
	})
}

// TestFailures: a failed write or sync reaches all who wait, nothing beyond what was durable is acknowledged, and the file isn't
// touched again.
func TestFailures(t *testing.T) {
	for name, broken := range map[string]*fakeFile{
		"write":       {failWrite: 4, err: errDisk},
		"short write": {failWrite: 4, short: true, err: io.ErrShortWrite},
		"sync":        {failSync: 4, err: errDisk},
		"first sync":  {failSync: 1, err: errDisk},
	} {
		t.Run(name, func(t *testing.T) {
			eachWay(t, func(t *testing.T, m Mark) { failUnder(t, m, broken) })
		})
	}
}

func failUnder(t *testing.T, m Mark, like *fakeFile) {
	f := &fakeFile{failWrite: like.failWrite, failSync: like.failSync, short: like.short, err: like.err}
	l := New(f, 0, m)
	var writing sync.WaitGroup
	for range CheckWaiters {
		writing.Go(func() {
			for {
				end, err := l.Commit(context.Background(), []byte("a record"))
				if err == nil && !f.durable(end) {
					t.Errorf("acknowledged up to %d, and it isn't durable", end)
				}
				if err != nil {
					if !errors.Is(err, ErrFailed) || !errors.Is(err, f.err) {
						t.Errorf("a commit fails with %v", err)
					}
					return
				}
			}
		})
	}
	writing.Wait()
	if _, err := l.Append([]byte("late")); !errors.Is(err, ErrFailed) || !errors.Is(err, f.err) {
		t.Errorf("append after the failure: %v", err)
	}
	if err := l.Wait(context.Background(), uint64(f.synced)); err != nil {
		t.Errorf("what is durable: %v", err)
	}
	if err := l.Wait(context.Background(), uint64(f.synced)+1); !errors.Is(err, ErrFailed) {
		t.Errorf("what isn't durable: %v", err)
	}
	for range 2 {
		if err := l.Close(); !errors.Is(err, ErrFailed) {
			t.Errorf("close after the failure: %v", err)
		}
	}
	if f.afterFailure != 0 || !f.closed {
		t.Errorf("%d calls of the file after the failure; closed: %v", f.afterFailure, f.closed)
	}
}

// TestDiskFull writes to a device that is always full.
func TestDiskFull(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("this system has no device that is always full")
	}
	eachWay(t, func(t *testing.T, m Mark) {
		f, err := os.OpenFile(full, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		l := New(f, 0, m)
		if _, err := l.Commit(context.Background(), []byte("no room")); !errors.Is(err, syscall.ENOSPC) || !errors.Is(err, ErrFailed) {
			t.Errorf("commit: %v", err)
		}
		if err := l.Close(); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("close: %v", err)
		}
	})
}

func TestPayloadSizes(t *testing.T) {
	m, _ := Cond.New(1)
	f := new(fakeFile)
	l := New(f, 0, m)
	for _, n := range []int{0, MaxPayload + 1} {
		if _, err := l.Append(make([]byte, n)); !errors.Is(err, ErrSize) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	for _, n := range []int{1, MaxPayload} {
		if _, err := l.Append(make([]byte, n)); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if got, _, _, err := scanned(f.written); len(got) != 2 || len(got[1]) != MaxPayload || err != nil {
		t.Errorf("%d records: %v", len(got), err)
	}
}

// TestClose: what was appended is durable, what isn't appended yet is refused.
func TestClose(t *testing.T) {
	eachWay(t, func(t *testing.T, m Mark) {
		f := new(fakeFile)
		l := New(f, 0, m)
		var end uint64
		for range 100 {
			end, _ = l.Append([]byte("x"))
		}
		beyond := waiting(context.Background(), m, end+1)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if err := l.Wait(context.Background(), end); err != nil || !f.durable(end) {
			t.Errorf("what was appended before Close: %v", err)
		}
		if err := comes(beyond, ErrClosed, 20*time.Second); err != nil {
			t.Error(err)
		}
		if _, err := l.Append([]byte("x")); !errors.Is(err, ErrClosed) {
			t.Errorf("append after Close: %v", err)
		}
		if err := l.Close(); err != nil || f.afterFailure != 0 {
			t.Errorf("second Close: %v; %d calls of a closed file", err, f.afterFailure)
		}
	})
}
