package peers_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/etcd/pkg/v3/wait"

	"github.com/fencert/fencert/bench/internal/commit"
)

// An etcdMark is etcd's WaitTime, whose last trigger is the position, and what it hasn't: an error for who waits for what doesn't
// come, and a load for who waits for what is there.
type etcdMark struct {
	at     atomic.Uint64
	list   wait.WaitTime
	failed chan struct{}
	err    error // set before failed is closed
}

// etcdWay is the way of etcd's WaitTime as its server uses it: a select over the channel and what may come before it.
var etcdWay = commit.Way{Name: "etcd", New: func(int) (commit.Mark, error) {
	return &etcdMark{list: wait.NewTimeList(), failed: make(chan struct{})}, nil
}}

func (m *etcdMark) Wait(ctx context.Context, position uint64) error {
	if m.at.Load() >= position {
		return nil
	}
	c := m.list.Wait(position)
	var err error
	select {
	case <-c:
		return nil
	case <-m.failed:
		err = m.err
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if isClosed(c) { // it comes before the other two
		return nil
	}
	return err
}

func (m *etcdMark) Reach(position uint64) {
	m.at.Store(position)
	m.list.Trigger(position)
}

func (m *etcdMark) Fail(err error) {
	m.err = err
	close(m.failed)
}

func (*etcdMark) Close() {}

// TestGroupCommitMarks: etcd's way keeps the promises that those of the suite keep.
func TestGroupCommitMarks(t *testing.T) {
	for _, c := range commit.Checks {
		t.Run(c.Name, func(t *testing.T) {
			m, err := etcdWay.New(commit.CheckWaiters)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Run(m, 20*time.Second); err != nil {
				t.Fatal(err)
			}
			m.Close()
		})
	}
}

// BenchmarkGroupCommit is the row of this name in package bench, with etcd's way: records are appended to a real file, one goroutine
// writes and syncs what has come together, and each writer waits until its own record is durable. Afterwards the file is read:
// it has to hold each record that was acknowledged. Where temporary files are kept in memory, set TMPDIR to a disk.
func BenchmarkGroupCommit(b *testing.B) {
	for _, writers := range []int{1, 16, 256} {
		for _, w := range []commit.Way{commit.Lockfree, etcdWay} {
			row(b, fmt.Sprintf("writers=%d/", writers), w.Name, func(b *testing.B) {
				load := commit.Load{Way: w, Writers: writers, Payload: 256, Dir: b.TempDir()}
				o, err := load.Run(b.N, b.ResetTimer, b.StopTimer)
				if err != nil {
					b.Fatal(err)
				}
				o.Report(b)
			})
		}
	}
}
