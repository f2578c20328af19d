//go:build !explore

package atomicx

import "time"

// A Parker blocks one goroutine until another wakes it. Make one with NewParker;
// the zero Parker is not usable. It holds at most one wake-up: a wake that comes
// first is kept, two wakes before a park count once.
type Parker struct{ token chan struct{} }

// NewParker returns a Parker without a pending wake-up. It allocates.
func NewParker() Parker { return Parker{token: make(chan struct{}, 1)} }

// Park blocks until Wake (true), or until canceled is closed or expired has a value (false); with both it
// may answer either. A nil channel never ends it. One goroutine at a time.
func (p *Parker) Park(canceled <-chan struct{}, expired <-chan time.Time) bool {
	if canceled == nil && expired == nil {
		<-p.token
		return true
	}
	select {
	case <-p.token:
		return true
	case <-canceled:
		return false
	case <-expired:
		return false
	}
}

// Wake lets one Park return. It never blocks and may be called from anywhere.
// What the waker did before is visible to whom it wakes.
func (p *Parker) Wake() {
	select {
	case p.token <- struct{}{}:
	default:
	}
}

// Drain forgets a wake-up that came too late for its Park and tells whether there
// was one. The parked goroutine's side calls it.
func (p *Parker) Drain() bool {
	select {
	case <-p.token:
		return true
	default:
		return false
	}
}
