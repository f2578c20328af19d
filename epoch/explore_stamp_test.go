//go:build explore

package epoch

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// stamps: a reader looks twice, the owner destroys the object when its stamp has elapsed, and somebody else moves the
// epoch meanwhile.
func stamps(stamp func(*Domain, *world) uint64, breakIt func(*world)) func(*explore.Scenario) {
	return func(s *explore.Scenario) {
		w := newWorld(1, "reader")
		breakIt(w)
		s.Thread("reader", func() { w.read(w.p["reader"]); w.read(w.p["reader"]) })
		s.Thread("owner", func() {
			at := stamp(w.d, w)
			for e := w.d.Epoch(); !w.d.Elapsed(at); e = w.d.Epoch() {
				if e == w.d.Epoch() { // a reader is in the way, so it will write
					atomicx.Pause(1)
				}
			}
			w.dead.Set(true)
		})
		s.Thread("other", func() { w.d.advance() })
	}
}

func unlinkThenStamp(d *Domain, w *world) uint64 { w.link.Store(0); return d.Stamp() }

func TestExploreStamp(t *testing.T) {
	explore.Searches(t, medium, stamps(unlinkThenStamp, intact))
}

// TestExploreStampAfterTheUnlink: one taken before is worth nothing, nor is a period of one step.
func TestExploreStampAfterTheUnlink(t *testing.T) {
	mustFail(t, explore.Options{Preemptions: 3}, stamps(func(d *Domain, w *world) uint64 {
		at := d.Stamp()
		d.advance()
		d.advance()
		w.link.Store(0)
		return at
	}, intact), afterUse, unordered)
	mustFail(t, explore.Options{Preemptions: 3}, stamps(unlinkThenStamp, func(w *world) { w.d.grace = 1 }), afterUse, unordered)
}
