//go:build explore

package cbqueue

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreSweepBehindAStoreBuffer: the sweeper's links are release stores, so a runner that closes the list may see them
// late and stand on a node that was unlinked. Until the CAS that clears Sweeping, which empties the buffer, such a node isn't
// freed.
func TestExploreSweepBehindAStoreBuffer(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2, StoreBuffers: true}, func(s *explore.Scenario) {
		p, _ := NewPool(3)
		p.SweepOften()
		l, g := newList(1), new(ledger)
		o := newOwner(p)
		g.add(l, o, 0)
		x := g.add(l, o, 1)
		g.add(l, o, 2)
		o.Close()
		s.Thread("sweeper", func() {
			o := newOwner(p)
			g.cancel(l, o, x, 1)
			o.Close()
		})
		s.Thread("runner", func() {
			o := newOwner(p)
			g.close(l, o)
			o.Close()
		})
		s.Finally(func() { g.check(p, 3) })
	})
}
