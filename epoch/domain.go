package epoch

import (
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// firstEpoch is the epoch of a new Domain. It is not 0, so that a word of 0 can never
// be taken for a pin.
const firstEpoch = 1

// gracePeriod is how many advances an object outlives its retirement (I3).
const gracePeriod = 2

// A Domain is one set of readers and writers who share epochs. Objects retired in it
// are safe from readers pinned in it, and in no other.
//
// Make one with New; the zero Domain is not usable. It must not be copied.
// Callers: any goroutine may call any method.
// Ordering: what a reader did before its Unpin happens before the reclaim functions of
// all it could have seen, and before the return of a Synchronize that waited for it.
// Progress: stated per method; none but Register, at the edge, ever waits.
// Errors: ErrExhausted and ErrReclaimer, of Register and Reclaimer.
type Domain struct {
	slots      []slot
	reclaimers []atomicx.Pointer[Reclaim]
	retired    int    // bound of each ring
	grace      uint64 // gracePeriod; tests break it
	light      bool   // Pin is a plain store, so advance makes the barrier
	stalls     stalls

	_      pad.Line
	global atomicx.Uint64 // written once per advance, read by each Pin and Retire
	_      pad.Line
	used   atomicx.Uint32 // slots below were owned at some time; only rises
	known  atomicx.Uint32 // reclaimers taken
	// orphans is a bound from above (I8).
	orphans  atomicx.Uint32
	released atomicx.Uint64 // Unregister calls that have given their slot up (I9)
	panics   atomicx.Uint64
	// forgotten counts participants that were dropped without Unregister (I10).
	forgotten atomicx.Uint64
	_         pad.Line
}

// New returns a Domain without participants. It allocates all but the rings; see
// Config. ErrConfig says which field is wrong.
func New(c Config) (*Domain, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	d := &Domain{
		slots:      make([]slot, c.MaxParticipants),
		reclaimers: make([]atomicx.Pointer[Reclaim], c.MaxReclaimers),
		retired:    c.MaxRetired,
		grace:      gracePeriod,
		light:      c.Pinning == PinAuto && canBeLight(),
	}
	d.stalls.init(c)
	d.global.Store(firstEpoch)
	return d, nil
}

// Epoch returns the present epoch. One load.
func (d *Domain) Epoch() uint64 { return d.global.Load() }

// advance moves the epoch on by one if no reader is in the way, and returns an epoch
// that had been reached when it returned. Wait-free: one pass or two, at most one barrier, one CAS.
func (d *Domain) advance() (now uint64, blocked bool) {
	// Pairs with: the CAS below, in whoever made this epoch (I4).
	e := d.global.Load()
	used := d.used.Load()
	if d.light && used > 0 {
		// What is seen to be in the way is in the way, so this saves the barrier.
		if d.inTheWay(e, used) {
			return e, true
		}
		// Pairs with: the plain store in Pin (I2). Behind the load of global, before the scan. Not for participants
		// that aren't registered yet: one that registers from now on finds what was unlinked before e unlinked.
		barrier()
	}
	if d.inTheWay(e, used) {
		return e, true
	}
	// Publishes: that every reader has left e-1. ABA: global never repeats.
	// Progress: a failure means that another advance did it.
	if !d.global.CompareAndSwap(e, e+1) {
		return d.global.Load(), false
	}
	return e + 1, false
}

// inTheWay tells whether a reader in the slots below used is pinned at another epoch than e.
func (d *Domain) inTheWay(e uint64, used uint32) bool {
	for i := range used {
		// Pairs with: the stores in Pin (I2) and Unpin (I4).
		if w := d.slots[i].word.Load(); w&pinned != 0 && w>>1 != e {
			return true
		}
	}
	return false
}
