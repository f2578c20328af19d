//go:build explore

package cbqueue

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// A ledger counts what became of each argument. Its words are atomics because outcomes are
// recorded by several threads; the extra yields are a price.
type ledger struct {
	ran, canceled, added [8]int // plain: threads of an exploration never run at once
}

func (g *ledger) check(p *Pool, nodes int) {
	for i := range g.ran {
		explore.Assert(g.ran[i]+g.canceled[i] == g.added[i],
			"callback %d: added %d, ran %d, canceled %d", i, g.added[i], g.ran[i], g.canceled[i])
	}
	n := free(p)
	explore.Assert(n == nodes, "%d of %d nodes are free at the end", n, nodes)
}

func (g *ledger) add(l *list, o *Owner, arg uint64) Ticket {
	x, err := l.add(o, arg)
	if err == nil {
		g.added[arg]++
	}
	return x
}

func (g *ledger) cancel(l *list, o *Owner, x Ticket, arg uint64) {
	if l.cancel(o, x) {
		g.canceled[arg]++
	}
}

func (g *ledger) close(l *list, o *Owner) bool {
	return l.close(o, 1, func(arg uint64) { g.ran[arg]++ })
}

func TestExploreAddAgainstClose(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		p, _ := NewPool(4)
		l, g := newList(1), new(ledger)
		s.Thread("adder", func() {
			o := newOwner(p)
			g.add(l, o, 0)
			g.add(l, o, 1)
			o.Close()
		})
		s.Thread("batch", func() {
			o := newOwner(p)
			if o.AddMany(&l.word, l.life, 7, []uint64{2, 3}, nil) == nil {
				g.added[2]++
				g.added[3]++
			}
			o.Close()
		})
		s.Thread("closer", func() {
			o := newOwner(p)
			g.close(l, o)
			o.Close()
		})
		s.Finally(func() {
			o := newOwner(p)
			g.close(l, o)
			o.Close()
			g.check(p, 4)
		})
	})
}

func TestExploreTwoClosers(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		p, _ := NewPool(2)
		l, g := newList(1), new(ledger)
		closed := 0
		for _, name := range []string{"a", "b"} {
			s.Thread(name, func() {
				o := newOwner(p)
				if g.close(l, o) {
					closed++
				}
				o.Close()
			})
		}
		s.Thread("adder", func() {
			o := newOwner(p)
			g.add(l, o, 0)
			o.Close()
		})
		s.Finally(func() {
			explore.Assert(closed == 1, "closed %d times", closed)
			g.check(p, 2)
		})
	})
}

// cancelScenario has n callbacks on a list, two cancelers of different or the same one, and
// perhaps a closer.
func cancelScenario(often, same, closer bool) func(*explore.Scenario) {
	return func(s *explore.Scenario) {
		const nodes = 4
		p, _ := NewPool(nodes)
		if often {
			p.SweepOften()
		}
		l, g := newList(1), new(ledger)
		o := newOwner(p)
		var tickets [3]Ticket
		for i := range tickets {
			tickets[i] = g.add(l, o, uint64(i))
		}
		o.Close()
		second := uint64(1)
		if same {
			second = 0
		}
		s.Thread("first", func() {
			o := newOwner(p)
			g.cancel(l, o, tickets[0], 0)
			o.Close()
		})
		s.Thread("second", func() {
			o := newOwner(p)
			g.cancel(l, o, tickets[second], second)
			if !closer { // its node may be used again on the same list
				g.add(l, o, 3)
			}
			o.Close()
		})
		s.Thread("third", func() {
			o := newOwner(p)
			if closer {
				g.close(l, o)
			} else {
				g.cancel(l, o, tickets[2], 2)
			}
			o.Close()
		})
		s.Finally(func() {
			o := newOwner(p)
			g.close(l, o)
			o.Close()
			g.check(p, nodes)
		})
	}
}

func TestExploreCancelAgainstCancel(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, cancelScenario(false, false, false))
}

func TestExploreCancelTwice(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, cancelScenario(false, true, false))
}

func TestExploreCancelAgainstSweep(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, cancelScenario(true, false, false))
}

func TestExploreCancelAgainstClose(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, cancelScenario(false, false, true))
}

func TestExploreSweepAgainstClose(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, cancelScenario(true, false, true))
}

// TestExploreNodeReuse cancels by a ticket whose callback runs, ends, and whose node is used on
// another list meanwhile.
func TestExploreNodeReuse(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		p, _ := NewPool(1)
		l, m, g := newList(1), newList(1), new(ledger)
		o := newOwner(p)
		x := g.add(l, o, 0)
		o.Close()
		var reused atomicx.Uint32
		s.Thread("canceler", func() {
			o := newOwner(p)
			g.cancel(l, o, x, 0)
			o.Close()
		})
		s.Thread("runner", func() {
			o := newOwner(p)
			g.close(l, o)
			if g.add(m, o, 1) != 0 {
				reused.Store(1)
			}
			g.close(m, o)
			o.Close()
		})
		s.Finally(func() {
			explore.Assert(m.word.Load() != m.life, "the second list was not closed")
			g.check(p, 1)
		})
	})
}

// TestExplorePopAgainstSweep is the ABA that a sweep could plant under a pop (Q4): the newest is
// popped while the one behind it, dead, is unlinked, freed and used again.
func TestExplorePopAgainstSweep(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 3}, func(s *explore.Scenario) {
		p, _ := NewPool(3)
		p.SweepOften()
		l, g := newList(1), new(ledger)
		o := newOwner(p)
		x, y := g.add(l, o, 0), g.add(l, o, 1)
		g.add(l, o, 2)
		z := Ticket(0)
		_ = y
		o.Close()
		s.Thread("popper", func() {
			o := newOwner(p)
			g.cancel(l, o, y, 1)
			o.Close()
		})
		s.Thread("sweeper", func() {
			o := newOwner(p)
			g.cancel(l, o, x, 0)
			z = g.add(l, o, 3) // perhaps x's node
			g.cancel(l, o, z, 3)
			g.add(l, o, 4)
			o.Close()
		})
		s.Finally(func() {
			o := newOwner(p)
			g.close(l, o)
			o.Close()
			g.check(p, 3)
		})
	})
}
