package peers_test

import (
	"context"
	"fmt"
	"testing"

	"go.etcd.io/etcd/pkg/v3/wait"

	"github.com/fencert/fencert/bench/peers"
	fencert "github.com/fencert/fencert/runtime"
)

// beyond is where the points are that stay pending: no row comes so far.
const beyond = 1 << 40

// pendings are how many others wait.
var pendings = []int{0, 16, 256, 4096}

// row runs one row; body sets up, resets the timer, does b.N operations, and checks what they did.
func row(b *testing.B, name, impl string, body func(b *testing.B)) {
	b.Run(name+"impl="+impl, func(b *testing.B) {
		b.ReportAllocs()
		body(b)
	})
}

// BenchmarkDoneAdvance times what etcd does with its WaitTime: one Wait for the next deadline, the Trigger of it, and a look
// at the channel, while so many others wait for deadlines that don't come. One goroutine.
func BenchmarkDoneAdvance(b *testing.B) {
	for _, n := range pendings {
		for _, s := range []struct {
			impl string
			open func(b *testing.B) wait.WaitTime
		}{
			{"lockfree", func(b *testing.B) wait.WaitTime { return peers.NewWaitTime(newTimeline(b)) }},
			{"etcd", func(*testing.B) wait.WaitTime { return wait.NewTimeList() }},
		} {
			row(b, fmt.Sprintf("pending=%d/", n), s.impl, func(b *testing.B) { doneAdvance(b, s.open(b), n) })
		}
	}
}

func doneAdvance(b *testing.B, w wait.WaitTime, pending int) {
	others := make([]<-chan struct{}, pending)
	for i := range others {
		others[i] = w.Wait(beyond + uint64(i))
	}
	good := 0
	b.ResetTimer()
	for i := range uint64(b.N) {
		c := w.Wait(i + 1)
		w.Trigger(i + 1)
		if isClosed(c) {
			good++
		}
	}
	b.StopTimer()
	if good != b.N || isClosed(w.Wait(uint64(b.N)+1)) {
		b.Fatalf("%d of %d channels were closed, or one too early", good, b.N)
	}
	for _, c := range others {
		if isClosed(c) {
			b.Fatal("a channel was closed early")
		}
	}
}

// BenchmarkAddAdvance times one registration for the next number, and getting there: for the timeline a callback, which runs; for
// etcd, which has none, the channel, as in DoneAdvance, after whose close the count is made; for badger, which has none either,
// Begin, Done and WaitForMark. So many others wait for what doesn't come. One goroutine, and in badger's case its own.
func BenchmarkAddAdvance(b *testing.B) {
	for _, n := range pendings {
		name := fmt.Sprintf("pending=%d/", n)
		row(b, name, "lockfree", func(b *testing.B) { addAdvance(b, n) })
		row(b, name, "etcd", func(b *testing.B) { doneAdvance(b, wait.NewTimeList(), n) })
		row(b, name, "badger", func(b *testing.B) { beginDoneWait(b, newBadger(b), n) })
	}
}

func addAdvance(b *testing.B, pending int) {
	rt := newRuntime(b, pending+64)
	line := rt.timeline(b)
	ran, sum := uint64(0), uint64(0)
	count, err := rt.Handler(func(_ *fencert.Local, arg uint64, _ error) { ran, sum = ran+1, sum+arg })
	if err != nil {
		b.Fatal(err)
	}
	l := rt.Local()
	defer l.Close()
	for i := range uint64(pending) {
		if _, err := l.OnSignal(line.At(beyond+i), count, beyond); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for i := range uint64(b.N) {
		if _, err := l.OnSignal(line.At(i+1), count, i); err != nil {
			b.Fatal(err)
		}
		if err := l.Advance(line, i+1); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if n := uint64(b.N); ran != n || sum != n*(n-1)/2 {
		b.Fatalf("%d callbacks ran with the sum %d, want %d", ran, sum, n)
	}
}

// A way is an implementation of marks.
type way struct {
	impl string
	open func(b *testing.B) marker
}

var ways = []way{
	{"lockfree", func(b *testing.B) marker { return newMark(b, 1<<15) }},
	{"badger", newBadger},
}

func newBadger(b *testing.B) marker {
	m, stop := newOriginal()
	b.Cleanup(stop)
	return m
}

// BenchmarkWaterMark times one index of a mark: Begin, Done, WaitForMark. One goroutine, and in badger's case its own.
func BenchmarkWaterMark(b *testing.B) {
	for _, w := range ways {
		row(b, "", w.impl, func(b *testing.B) { beginDoneWait(b, w.open(b), 0) })
	}
}

func beginDoneWait(b *testing.B, m marker, pending int) {
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for i := range uint64(pending) {
		_ = m.WaitForMark(gone, beyond+i) // the original keeps the waits of those who have gone
	}
	ctx := context.Background()
	b.ResetTimer()
	for i := range uint64(b.N) {
		m.Begin(i + 1)
		m.Done(i + 1)
		if err := m.WaitForMark(ctx, i+1); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if until, last := m.DoneUntil(), m.LastIndex(); until != uint64(b.N) || last != until {
		b.Fatalf("the mark is at %d, begun last was %d, want %d", until, last, b.N)
	}
}

// BenchmarkWaterMarkWindow times the same in a window: so many are open, each operation begins the next one and ends one of
// these, in an order without order. The wait for the last of all is in it.
func BenchmarkWaterMarkWindow(b *testing.B) {
	for _, n := range []int{16, 256} {
		for _, w := range ways {
			row(b, fmt.Sprintf("open=%d/", n), w.impl, func(b *testing.B) { beginDoneWindow(b, w.open(b), n) })
		}
	}
}

func beginDoneWindow(b *testing.B, m marker, size int) {
	open := make([]uint64, size)
	next := uint64(0)
	for i := range open {
		next++
		m.Begin(next)
		open[i] = next
	}
	state := uint64(1)
	b.ResetTimer()
	for range b.N {
		next++
		m.Begin(next)
		state = state*6364136223846793005 + 1442695040888963407
		one := &open[state>>33%uint64(size)]
		m.Done(*one)
		*one = next
	}
	for _, index := range open {
		m.Done(index)
	}
	if err := m.WaitForMark(context.Background(), next); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	if until := m.DoneUntil(); until != uint64(b.N+size) {
		b.Fatalf("the mark is at %d, want %d", until, b.N+size)
	}
}

// BenchmarkTransactions times what badger makes of two marks: a transaction begins to read at the newest commit under a
// lock, waits until all up to there are in place, takes a number under the lock, and ends both. GOMAXPROCS goroutines.
func BenchmarkTransactions(b *testing.B) {
	for _, w := range ways {
		row(b, "", w.impl, func(b *testing.B) { transactions(b, newDatabase(w.open(b), w.open(b), b.N)) })
	}
}

func transactions(b *testing.B, d *database) {
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			at := d.beginRead()
			if err := d.commits.WaitForMark(context.Background(), at); err != nil {
				b.Error(err)
			}
			if !d.commit(func() {}) {
				b.Error("out of numbers")
			}
			d.endRead(at)
		}
	})
	b.StopTimer()
	d.finish(b, uint64(b.N))
}
