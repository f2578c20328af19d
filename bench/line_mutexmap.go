package bench

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// A mapPoint is who waits for one point: mostly one callback, or a channel that all waiters share.
type mapPoint struct {
	first mapCallback
	more  []mapCallback
	done  chan struct{}
}

type mapCallback struct {
	run Handler // nil: none
	arg uint64
	id  uint64
}

// A mapTicket names a callback of a mapLine.
type mapTicket struct{ point, id uint64 }

// A mapLine is a timeline of impl=mutexmap: a map of those who wait, by point, under a lock.
//
// Plain: all but value is guarded by mu. due is the delivering goroutine's.
type mapLine struct {
	value      atomic.Uint64 // changed under mu only
	mu         sync.Mutex
	waiting    map[uint64]mapPoint
	swept      uint64 // no point up to here is in the map
	ids        uint64
	delivering bool
	due        batch
	points     []uint64
	loop       func()
}

type mapLines struct{}

// NewMutexMap returns the world of impl=mutexmap: each timeline a mutex and a map from points to callbacks or to one
// channel, as Raft servers wait for an index to be applied. Advance takes the lock each time; it looks up each number it
// passes, or looks through the whole map and sorts what it finds, whichever is less.
func NewMutexMap(LineSizes) LineWorld[*mapLine, mapTicket] { return mapLines{} }

func (mapLines) Close() {}

func (mapLines) NewLine() *mapLine {
	l := &mapLine{waiting: make(map[uint64]mapPoint)}
	l.loop = l.rounds
	return l
}

func (mapLines) NewWorker(h Handler) LineWorker[*mapLine, mapTicket] {
	w := new(mapLineWorker)
	w.callback = w.handler(h)
	return w
}

// take moves what is due from the map to the batch, in the lock.
func (l *mapLine) take() {
	from, to := l.swept, l.value.Load()
	l.swept = to
	switch n := uint64(len(l.waiting)); {
	case n == 0:
	case to-from <= n:
		for p := from + 1; p <= to; p++ {
			l.takePoint(p)
		}
	default:
		l.points = l.points[:0]
		for p := range l.waiting {
			if p <= to {
				l.points = append(l.points, p)
			}
		}
		slices.Sort(l.points)
		for _, p := range l.points {
			l.takePoint(p)
		}
	}
}

func (l *mapLine) takePoint(p uint64) {
	at, ok := l.waiting[p]
	if !ok {
		return
	}
	delete(l.waiting, p)
	if at.first.run != nil {
		l.due.add(dueCallback{run: at.first.run, arg: at.first.arg})
	}
	for _, c := range at.more {
		l.due.add(dueCallback{run: c.run, arg: c.arg})
	}
	if at.done != nil {
		l.due.add(dueCallback{done: at.done})
	}
}

// rounds runs what was taken, and what becomes due meanwhile; then it gives the right to deliver back.
func (l *mapLine) rounds() {
	for {
		l.due.run()
		l.mu.Lock()
		if l.take(); len(l.due.items) == 0 {
			l.delivering = false
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
	}
}

type mapLineWorker struct {
	lineTally
	callback Handler
}

func (w *mapLineWorker) Value(l *mapLine) uint64 { return l.value.Load() }

func (w *mapLineWorker) Advance(l *mapLine, n uint64) bool {
	l.mu.Lock()
	if l.value.Load() >= n {
		l.mu.Unlock()
		return false
	}
	l.value.Store(n)
	if !l.delivering {
		if l.take(); len(l.due.items) > 0 {
			l.delivering = true
			l.mu.Unlock()
			guard(l.loop, false)
			return true
		}
	}
	l.mu.Unlock()
	return true
}

func (w *mapLineWorker) Polls(l *mapLine, n uint64, times int) (reached int) {
	for range times {
		if l.value.Load() >= n {
			reached++
		}
	}
	return reached
}

func (w *mapLineWorker) OnReach(l *mapLine, n, arg uint64) (mapTicket, bool) {
	l.mu.Lock()
	if l.value.Load() >= n {
		l.mu.Unlock()
		return mapTicket{}, false
	}
	l.ids++
	c := mapCallback{w.callback, arg, l.ids}
	if at := l.waiting[n]; at.first.run == nil {
		at.first = c
		l.waiting[n] = at
	} else {
		at.more = append(at.more, c)
		l.waiting[n] = at
	}
	l.mu.Unlock()
	return mapTicket{n, c.id}, true
}

func (w *mapLineWorker) Cancel(l *mapLine, t mapTicket) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, ok := l.waiting[t.point]
	if !ok || t.point <= l.value.Load() {
		return false // it runs, or will
	}
	if at.first.run != nil && at.first.id == t.id {
		at.first = mapCallback{}
		if len(at.more) > 0 {
			at.first = at.more[0]
			at.more = slices.Delete(at.more, 0, 1)
		}
	} else if i := slices.IndexFunc(at.more, func(c mapCallback) bool { return c.id == t.id }); i >= 0 {
		at.more = slices.Delete(at.more, i, i+1)
	} else {
		return false
	}
	if at.first.run == nil && at.done == nil {
		delete(l.waiting, t.point)
	} else {
		l.waiting[t.point] = at
	}
	return true
}

func (w *mapLineWorker) Done(l *mapLine, n uint64) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.value.Load() >= n {
		return closedChannel
	}
	at := l.waiting[n]
	if at.done == nil {
		at.done = make(chan struct{})
		l.waiting[n] = at
	}
	return at.done
}

// Wait leaves the channel of a canceled wait in the map until its point is reached.
func (w *mapLineWorker) Wait(ctx context.Context, l *mapLine, n uint64) error {
	if parkUntil(ctx, w.Done(l, n)) || l.value.Load() >= n {
		return nil
	}
	return context.Cause(ctx)
}

func (w *mapLineWorker) Flush(l *mapLine) {
	for {
		l.mu.Lock()
		busy := l.delivering
		l.mu.Unlock()
		if !busy {
			return
		}
		runtime.Gosched()
	}
}

func (w *mapLineWorker) Close() {}
