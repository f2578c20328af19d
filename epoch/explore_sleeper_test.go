//go:build explore

package epoch

import (
	"testing"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// TestExploreSleepingReader: a reader that sleeps in its section, while others retire more than there is room for. Nothing that it
// can see is reclaimed, a full ring says so, the reader is named once, and when it has woken all works again.
func TestExploreSleepingReader(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		var told atomicx.Cell[int]
		w := newWorld(2, "reader", "writer")
		w.d.retired = 2
		c, _ := Config{OnStall: func(Stall) {}, MaxParticipants: 2, StallAfter: 1}.complete()
		w.d.stalls.init(c)
		w.d.stalls.hook = func(x Stall) {
			told.Set(told.Get() + 1)
			explore.Assert(x.Reader == w.p["reader"].ID() && x.Garbage <= 2, "%+v", x)
		}
		ticks := time.Duration(0) // looked at by the writer alone
		w.d.stalls.clock = func() time.Duration { ticks++; return ticks }
		asleep, awake, gone := atomicx.NewParker(), atomicx.NewParker(), atomicx.NewParker()
		s.Thread("reader", func() {
			p := w.p["reader"]
			p.Pin()
			w.look()
			asleep.Wake()
			awake.Park(nil, nil)
			w.look() // whatever has happened since
			p.Unpin()
			gone.Wake()
		})
		s.Thread("writer", func() {
			p := w.p["writer"]
			other := must(w.d.Reclaimer(func(uint64) {}))
			asleep.Park(nil, nil)
			w.remove(p)
			ok(p.Retire(other, 2))
			for range 3 {
				explore.Assert(p.Collect() == 0, "reclaimed under a reader")
				explore.Assert(p.Retire(other, 3) == ErrGarbageFull, "there is room beyond the bound")
			}
			explore.Assert(told.Get() == 1, "told %d times", told.Get())
			awake.Wake()
			for tries := 0; p.Collect() == 0; tries++ {
				if explore.Assert(tries < 4, "nothing is reclaimed again"); tries == 0 {
					gone.Park(nil, nil)
				}
			}
			ok(p.Retire(other, 3))
			ok(p.Retire(other, 4))
		})
		w.finally(s, func() *Participant { return w.p["writer"] })
	})
}
