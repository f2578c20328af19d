package peers_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

// A database is what badger makes of two marks: transactions begin to read at the newest commit, once all up to there are in place, and
// commits get their numbers under the same lock.
type database struct {
	lock           sync.Mutex
	next           uint64
	reads, commits marker
	stored         []atomic.Bool // by number: the commit is in place
}

func newDatabase(reads, commits marker, n int) *database {
	d := &database{
		next:    1,
		reads:   reads,
		commits: commits,
		stored:  make([]atomic.Bool, n+1),
	}
	d.stored[0].Store(true)
	return d
}

func (d *database) beginRead() uint64 {
	d.lock.Lock()
	at := d.next - 1
	d.reads.Begin(at)
	d.lock.Unlock()
	return at
}

func (d *database) endRead(at uint64) { d.reads.Done(at) }

// commit takes a number and does the work; false when there are no more.
func (d *database) commit(work func()) bool {
	d.lock.Lock()
	number := d.next
	if number == uint64(len(d.stored)) {
		d.lock.Unlock()
		return false
	}
	d.next++
	d.commits.Begin(number)
	d.lock.Unlock()
	work()
	d.stored[number].Store(true)
	d.commits.Done(number)
	return true
}

// TestWaterMarkStress: whoever waits for a mark finds all up to there in place, the mark of the reads is beyond nobody who reads, and
// in the end both marks are at the last commit. Windows are small, so that many leave them.
func TestWaterMarkStress(t *testing.T) {
	for name, window := range map[string]int{"window of 8": 8, "window of 1024": 1024} {
		t.Run(name, func(t *testing.T) {
			n := 40_000
			if testing.Short() {
				n /= 10
			}
			d := newDatabase(newMark(t, window), newMark(t, window), n)
			var all sync.WaitGroup
			var wrong atomic.Uint64
			var over atomic.Bool
			for id := range 4 {
				all.Go(func() {
					r := rand.New(rand.NewPCG(uint64(id), 1))
					for d.commit(func() { idle(r) }) {
					}
					over.Store(true)
				})
				all.Go(func() {
					r := rand.New(rand.NewPCG(uint64(id), 2))
					for !over.Load() {
						wrong.Add(d.readOnce(r))
					}
				})
			}
			all.Wait() // or the test's time is up: a wait was lost
			if wrong.Load() > 0 {
				t.Errorf("%d looks at what isn't in place, or marks beyond a reader", wrong.Load())
			}
			d.finish(t, uint64(n))
		})
	}
}

// readOnce returns how much was wrong.
func (d *database) readOnce(r *rand.Rand) (wrong uint64) {
	at := d.beginRead()
	if d.commits.WaitForMark(context.Background(), at) != nil {
		wrong++
	}
	for i := at - min(at, 20); i <= at; i++ {
		if !d.stored[i].Load() {
			wrong++
		}
	}
	idle(r)
	if d.reads.DoneUntil() > at {
		wrong++
	}
	d.endRead(at)
	return wrong
}

// finish does what is done at the end of the last transaction, and compares.
func (d *database) finish(t testing.TB, last uint64) {
	d.endRead(d.beginRead())
	soon(t, "the last commit", func() bool { return d.commits.DoneUntil() == last })
	soon(t, "the last read", func() bool { return d.reads.DoneUntil() == last })
}

// idle spends a random time that is short most of the times.
func idle(r *rand.Rand) {
	n := r.IntN(50)
	if r.IntN(200) == 0 {
		n = 20_000
	}
	for range n {
		_ = r.Uint64()
	}
}

// TestWaterMarkStressMany: goroutines begin in order, each many, and end theirs in any order.
func TestWaterMarkStressMany(t *testing.T) {
	n := uint64(200_000)
	if testing.Short() {
		n /= 10
	}
	m := newMark(t, 256)
	var order sync.Mutex
	var all sync.WaitGroup
	var early, next atomic.Uint64
	done := make([]atomic.Bool, n+1)
	for id := range 4 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(id), 3))
			for {
				mine := make([]uint64, 0, 16)
				order.Lock()
				for range 1 + r.IntN(16) {
					if next.Load() < n {
						mine = append(mine, next.Add(1))
					}
				}
				m.BeginMany(mine)
				order.Unlock()
				if len(mine) == 0 {
					return
				}
				r.Shuffle(len(mine), func(i, k int) { mine[i], mine[k] = mine[k], mine[i] })
				for _, index := range mine {
					if m.DoneUntil() >= index {
						early.Add(1)
					}
					done[index].Store(true)
					m.Done(index)
				}
				if m.WaitForMark(context.Background(), mine[0]) != nil || !done[mine[0]].Load() {
					early.Add(1)
				}
			}
		})
	}
	all.Wait()
	if early.Load() > 0 {
		t.Errorf("%d marks were early", early.Load())
	}
	soon(t, "the last mark", func() bool { return m.DoneUntil() == n })
}
