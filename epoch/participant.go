package epoch

import (
	"runtime"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// A Participant reads and retires on behalf of one goroutine.
//
// Get one from Domain.Register; the zero Participant is not usable. It must not be
// copied. One that is dropped without Unregister is unregistered when the garbage collector finds it, at some time or
// never; what it retired is then for others to reclaim, and a section that it left open ends. Who reads in a section
// ends it by Unpin, which keeps the participant from being found before.
// Callers: one goroutine at a time, and the owner must synchronize when it hands the
// participant on. Reclaim functions that the participant runs may call its methods
// where those don't say otherwise.
// Ordering: see Domain.
// Progress: stated per method.
// Errors: ErrUnregistered after Unregister, as a panic from Pin, which returns none.
type Participant struct {
	_ pad.Line
	d *Domain
	s *slot // nil when unregistered

	// Plain: the rest belongs to the owner.
	depth      int  // open sections
	light      bool // Pin needs no full barrier; false without a slot, so that Pin finds out
	collecting bool
	id         int
	forgotten  runtime.Cleanup
	_          pad.Line
}

// Register claims a slot. It allocates the Participant, and, the first time that the
// slot is used, its ring. A slot that was given up with garbage is taken when no
// other is free; its garbage then counts against the new owner's bound.
//
// ErrExhausted says that all slots were taken at one moment. Before it says so,
// Register waits for collectors that are moving garbage out of a slot just then.
func (d *Domain) Register() (*Participant, error) {
	for {
		i, wait := d.claim()
		if i >= 0 {
			s := &d.slots[i]
			s.prepare(d.retired)
			p := &Participant{d: d, s: s, light: d.light, id: i}
			if !atomicx.Exploring { // the collector isn't part of any schedule
				p.forgotten = runtime.AddCleanup(p, d.forget, s)
			}
			return p, nil
		}
		if !wait {
			return nil, ErrExhausted
		}
		atomicx.Pause(sweepPause)
	}
}

// sweepPause is how many PAUSE instructions a full Register waits between two looks.
const sweepPause = 64

// claim makes one pass over the slots and returns the index of the one it has made its caller's, or -1. wait says that
// a slot may become available without anybody unregistering from now on.
func (d *Domain) claim() (claimed int, wait bool) {
	orphan, released := -1, d.released.Load()
	for i := range d.slots {
		switch d.slots[i].state.Load() {
		case slotFree:
			if d.own(i, slotFree) {
				return i, false
			}
		case slotOrphan:
			orphan = i
		case slotSweeping:
			wait = true
		}
	}
	if orphan < 0 {
		// Pairs with: the Add in Unregister (I9).
		return -1, wait || d.released.Load() != released
	}
	if d.own(orphan, slotOrphan) {
		d.orphans.Add(^uint32(0)) // I8: after
		return orphan, false
	}
	return -1, true // a collector took it, or another Register did: look again
}

// own moves slot i from the given state to owned.
func (d *Domain) own(i int, from uint32) bool {
	// Owns: the slot (I5). Pairs with: the stores of state in Unregister and sweep.
	// ABA: the state is all there is to it.
	if !d.slots[i].state.CompareAndSwap(from, slotOwned) {
		return false
	}
	for n := uint32(i) + 1; ; {
		u := d.used.Load()
		// Publishes: the slot to advance, before its first Pin (I2).
		// Progress: a failure means that used has risen; it does so once per slot.
		if u >= n || d.used.CompareAndSwap(u, n) {
			return true
		}
	}
}

// Unregister gives the slot up. What was retired and not reclaimed stays in it, and is
// run by the Collect of any other participant, or handed to the next one to register
// there. Wait-free; runs no reclaim function.
//
// ErrPinned or ErrInReclaim: nothing has changed. ErrUnregistered: it was called twice.
func (p *Participant) Unregister() error {
	s := p.s
	switch {
	case s == nil:
		return ErrUnregistered
	case p.depth > 0:
		return ErrPinned
	case p.collecting:
		return ErrInReclaim
	}
	p.forgotten.Stop()
	p.s, p.light = nil, false
	p.d.release(s)
	runtime.KeepAlive(p) // I10
	return nil
}

// release gives up a slot that the caller owns and that isn't pinned.
func (d *Domain) release(s *slot) {
	if s.empty() {
		// Publishes: the slot (I5). Pairs with: the CAS in own.
		s.state.Store(slotFree)
	} else {
		d.orphans.Add(1) // I8: before
		// Publishes: the slot and its ring (I5). Pairs with: the CAS in own and in
		// sweep.
		s.state.Store(slotOrphan)
	}
	d.released.Add(1) // I9: after
}

// forget is Unregister for a participant that nobody can reach any more (I10). It runs on a goroutine of the garbage
// collector's.
func (d *Domain) forget(s *slot) {
	// Pairs with: the store in settle. What the last owner did to the ring is behind it.
	s.pending.Load()
	// The section can't be ended by anybody else. Plain enough: one writer, and the stores below are behind it.
	s.word.Store(0)
	d.forgotten.Add(1)
	d.release(s)
}

// ID returns the number of the participant's slot, from 0 to Config.MaxParticipants-1. No other registered participant
// of the domain has it; Stall names it. It stays the same, also after Unregister. No cost.
func (p *Participant) ID() int { return p.id }
