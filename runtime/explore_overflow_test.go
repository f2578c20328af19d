//go:build explore

package fencert

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// TestExploreOverflow has two goroutines work off a chain of two by calls without a Local, with one stripe between them, each
// call beyond it looking where it is, and callbacks put off that nest at all: each runs once, before the outermost call
// returns, and what was borrowed is back.
func TestExploreOverflow(t *testing.T) {
	config := tiny
	config.Fences = 4
	search(t, 2, config, func(s *explore.Scenario, w *world) func() {
		w.rt.overflow.every, w.rt.overflow.depth = 1, 1
		var issuers [4]Issuer
		h := must(w.rt.Handler(func(_ *Local, k uint64, err error) {
			w.ran[k]++
			assertOneOf("result", err, errno(int(k)+1))
			if k < 2 {
				assertOneOf("nested Finish", w.rt.Finish(issuers[k+2], errno(int(k)+3)), nil)
			}
		}))
		l := w.rt.newLocal()
		for k := range issuers {
			issuers[k] = w.arm(l)
			_ = must(l.OnSignal(issuers[k].Fence(), h, uint64(k)))
		}
		l.giveBack()
		for k, name := range []string{"first", "second"} {
			s.Thread(name, func() {
				assertOneOf("Finish", w.rt.Finish(issuers[k], errno(k+1)), nil)
				explore.Assert(w.ran[k] == 1 && w.ran[k+2] == 1, "ran %v when the outermost Finish returns", w.ran[:4])
			})
		}
		return func() {
			o := &w.rt.overflow
			explore.Assert(o.inUse.Load() == 0, "%d in use", o.inUse.Load())
			for g := o.buckets[0].Load(); g != nil; g = g.next {
				explore.Assert(g.goroutine.Load() == 0 && g.local == nil && !g.lent, "a guest is left behind")
			}
		}
	})
}

// TestExploreGuests has two goroutines take a guest and give it back, twice: each finds its own while it has it.
func TestExploreGuests(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		var bucket atomicx.Pointer[guest]
		for k, name := range []string{"first", "second"} {
			id := uint64(k + 1)
			s.Thread(name, func() {
				for range 2 {
					g := takeGuest(&bucket, id)
					found := bucket.Load()
					for found != nil && found.goroutine.Load() != id {
						found = found.next
					}
					explore.Assert(found == g, "goroutine %d doesn't find its guest", id)
					g.goroutine.Store(0)
				}
			})
		}
		s.Finally(func() {
			n := 0
			for g := bucket.Load(); g != nil; g = g.next {
				n++
			}
			explore.Assert(n <= 2, "%d guests of two goroutines", n)
		})
	})
}
