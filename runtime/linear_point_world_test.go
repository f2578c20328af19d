package fencert

import (
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/fencert/fencert/internal/linear"
)

// A pointWorld is a timeline whose calls are recorded. A history has so many threads of calls; then one for each Local on
// which callbacks run, which Timeline's own methods borrow; and those for deliveries that are handed over.
type pointWorld struct {
	t       *Timeline
	note    Handler
	h       *linear.History[pointOp]
	tickets []Ticket // of callbacks 0 to 2

	mu    sync.Mutex
	next  int            // the thread of the history that nobody has yet
	runs  map[*Local]int // by Local: the thread of what runs there
	adopt []int          // threads that can be had for a delivery
}

const (
	pointThreads = 4 // the most
	pointAdopts  = 4
)

func newPointWorld(rt *Runtime, note Handler) *pointWorld {
	w := &pointWorld{t: must(rt.NewTimeline("", "")), note: note, runs: map[*Local]int{}}
	w.h = linear.NewHistory[pointOp](linear.MaxThreads)
	w.next = pointThreads + pointAdopts
	for k := range pointAdopts {
		w.adopt = append(w.adopt, pointThreads+k)
	}
	return w
}

// called records a call of a callback. A Local is one goroutine's at a time.
func (w *pointWorld) called(l *Local, arg uint64, err error) {
	w.mu.Lock()
	k, ok := w.runs[l]
	if !ok {
		k = w.next
		w.next++
		w.runs[l] = k
	}
	w.mu.Unlock()
	w.h.Thread(k).Note(pointOp{kind: pointCalled, arg: uint8(arg), result: resultNumber(err)})
}

// handedOver records that a delivery is handed over, and then that it has ended.
func (w *pointWorld) handedOver() (ended func()) {
	w.mu.Lock()
	last := len(w.adopt) - 1
	k := w.adopt[last]
	w.adopt = w.adopt[:last]
	w.mu.Unlock()
	t := w.h.Thread(k)
	t.Begin()
	return func() {
		t.End(pointOp{kind: pointAdopted})
		w.mu.Lock()
		w.adopt = append(w.adopt, k)
		w.mu.Unlock()
	}
}

// A pointThread makes calls with the timeline and records them. One goroutine at a time.
type pointThread struct {
	*linear.Thread[pointOp]
	w *pointWorld
	k int
	l *Local
}

func (w *pointWorld) thread(k int, l *Local) pointThread { return pointThread{w.h.Thread(k), w, k, l} }

// begin adds callbacks 0 to 2.
func (t pointThread) begin() {
	for arg, n := range []uint64{2, 3, 5} {
		t.w.tickets = append(t.w.tickets, t.add(n, uint64(arg)))
	}
}

// advance is Advance, of the Local or of the Timeline, which borrows one.
func (t pointThread) advance(n uint64, borrows bool) {
	t.Steps(func() []pointOp {
		var err error
		if borrows {
			err = t.w.t.Advance(n)
		} else {
			err = t.l.Advance(t.w.t, n)
		}
		switch err {
		case nil:
			return []pointOp{{kind: pointAdvance, n: n}, {kind: pointReturns, n: n}}
		case ErrSignaled:
			return []pointOp{{kind: pointReached, n: n}}
		}
		return []pointOp{{kind: pointRefused, n: n, result: resultNumber(err)}}
	})
}

func (t pointThread) add(n, arg uint64) (ticket Ticket) {
	t.Steps(func() []pointOp {
		var err error
		ticket, err = t.l.OnSignal(t.w.t.At(n), t.w.note, arg)
		o := pointOp{kind: pointAdd, n: n, arg: uint8(arg), ok: err == nil}
		switch err {
		case nil:
			added := o
			added.kind = pointAdded
			return []pointOp{o, added}
		case ErrSignaled:
			return []pointOp{o}
		case ErrExhausted:
			return nil
		}
		panic(err)
	})
	return ticket
}

func (t pointThread) cancel(ticket Ticket, arg uint64) {
	t.Do(func() pointOp { return pointOp{kind: pointCancel, arg: uint8(arg), ok: t.l.Cancel(ticket)} })
}

func (t pointThread) close() {
	t.Do(func() pointOp {
		err := t.w.t.Close(errno(1 + t.k))
		if err != nil && err != ErrTimelineClosed {
			panic(err)
		}
		return pointOp{kind: pointClose, ok: err == nil, result: uint8(1 + t.k)}
	})
}

func (t pointThread) value() {
	t.Do(func() pointOp { return pointOp{kind: pointValue, n: t.w.t.Value()} })
}

func (t pointThread) err(n uint64) {
	t.Do(func() pointOp { return pointOp{kind: pointErr, n: n, result: resultNumber(t.w.t.At(n).Err())} })
}

// done asks CallbacksDone, which says something of the callbacks only where it is true.
func (t pointThread) done(n uint64) {
	t.Steps(func() []pointOp {
		if !t.w.t.At(n).CallbacksDone() {
			return nil
		}
		return []pointOp{{kind: pointCallbacksDone, n: n}}
	})
}

// end closes the timeline, after which nothing is left to run.
func (t pointThread) end() {
	t.close()
	t.Do(func() pointOp { return pointOp{kind: pointQuiet} })
}

// random is one goroutine's calls; arg and the three after it are its own.
func (t pointThread) random(r *rand.Rand, arg uint64) {
	var mine Ticket
	mineArg, mostArg := uint64(0), arg+4
	for range 5 {
		switch n := 1 + r.Uint64N(7); r.UintN(12) {
		case 0, 1, 2:
			if arg < mostArg {
				if ticket := t.add(n, arg); ticket != (Ticket{}) {
					mine, mineArg = ticket, arg
				}
				arg++
			}
		case 3:
			j := r.IntN(len(t.w.tickets))
			t.cancel(t.w.tickets[j], uint64(j))
		case 4:
			if mine != (Ticket{}) {
				t.cancel(mine, mineArg)
			}
		case 5:
			t.err(n)
		case 6:
			t.value()
		case 7:
			t.done(n)
		case 8:
			if r.UintN(6) == 0 {
				t.close()
			}
		case 9:
			runtime.Gosched()
		default:
			t.advance(n, r.UintN(3) == 0)
		}
	}
}
