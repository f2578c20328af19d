package fencert

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// A ledger has one entry per callback that was ever added: what became of it. Entries are made before the add, so
// that a callback that runs at once finds its own.
type ledger struct {
	entries []ledgerEntry
	next    atomic.Int64
}

type ledgerEntry struct {
	added, canceled atomic.Bool
	ran             atomic.Int32
}

func (g *ledger) check(t *testing.T) {
	t.Helper()
	var ran, canceled, refused int
	for k := range g.entries[:min(int(g.next.Load()), len(g.entries))] {
		e := &g.entries[k]
		want := int32(0)
		switch {
		case !e.added.Load():
			refused++
		case e.canceled.Load():
			canceled++
		default:
			ran++
			want = 1
		}
		if got := e.ran.Load(); got != want {
			t.Fatalf("callback %d: added %v, canceled %v, ran %d times", k, e.added.Load(), e.canceled.Load(), got)
		}
	}
	t.Logf("%d callbacks ran, %d were canceled, %d refused", ran, canceled, refused)
	if ran == 0 || canceled == 0 {
		t.Error("one of the outcomes never came")
	}
}

// A stressed fence is in circulation: any worker may take it out and do something to it.
type stressed struct {
	issuer  Issuer
	tickets []stressedTicket
	hold    Hold
	held    bool
	seqno   uint64
	signal  bool
}

type stressedTicket struct {
	ticket Ticket
	entry  int64
}

// TestStress passes fences between goroutines, each of which adds to them, cancels, holds, signals, drops or
// finishes them, while stale copies of the handles are used too. At the end each callback has run once or was
// canceled, and nothing has leaked.
func TestStress(t *testing.T) {
	for _, perCPU := range []int{1, 2, 4, 8} {
		workers := perCPU * runtime.GOMAXPROCS(0)
		t.Run(fmt.Sprint("goroutines=", workers), func(t *testing.T) {
			stress(t, workers, scaled(800_000)/workers)
		})
	}
}

func stress(t *testing.T, workers, steps int) {
	x := newFixture(t, Config{Fences: 1 << 14, Callbacks: 1 << 16, Errors: 32})
	g := &ledger{entries: make([]ledgerEntry, workers*steps+workers)}
	count := x.handler(func(l *Local, entry uint64, err error) {
		g.entries[entry].ran.Add(1)
		if entry%64 == 0 { // a callback uses the Local that it is given
			if i, e := l.Reserve(); e == nil {
				l.Unreserve(i)
			}
		}
	})
	circulating := make(chan *stressed, 4*workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			s := &stressWorker{fixture: x, g: g, count: count, l: x.rt.Local(), r: rand.New(rand.NewPCG(uint64(w), 1))}
			defer s.l.Close()
			for range steps {
				var f *stressed
				select {
				case f = <-circulating:
				default:
				}
				if f = s.step(f); f == nil {
					continue
				}
				select {
				case circulating <- f:
				default:
					s.end(f)
				}
			}
		})
	}
	wg.Wait()
	last := &stressWorker{fixture: x, g: g, count: count, l: x.l, r: rand.New(rand.NewPCG(1, 1))}
	for len(circulating) > 0 {
		last.end(<-circulating)
	}
	g.check(t)
}

type stressWorker struct {
	*fixture
	g     *ledger
	count Handler
	l     *Local
	r     *rand.Rand
	stale Fence
}

var errStress = errors.New("stress")

// result is what the fence with this seqno is signaled with.
func result(seqno uint64) error {
	switch seqno % 3 {
	case 0:
		return nil
	case 1:
		return errno(int(seqno%1000) + 1)
	}
	return errStress
}

// step does something to f, or makes a new one, and returns it when it is to go on.
func (s *stressWorker) step(f *stressed) *stressed {
	if f == nil {
		i := s.armBy(s.l)
		seqno, err := i.Fence().Seqno()
		s.want("Seqno", err, nil)
		return &stressed{issuer: i, seqno: seqno}
	}
	if got, err := f.issuer.Fence().Seqno(); err != nil || got != f.seqno {
		s.Errorf("seqno %d, %v, want %d", got, err, f.seqno)
	}
	switch s.r.IntN(10) {
	case 0, 1, 2:
		s.addTo(f)
	case 3:
		s.cancelOne(f)
	case 4:
		if !f.held {
			h, err := s.l.Hold(f.issuer.Fence())
			s.want("Hold", err, nil)
			f.hold, f.held = h, true
		}
	case 5:
		if f.held {
			s.want("Release", s.l.Release(f.hold), nil)
			f.held = false
		}
	case 6:
		err := s.l.Signal(f.issuer, result(f.seqno))
		if want := ErrSignaled; f.signal {
			s.want("second Signal", err, want)
		} else {
			s.want("Signal", err, nil)
		}
		f.signal = true
	case 7:
		s.poke(s.stale)
	case 8:
		s.stale = f.issuer.Fence()
	case 9:
		s.end(f)
		return nil
	}
	return f
}

func (s *stressWorker) addTo(f *stressed) {
	entry := s.g.next.Add(1) - 1
	e := &s.g.entries[entry]
	e.added.Store(true)
	ticket, err := s.l.OnSignal(f.issuer.Fence(), s.count, uint64(entry))
	if (err == ErrSignaled) != f.signal || err != nil && err != ErrSignaled {
		s.Errorf("OnSignal: %v, signaled %v", err, f.signal)
	}
	if err != nil {
		e.added.Store(false)
		return
	}
	f.tickets = append(f.tickets, stressedTicket{ticket, entry})
}

func (s *stressWorker) cancelOne(f *stressed) {
	if len(f.tickets) == 0 {
		return
	}
	t := f.tickets[s.r.IntN(len(f.tickets))]
	e := &s.g.entries[t.entry]
	was := e.canceled.Load()
	if ok := s.l.Cancel(t.ticket); ok != (!was && !f.signal) {
		s.Errorf("Cancel: %v; canceled before %v, signaled %v", ok, was, f.signal)
	} else if ok {
		e.canceled.Store(true)
	}
}

// poke uses a handle of a fence that others own, or that is over: whatever comes of it, it doesn't break.
func (s *stressWorker) poke(f Fence) {
	signaled, err := f.Signaled(), f.Err()
	if signaled && err == ErrPending {
		s.Error("signaled and pending")
	}
	if h, err := s.l.Hold(f); err == nil {
		seqno, e := f.Seqno()
		s.want("Seqno of a held fence", e, nil)
		if got := h.Err(); got != ErrPending && got != result(seqno) && got != ErrCanceled {
			s.Errorf("a held fence has %v, want %v", got, result(seqno))
		}
		s.want("Release", s.l.Release(h), nil)
	}
	entry := s.g.next.Add(1) - 1
	if int(entry) < len(s.g.entries) {
		s.g.entries[entry].added.Store(true)
		t, err := s.l.OnSignal(f, s.count, uint64(entry))
		if err != nil {
			s.g.entries[entry].added.Store(false)
		} else if s.r.IntN(2) == 0 && s.l.Cancel(t) {
			s.g.entries[entry].canceled.Store(true)
		}
	}
}

// end signals and drops what still is to be, in one of the ways.
func (s *stressWorker) end(f *stressed) {
	if !f.signal && s.r.IntN(2) == 0 {
		s.want("Finish", s.l.Finish(f.issuer, result(f.seqno)), nil)
		f.signal = true
	} else {
		if s.r.IntN(2) == 0 && !f.signal {
			s.want("Signal", s.rt.Signal(f.issuer, result(f.seqno)), nil)
		} else if !f.signal {
			f.seqno = 0
		}
		s.want("Drop", s.l.Drop(f.issuer), nil)
	}
	if f.held {
		want := result(f.seqno)
		if got := f.hold.Err(); got != want && got != ErrCanceled && got != ErrFailed {
			s.Errorf("held: %v, want %v", got, want)
		}
		s.want("Release", s.l.Release(f.hold), nil)
	}
}
