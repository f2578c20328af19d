//go:build explore

package fencert

import (
	"errors"
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

func (w *world) nothingPublished() {
	r := &w.rt.published
	explore.Assert(r.byName.Size() == 0 && r.byNumber.Size() == 0, "entries stay behind")
}

// TestExplorePublishAgainstUnpublish publishes two fences under one name while it is looked up and taken back: each hold is
// released once, and no entry stays behind.
func TestExplorePublishAgainstUnpublish(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		var issuers [2]Issuer
		for k := range issuers {
			issuers[k] = w.arm(l)
		}
		published, removed := 0, 0
		remove := func(err error) {
			assertOneOf("Unpublish", err, nil, ErrNotFound)
			if err == nil {
				removed++
			}
		}
		s.Thread("first", func() {
			n, err := w.rt.Publish("name", issuers[0].Fence())
			assertOneOf("Publish", err, nil, ErrPublished)
			if err != nil {
				return
			}
			published++
			f, err := w.rt.LookupNumber(n)
			explore.Assert(err == nil && f == issuers[0].Fence() || err == ErrNotFound, "LookupNumber: %v", err)
			if err == ErrNotFound {
				_, err = w.rt.LookupNumber(n)
				explore.Assert(err == ErrNotFound, "found again")
			}
			remove(w.rt.UnpublishNumber(n))
			_, err = w.rt.LookupNumber(n)
			explore.Assert(err == ErrNotFound, "found after it was taken back")
		})
		s.Thread("second", func() {
			remove(w.rt.Unpublish("name"))
			_, err := w.rt.Publish("name", issuers[1].Fence())
			assertOneOf("Publish", err, nil, ErrPublished)
			if err == nil {
				published++
				f, err := w.rt.Lookup("name")
				explore.Assert(err == nil && f == issuers[1].Fence(), "Lookup: %v", err)
				_, err = w.rt.Publish("name", Stub())
				assertOneOf("Publish of another", err, ErrPublished)
				remove(w.rt.Unpublish("name"))
			}
		})
		return func() {
			explore.Assert(published == removed, "%d published, %d taken back", published, removed)
			w.nothingPublished()
			for _, i := range issuers {
				assertOneOf("Finish", l.Finish(i, nil), nil)
				assertOneOf("still held", i.Fence().Err(), ErrStale)
			}
			l.giveBack()
		}
	})
}

// TestExplorePublishAgainstClose: what is published while the runtime is closed is released, by one of the two.
func TestExplorePublishAgainstClose(t *testing.T) {
	closeSearch(t, 3, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		s.Thread("publisher", func() {
			_, err := w.rt.Publish("name", i.Fence())
			assertOneOf("Publish", err, nil, ErrClosed)
		})
		s.Thread("closer", func() {
			explore.Assert(errors.Is(w.rt.Close(), ErrLeaked), "nothing was pending")
		})
		return func() {
			w.nothingPublished()
			assertOneOf("Drop", l.Drop(i), nil)
			explore.Assert(w.rt.words[1].Load()&lifeMask > i.Fence().life(), "still held")
			l.giveBack()
		}
	})
}

// TestExploreNamesAgainstArm reads the names of a fence whose slot is armed in another context meanwhile, and whose own
// context then goes away.
func TestExploreNamesAgainstArm(t *testing.T) {
	search(t, 3, Config{Fences: 1, Callbacks: 1, Waiters: 1, Readers: 1, Errors: 1}, func(s *explore.Scenario, w *world) func() {
		l := w.rt.newLocal()
		i := w.arm(l)
		other := must(w.rt.NewFenceContext("other", "other"))
		s.Thread("reader", func() {
			d, name, err := i.Fence().Names()
			explore.Assert(d == "driver" && name == "timeline" && err == nil || err == ErrStale, "%q, %q, %v", d, name, err)
		})
		s.Thread("issuer", func() {
			assertOneOf("Finish", l.Finish(i, nil), nil)
			w.rt.contexts.Delete(w.c.id)
			for range 2 {
				assertOneOf("Finish", l.Finish(l.Arm(must(l.Reserve()), other), nil), nil)
			}
		})
		return l.giveBack
	})
}
