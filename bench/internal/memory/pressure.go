package memory

import (
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// A Pressure keeps the collector at work, as the rest of a program would: a live heap full of pointers, a goroutine
// that replaces some of it again and again, at a rate that doesn't depend on what else happens, and a small GOGC.
//
// Start one with Press; Stop ends it.
type Pressure struct {
	live     []*node // Owns: the goroutine
	old      int     // GOGC before
	stop     chan struct{}
	ended    sync.WaitGroup
	replaced atomic.Uint64 // nodes; a count that nothing else hangs on
}

// A node is an object with a pointer to another, so that the collector has a chain to follow.
type node struct {
	next *node
	_    [nodeBytes - 8]byte
}

const (
	nodeBytes = 64
	tick      = time.Millisecond
)

// A Weight says how heavy a Pressure is.
type Weight struct {
	Pointers int // objects alive
	Rate     int // bytes that become garbage per second
	GOGC     int
}

// Press makes the live heap and starts replacing it. GOGC is the process's: one Pressure at a time.
func Press(w Weight) *Pressure {
	p := &Pressure{live: make([]*node, w.Pointers), stop: make(chan struct{})}
	for i := range p.live {
		p.live[i] = &node{next: p.live[i/2]}
	}
	p.old = debug.SetGCPercent(w.GOGC)
	p.ended.Go(func() { p.run(w.Rate) })
	return p
}

// run replaces what the rate asks for since the last tick, one object after the other around the heap. What an object
// points to points no further, so that nothing that was replaced is kept alive for long.
func (p *Pressure) run(rate int) {
	t := time.NewTicker(tick)
	defer t.Stop()
	at, owed, last := 0, 0.0, time.Now()
	for {
		select {
		case <-p.stop:
			return
		case now := <-t.C:
			// A tick that comes late, because there was no processor for it, owes no more than ten.
			owed += min(now.Sub(last), 10*tick).Seconds() * float64(rate) / nodeBytes
			last = now
		}
		n := int(owed)
		owed -= float64(n)
		for range n {
			next := p.live[(at+len(p.live)/2)%len(p.live)]
			next.next = nil
			p.live[at] = &node{next: next}
			at = (at + 1) % len(p.live)
		}
		p.replaced.Add(uint64(n))
	}
}

// Allocated returns how many objects, and bytes of them, the goroutine has allocated up to now.
func (p *Pressure) Allocated() (objects, bytes uint64) {
	n := p.replaced.Load()
	return n, n * nodeBytes
}

// Stop ends the pressure and sets GOGC back.
func (p *Pressure) Stop() {
	close(p.stop)
	p.ended.Wait()
	debug.SetGCPercent(p.old)
	p.live = nil
}
