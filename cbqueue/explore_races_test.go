//go:build explore

package cbqueue

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// run closes a list and has each callback do something besides, on the Owner that runs it.
func (g *ledger) run(l *list, o *Owner, inside func(arg uint64)) bool {
	return l.close(o, 1, func(arg uint64) {
		raise(&g.ran[arg])
		inside(arg)
	})
}

// TestExploreCrossedCancels: two lists are drained at once, and a callback of each cancels one of the other's, which may
// be running just then.
func TestExploreCrossedCancels(t *testing.T) {
	explore.Searches(t, medium, func(s *explore.Scenario) {
		p, _ := NewPool(4)
		g, o := new(ledger), newOwner(p)
		lists := [2]*list{newList(1), newList(2)}
		var tickets [2]Ticket
		for k, l := range lists {
			tickets[k] = g.add(l, o, uint64(k))
			g.add(l, o, uint64(2+k))
		}
		o.Close()
		for k, name := range []string{"a", "b"} {
			s.Thread(name, func() {
				o := newOwner(p)
				other := 1 - k
				g.run(lists[k], o, func(arg uint64) {
					if arg == uint64(k) {
						g.cancel(lists[other], o, tickets[other], uint64(other))
					}
				})
				o.Close()
			})
		}
		s.Finally(func() { g.check(p, 4) })
	})
}

// TestExploreRunsAgainOnAnotherList: a callback adds itself to another list while that is drained, and is refused or
// runs there once.
func TestExploreRunsAgainOnAnotherList(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		p, _ := NewPool(3)
		g, o := new(ledger), newOwner(p)
		l, m := newList(1), newList(2)
		g.add(l, o, 0)
		g.add(m, o, 1)
		o.Close()
		s.Thread("first", func() {
			o := newOwner(p)
			g.run(l, o, func(uint64) { g.add(m, o, 2) })
			o.Close()
		})
		s.Thread("second", func() {
			o := newOwner(p)
			g.close(m, o)
			o.Close()
		})
		s.Finally(func() { g.check(p, 3) })
	})
}

// TestExploreReuseUnderAWalk: a list is swept by one and drained by another, who uses the nodes at once on another list, which
// a third cancels from. Whoever walks stands on nodes that are elsewhere by now.
func TestExploreReuseUnderAWalk(t *testing.T) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		p, _ := NewPool(3)
		p.SweepOften()
		g, o := new(ledger), newOwner(p)
		l, m := newList(1), newList(2)
		var x [3]Ticket
		for arg := range uint64(3) {
			x[arg] = g.add(l, o, arg)
		}
		o.Close()
		s.Thread("sweeper", func() {
			o := newOwner(p)
			g.cancel(l, o, x[1], 1)
			o.Close()
		})
		s.Thread("drainer", func() {
			o := newOwner(p)
			g.close(l, o)
			g.add(m, o, 3)
			y := g.add(m, o, 4)
			g.add(m, o, 5)
			if y != 0 {
				g.cancel(m, o, y, 4)
			}
			o.Close()
		})
		s.Thread("late", func() {
			o := newOwner(p)
			g.cancel(l, o, x[0], 0)
			o.Close()
		})
		s.Finally(func() {
			o := newOwner(p)
			g.close(m, o)
			o.Close()
			g.check(p, 3)
		})
	})
}

// TestExploreExhausted: there are fewer callbacks than are wanted. Who gets none is told so, many are added all or not at all,
// nothing is lost, and all of them can be had again.
func TestExploreExhausted(t *testing.T) {
	explore.Searches(t, medium, func(s *explore.Scenario) {
		const nodes = 2
		p, _ := NewPool(nodes)
		g := new(ledger)
		l := newList(1)
		s.Thread("adder", func() {
			o := newOwner(p)
			for arg := range uint64(2) {
				x, err := l.add(o, arg)
				explore.Assert(err == nil || err == ErrExhausted, "Add: %v", err)
				if err == nil {
					raise(&g.added[arg])
					g.cancel(l, o, x, arg)
				}
			}
			o.Close()
		})
		s.Thread("many", func() {
			o := newOwner(p)
			err := o.AddMany(&l.word, l.life, 7, []uint64{2, 3}, nil)
			explore.Assert(err == nil || err == ErrExhausted, "AddMany: %v", err)
			if err == nil {
				raise(&g.added[2])
				raise(&g.added[3])
			}
			o.Close()
		})
		s.Finally(func() {
			o := newOwner(p)
			g.close(l, o)
			again := newList(2)
			for arg := range uint64(nodes) {
				_, err := again.add(o, 4+arg)
				explore.Assert(err == nil, "not again: %v", err)
				raise(&g.added[4+arg])
			}
			g.close(again, o)
			o.Close()
			g.check(p, nodes)
		})
	})
}

// TestExploreLastGeneration: the only callback is used until its generations end, while one cancels by the ticket of the
// first. It is retired, and no ticket names another use.
func TestExploreLastGeneration(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		p, _ := NewPool(1)
		p.SetLastGeneration(3)
		g, o := new(ledger), newOwner(p)
		l := newList(1)
		x := g.add(l, o, 0)
		o.Close()
		s.Thread("canceler", func() {
			o := newOwner(p)
			g.cancel(l, o, x, 0)
			explore.Assert(!l.cancel(o, x), "canceled twice")
			o.Close()
		})
		s.Thread("runner", func() {
			o := newOwner(p)
			g.close(l, o)
			for arg := range uint64(3) {
				m := newList(2 + arg)
				_, err := m.add(o, 1+arg)
				explore.Assert(err == nil || err == ErrExhausted, "Add: %v", err)
				if err == nil {
					raise(&g.added[1+arg])
				}
				g.close(m, o)
			}
			o.Close()
		})
		s.Finally(func() {
			uses := 0
			for arg := range g.added {
				uses += g.added[arg].Get()
			}
			explore.Assert(uses <= 2, "%d uses, %d retired", uses, p.Retired())
			g.check(p, 1)
		})
	})
}

// TestExploreTwoOrphans: two Owners close with nodes that a run may still stand on, while a third looks for such. All are found when
// the run has ended.
func TestExploreTwoOrphans(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		p, _ := NewPool(4)
		l := newList(1)
		l.word.Store(l.life | Closed | Running)
		one := newOwner(p)
		var dead [2]uint32
		dead[0], _ = one.alloc(7)
		dead[1], _ = one.alloc(7)
		one.Close()
		for _, i := range dead {
			explore.Assert(i != 0, "no node is left")
			o := newOwner(p)
			o.limbo = limbo{head: i, word: &l.word, life: l.life}
			s.Thread("closer", o.Close)
		}
		third := newOwner(p)
		s.Thread("third", func() { explore.Assert(third.limbo.settle(third), "its own limbo is empty") })
		s.Finally(func() {
			l.word.Store(l.life | Closed)
			third.limbo.settle(third)
			third.Close()
			n := free(p)
			explore.Assert(n == 4, "%d of 4 nodes are free", n)
		})
	})
}
