package sharedtimeline

import (
	"runtime"
	"time"
)

// An Info is what can be seen of a shared timeline, for people. But for Value, everything in it is what somebody wrote who may
// write the file, and nothing is done by it.
type Info struct {
	Value  uint64
	Issued uint64 // the number that was issued last, or the value where that is higher
	// Wanted is the lowest point that somebody sleeps for, or slept for before it died, where WantedKnown.
	Wanted      uint64
	WantedKnown bool
	// Sleepers is how many threads sleep until they are woken, in all processes; those that poll, spin, or are just looking don't
	// count. -1: this system doesn't tell.
	Sleepers int
	// Held tells whether a Writer is there, where HeldKnown.
	Held, HeldKnown bool
	Writers         uint64    // how many there have been
	Process         int       // of the last one; it may be another's number by now
	Claimed         time.Time // when it came
}

// Info looks at all that is known. Any goroutine may call it, in callbacks too. It costs some system calls; it wakes nobody and changes
// nothing. Errors: as Value, with what could be seen.
func (m *Mapping) Info() (i Info, err error) {
	if err := m.ended(); err != nil {
		return Info{Value: m.line.seen.Load(), Sleepers: -1}, err
	}
	i.Sleepers = -1
	err = m.guard(func() (err error) {
		h := m.line.h
		if err = m.check(); err != nil {
			i.Value = m.line.seen.Load()
			return err
		}
		if i.Value, err = m.line.look(); err != nil {
			return err
		}
		i.Issued = max(h.issued.Load(), i.Value)
		i.Wanted = h.wanted.Load()
		i.WantedKnown = i.Wanted > i.Value && i.Wanted != nobody
		i.Sleepers = sleepers(&h.turn)
		i.Writers = h.claims.Load()
		i.Process = int(h.process.Load())
		i.Claimed = time.Unix(0, int64(h.claimed.Load()))
		i.Held, i.HeldKnown = held(m.file)
		return nil
	})
	if m.claimed.Load() { // a lock doesn't keep its own file out
		i.Held, i.HeldKnown = true, true
	}
	runtime.KeepAlive(m)
	return i, err
}
