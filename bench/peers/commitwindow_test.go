package peers_test

import (
	"context"
	"runtime"
	"sync"
	"testing"

	fencert "github.com/fencert/fencert/runtime"
)

// A committer issues numbers from 1, and takes their completions in any order.
type committer struct {
	issue    func() (n uint64, ok bool) // false: there is no room
	complete func(n uint64)
	settled  func(last uint64) uint64 // the value, once all up to last are complete
}

// BenchmarkCommitWindow times a number that is issued, handed over in a batch and completed by another goroutine out of order: two
// goroutines issue, two complete. badger's mark has no numbers: as badger does it, a number is taken and begun under a lock.
func BenchmarkCommitWindow(b *testing.B) {
	for _, s := range []struct {
		impl string
		open func(b *testing.B) committer
	}{{"lockfree", openWindow}, {"badger", openMark}} {
		row(b, "issuers=2/completers=2/", s.impl, func(b *testing.B) { commitTwoByTwo(b, s.open(b)) })
	}
}

// openWindow has room for more than is under way, unless one goroutine is kept from running for long: badger has no bound.
func openWindow(b *testing.B) committer {
	w, err := fencert.NewCommitWindow(newTimeline(b), 1<<16)
	if err != nil {
		b.Fatal(err)
	}
	issue := func() (uint64, bool) {
		n, err := w.TryIssue()
		return n, err == nil
	}
	complete := func(n uint64) {
		if err := w.Complete(n); err != nil {
			panic(err)
		}
	}
	return committer{issue, complete, func(uint64) uint64 { return w.Timeline().Value() }}
}

func openMark(b *testing.B) committer {
	m := newBadger(b)
	var mu sync.Mutex
	last := uint64(0)
	issue := func() (uint64, bool) {
		mu.Lock()
		defer mu.Unlock()
		last++
		m.Begin(last)
		return last, true
	}
	return committer{issue, m.Done, func(last uint64) uint64 {
		if err := m.WaitForMark(context.Background(), last); err != nil {
			b.Error(err)
		}
		return m.DoneUntil()
	}}
}

const commitBatch = 32

func commitTwoByTwo(b *testing.B, c committer) {
	var all sync.WaitGroup
	b.ResetTimer()
	for k := range 2 {
		hand := make(chan []uint64, 4)
		left := (b.N + k) / 2
		all.Go(func() {
			var pool [8][commitBatch]uint64 // none is used again before it was taken over: 4 lie in hand, 1 is in work
			for turn := 0; left > 0; turn++ {
				batch := pool[turn%len(pool)][:0]
				for len(batch) < min(left, commitBatch) {
					n, ok := c.issue()
					if !ok && len(batch) > 0 {
						break // others wait for what is kept here
					}
					if !ok {
						runtime.Gosched()
						continue
					}
					batch = append(batch, n)
				}
				left -= len(batch)
				hand <- batch
			}
			close(hand)
		})
		all.Go(func() {
			for batch := range hand {
				for i := range batch {
					if len(batch) == commitBatch { // all but a few
						i = i * 13 % commitBatch
					}
					c.complete(batch[i])
				}
			}
		})
	}
	all.Wait()
	value := c.settled(uint64(b.N))
	b.StopTimer()
	if value != uint64(b.N) {
		b.Fatalf("the value is %d after %d commits", value, b.N)
	}
}
