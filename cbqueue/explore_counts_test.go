//go:build explore

package cbqueue

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// TestExploreCountAgainstAdd: what a settled walk over a growing list found was right at some moment during it.
func TestExploreCountAgainstAdd(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		p, _ := NewPool(4)
		l, g := newList(1), new(ledger)
		var begun, added atomicx.Uint32
		s.Thread("adder", func() {
			o := newOwner(p)
			for arg := range uint64(3) {
				begun.Add(1)
				g.add(l, o, arg)
				added.Add(1)
			}
			o.Close()
		})
		s.Thread("counter", func() {
			least := int(added.Load())
			all, with, settled := p.Count(&l.word, l.life, 8, 10)
			explore.Assert(all == with, "counted %d, %d", all, with)
			most := int(begun.Load())
			explore.Assert(!settled || all >= least && all <= most, "counted %d of %d to %d", all, least, most)
		})
		s.Finally(func() {
			all, _, settled := p.Count(&l.word, l.life, 8, 10)
			explore.Assert(all == 3 && settled, "counted %d at the end", all)
			o := newOwner(p)
			g.close(l, o)
			o.Close()
			g.check(p, 4)
		})
	})
}

// TestExploreCountAgainstCancel: a walk over a list that is canceled from and swept, whose nodes are used again, ends and
// stays in the pool; nothing is lost by it.
func TestExploreCountAgainstCancel(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		p, _ := NewPool(3)
		p.SweepOften()
		l, other, g := newList(1), newList(2), new(ledger)
		o := newOwner(p)
		var tickets [3]Ticket
		for arg := range uint64(3) {
			tickets[arg] = g.add(l, o, arg)
		}
		s.Thread("canceler", func() {
			g.cancel(l, o, tickets[0], 0)
			g.cancel(l, o, tickets[2], 2)
			g.add(other, o, 3)
			g.add(l, o, 4)
		})
		s.Thread("counter", func() {
			all, _, _ := p.Count(&l.word, l.life, 8, 5)
			explore.Assert(all <= 5, "counted %d", all)
		})
		s.Finally(func() {
			all, _, settled := p.Count(&l.word, l.life, 8, 10)
			explore.Assert(all == 2 && settled, "counted %d at the end", all)
			g.close(l, o)
			g.close(other, o)
			o.Close()
			c := o.Counts()
			explore.Assert(c.Added == 5 && c.Run == 3 && c.Canceled == 2 && c.Taken == c.Put, "%+v", c)
			g.check(p, 3)
		})
	})
}

// TestExploreCountAgainstClose: a list is closed under the walk, and its nodes go to a longer one. A walk that says that
// it is settled has not seen that.
func TestExploreCountAgainstClose(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		p, _ := NewPool(3)
		l, other, g := newList(1), newList(2), new(ledger)
		o := newOwner(p)
		g.add(l, o, 0)
		g.add(l, o, 1)
		s.Thread("closer", func() {
			g.close(l, o)
			for arg := range uint64(3) {
				g.add(other, o, 2+arg)
			}
		})
		s.Thread("counter", func() {
			all, _, settled := p.Count(&l.word, l.life, 8, 10)
			explore.Assert(!settled || all == 2, "counted %d of 2", all)
		})
		s.Finally(func() {
			g.close(other, o)
			o.Close()
			g.check(p, 3)
		})
	})
}
