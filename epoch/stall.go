package epoch

import (
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// A Stall is a read section that keeps the epoch from moving: nothing is reclaimed until it ends, and once rings are
// full, Retire answers ErrGarbageFull. When it has ended, all works again.
//
// Config.OnStall is told once per section, on a goroutine that is in Collect, Barrier or Synchronize, or in a Retire that
// finds its ring full; never in Pin or Unpin, which don't look, nor in Elapsed. It holds no lock meanwhile, so it may
// call anything in the domain, and of the participant what a reclaim function may. A panic goes on to the caller of
// that method, before anything was reclaimed by it.
//
// A section counts from the first look that finds it in the way, so to be told at all somebody must go on looking for
// Config.StallAfter.
type Stall struct {
	Reader  int           // the participant's ID
	Epoch   uint64        // in which the section began
	For     time.Duration // since it was first seen in the way; it is open for longer
	Garbage uint64        // objects retired by all participants and not reclaimed
}

// stalls watches the sections that are in the way. Without a hook it is empty and nobody looks.
//
// Owns: watched and told belong to the one who has moved busy from 0 to 1. Who finds it at 1 goes away, since another is
// looking.
type stalls struct {
	hook    func(Stall)
	after   time.Duration
	clock   func() time.Duration // since New; tests have their own
	busy    atomicx.Uint32
	watched []watch // by slot
}

// A watch is the last section that was seen in the way, from one slot.
//
// Two sections of a slot can have the same word and count as one only when both were in the way at the same epoch: the
// second loaded global before it moved, and stored after. It is in the way all the same.
type watch struct {
	word  atomicx.Cell[uint64]
	since atomicx.Cell[time.Duration]
	told  atomicx.Cell[bool]
}

func (x *stalls) init(c Config) {
	if c.OnStall == nil {
		return
	}
	born := time.Now()
	x.hook, x.after = c.OnStall, c.StallAfter
	x.clock = func() time.Duration { return time.Since(born) }
	x.watched = make([]watch, c.MaxParticipants)
}

// lookForStalls is called where a reader is in the way, and calls the hook for each section that has been there for too
// long and wasn't told of. Wait-free but for the hook.
func (d *Domain) lookForStalls() {
	if d.stalls.hook == nil {
		return
	}
	for {
		s, ok := d.nextStall()
		if !ok {
			return
		}
		d.stalls.hook(s)
	}
}

// nextStall takes one section to be told of, and notes those that are new.
func (d *Domain) nextStall() (found Stall, ok bool) {
	x := &d.stalls
	// Owns: watched. Pairs with: the store below. ABA: nothing but 0 and 1. Progress: on failure another looks.
	if !x.busy.CompareAndSwap(0, 1) {
		return Stall{}, false
	}
	now, e := x.clock(), d.global.Load()
	for i := range d.used.Load() {
		w := d.slots[i].word.Load()
		if w&pinned == 0 || w>>1 == e {
			continue
		}
		seen := &x.watched[i]
		switch {
		case seen.word.Get() != w:
			seen.word.Set(w)
			seen.since.Set(now)
			seen.told.Set(false)
		case !ok && !seen.told.Get() && now-seen.since.Get() >= x.after:
			seen.told.Set(true)
			found, ok = Stall{Reader: int(i), Epoch: w >> 1, For: now - seen.since.Get()}, true
		}
	}
	// Publishes: watched. Pairs with: the CAS above. The hook runs outside.
	x.busy.Store(0)
	if ok {
		for i := range d.used.Load() {
			found.Garbage += d.slots[i].pending.Load()
		}
	}
	return found, ok
}
