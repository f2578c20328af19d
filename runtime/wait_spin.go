package fencert

import (
	"runtime"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

const (
	mostLooks  = 200 // of SpinThenPark before it parks
	leastLooks = 1
	probeEvery = 64 // waits at the least, after which one looks as long as the most
	spinPauses = 4  // PAUSE instructions between two looks
	spinYield  = 64 // looks between two yields to other goroutines
)

// look waits by looking at the fence itself, which needs no record and no callback: nobody is to be woken. A hold keeps the
// result.
func (rt *Runtime) look(e *ending, f Fence) error {
	h, err := rt.Hold(f)
	if err != nil {
		return f.Err()
	}
	rt.waiters.looked.Add(1)
	rt.waiters.looking.Add(1)
	alone := rt.waiters.spin.processors() == 1 // then only a yield brings the signal nearer
	for k := 1; !f.done(); k++ {
		atomicx.Pause(1)
		if !alone && k%spinYield != 0 {
			continue
		}
		if e.over() {
			if !f.Signaled() { // signaled wins, also while its callbacks run
				err = e.cause()
			}
			break
		}
		runtime.Gosched()
	}
	if err == nil {
		err = h.Err()
	}
	rt.waiters.looking.Add(-1)
	_ = rt.Release(h) // held since above
	return err
}

// A spinner knows how long SpinThenPark looks before it parks. A wait that was served while it looked makes the next ones
// look up to twice as long as that took; one that was not makes them look a quarter less, down to the least. From
// there it could not find out that looking pays again, so one wait in probeEvery looks as long as the most.
//
// There is one for a runtime, and it is a guess: an update that is lost makes it follow later.
type spinner struct {
	_ pad.Line
	// guess: bits[8:32] looks, bits[0:8] waits that looked in vain since one didn't, modulo 256.
	guess       atomicx.Uint32
	_           pad.Line
	least, most uint32
	processors  func() int // how many there are
}

func processors() int {
	if atomicx.Exploring { // the same on every machine
		return 2
	}
	return runtime.GOMAXPROCS(0)
}

func (s *spinner) init() {
	s.least, s.most = leastLooks, mostLooks
	s.processors = processors
	s.guess.Store(s.most << 8)
}

// looks is how often the next wait looks.
func (s *spinner) looks() uint32 {
	g := s.guess.Load()
	if g>>8 <= s.least && g%probeEvery == probeEvery-1 {
		return s.most
	}
	return g >> 8
}

// paid notes that a wait was served at that look.
func (s *spinner) paid(look uint32) {
	g := s.guess.Load()
	// A guess: see above.
	if better := max(g>>8, min(2*look, s.most)) << 8; better != g {
		s.guess.Store(better)
	}
}

// vain notes that a wait looked in vain.
func (s *spinner) vain() {
	g := s.guess.Load()
	fewer := g>>8 - (g>>8-min(g>>8, s.least)+3)/4
	s.guess.Store(fewer<<8 | (g+1)&0xff) // a guess; parking costs a hundred times this
}

// until looks until the waiter is done, which it tells, or the strategy or e ends it.
func (s *spinner) until(w *waiter, e *ending, strategy Strategy) bool {
	alone := s.processors() == 1
	if strategy == Spin {
		return spin(w, e, alone, 0) != 0
	}
	if alone { // nobody signals while this goroutine has the only processor
		runtime.Gosched()
		return w.done()
	}
	looks := s.looks()
	if k := spin(w, e, false, looks); k != 0 {
		s.paid(k)
		return true
	}
	if !e.over() {
		s.vain()
	}
	return false
}

// spin looks until the waiter is done, and returns at which look; 0: it was not, within so many looks, or before e ended
// it. 0 looks: there is no bound.
func spin(w *waiter, e *ending, alone bool, looks uint32) uint32 {
	for k := uint32(1); looks == 0 || k <= looks; k++ {
		if w.done() {
			return k
		}
		if !alone {
			atomicx.Pause(spinPauses)
		}
		if alone || k%spinYield == 0 {
			if e.over() {
				return 0
			}
			runtime.Gosched()
		}
	}
	return 0
}
