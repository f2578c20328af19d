package fencert

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestStressTimelines has goroutines add, cancel, wait for and advance past random points of a few timelines, callbacks that
// add and advance in their turn, and in the end closes them. Each callback runs exactly once or is canceled, not before its
// point, and with the result that its point has; and all is given back.
func TestStressTimelines(t *testing.T) {
	for _, perCPU := range []int{1, 2, 4, 8} {
		workers := perCPU * runtime.GOMAXPROCS(0)
		t.Run(fmt.Sprint("goroutines=", workers), func(t *testing.T) {
			entries := 100_000
			if testing.Short() {
				entries = 10_000
			}
			stressTimelines(t, workers, entries, 0)
		})
	}
}

// TestStressTimelinesAtTheEnd is the same close to the largest point, which the values reach: it is not passed, and doesn't wrap.
func TestStressTimelinesAtTheEnd(t *testing.T) {
	entries := 50_000
	if testing.Short() {
		entries = 10_000
	}
	for _, left := range []uint64{uint64(entries), 1 << 40} { // that the knob bites: see reached
		reached := stressTimelines(t, 2*runtime.GOMAXPROCS(0), entries, MaxPoint-left)
		if reached != (left < 1<<40) {
			t.Errorf("with %d points left the end was reached: %v", left, reached)
		}
	}
}

// A pointLedger is a ledger of callbacks on points.
type pointLedger struct {
	ledger
	points []uint64 // entry k is on timeline k%3
	lines  [3]*Timeline
	wrong  atomic.Pointer[error]
}

// stressTimelines begins at start, and tells whether the work has come to the largest point.
func stressTimelines(t *testing.T, workers, entries int, start uint64) (reached bool) {
	rt := must(New(Config{Fences: 64, Points: 4096, Waiters: 64}))
	g := &pointLedger{ledger: ledger{entries: make([]ledgerEntry, entries)}, points: make([]uint64, entries)}
	for k := range g.lines {
		g.lines[k] = must(rt.NewTimeline("stress", "", StartAt(start)))
	}
	var note Handler
	note = must(rt.Handler(func(l *Local, k uint64, result error) {
		g.ran(k, result)
		switch k % 31 {
		case 0:
			g.add(l, note, rand.Uint64N(200))
		case 1:
			line := g.lines[k%3]
			_ = l.Advance(line, beyond(line.Value(), rand.Uint64N(3)))
		}
	}))
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() { g.work(rt, note) })
	}
	wg.Wait()
	for k, line := range g.lines {
		reached = reached || line.Value() == MaxPoint
		if k == 2 {
			_ = line.Close(ErrFailed)
		} else {
			_ = line.Advance(MaxPoint) // ErrSignaled where it is there
		}
		if err := line.Flush(context.Background()); err != nil {
			t.Error(err)
		}
	}
	if err := g.wrong.Load(); err != nil {
		t.Error(*err)
	}
	g.check(t)
	settled(t, rt)
	if err := rt.Close(); err != nil {
		t.Error(err)
	}
	return reached
}

// beyond is a point some way ahead, up to the largest.
func beyond(value, ahead uint64) uint64 { return value + min(ahead, MaxPoint-value) }

func (g *pointLedger) ran(k uint64, result error) {
	e := &g.entries[k]
	if n := e.ran.Add(1); n != 1 {
		g.fail(errors.New("a callback ran twice"))
	}
	f := g.lines[k%3].At(g.points[k])
	if !f.Signaled() || f.Err() != result {
		g.fail(errors.New("a callback ran before its point, or with another result"))
	}
}

func (g *pointLedger) fail(err error) { g.wrong.CompareAndSwap(nil, &err) }

// add adds a callback some way ahead of one of the timelines' values. false: there is no entry left.
func (g *pointLedger) add(l *Local, note Handler, ahead uint64) (Ticket, int, bool) {
	k := int(g.next.Add(1) - 1)
	if k >= len(g.entries) {
		return Ticket{}, 0, false
	}
	line := g.lines[k%3]
	n := beyond(line.Value(), ahead)
	g.points[k] = n
	g.entries[k].added.Store(true) // it may run before OnSignal returns
	ticket, err := l.OnSignal(line.At(n), note, uint64(k))
	if err != nil {
		g.entries[k].added.Store(false)
		if err == ErrExhausted {
			_ = l.Advance(line, beyond(line.Value(), 100))
		}
	}
	return ticket, k, true
}

func (g *pointLedger) work(rt *Runtime, note Handler) {
	l := rt.Local()
	defer l.Close()
	random := rand.New(rand.NewPCG(rand.Uint64(), 1))
	var tickets [16]struct {
		ticket Ticket
		entry  int
	}
	for {
		line := g.lines[random.IntN(3)]
		switch random.IntN(10) {
		default:
			ticket, k, ok := g.add(l, note, random.Uint64N(1<<random.IntN(12)))
			if !ok {
				return
			}
			at := &tickets[random.IntN(len(tickets))]
			at.ticket, at.entry = ticket, k
		case 5, 6:
			at := &tickets[random.IntN(len(tickets))]
			if l.Cancel(at.ticket) {
				g.entries[at.entry].canceled.Store(true)
			}
			at.ticket = Ticket{}
		case 7, 8:
			n := beyond(line.Value(), random.Uint64N(1<<random.IntN(8)))
			if err := l.Advance(line, n); err != nil && err != ErrSignaled {
				g.fail(err)
			}
			if !line.At(n).Signaled() {
				g.fail(errors.New("advanced, and not signaled"))
			}
		case 9:
			n := beyond(line.Value(), random.Uint64N(4))
			if err := line.At(n).WaitTimeout(time.Duration(random.IntN(20)) * time.Microsecond); err == nil && line.Value() < n {
				g.fail(errors.New("a wait has returned early"))
			}
		}
	}
}
