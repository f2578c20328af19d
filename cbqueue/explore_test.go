//go:build explore

package cbqueue

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// How far these scenarios go. Most end by themselves, so no bound is needed; with release stores that arrive late (those of
// node.next, Q4, and of node.word) some have too many schedules for that, and are sampled.
var (
	all         = explore.Options{Mode: explore.Exhaustive}
	allBuffered = explore.Options{Mode: explore.Exhaustive, StoreBuffers: true}
	sampled     = explore.Options{Mode: explore.Random, StoreBuffers: true, MaxSchedules: 20_000}

	small  = []explore.Options{all, allBuffered}
	medium = append([]explore.Options{all, sampled}, explore.WhenLong(allBuffered)...)
)

// large is for those of which only a bound sees the end.
func large(preemptions int) []explore.Options {
	return append([]explore.Options{{Preemptions: preemptions}, sampled}, explore.WhenLong(explore.Options{Preemptions: 3}, all)...)
}

// A ledger counts what became of each argument. It is Cells, so that the search knows all that the threads share: for each
// argument one thread adds, one at most runs, and one cancels, or else they race.
type ledger struct {
	ran, canceled, added [8]atomicx.Cell[int]
}

func raise(c *atomicx.Cell[int]) { c.Set(c.Get() + 1) }

func (g *ledger) check(p *Pool, nodes int) {
	for i := range g.ran {
		ran, canceled, added := g.ran[i].Get(), g.canceled[i].Get(), g.added[i].Get()
		explore.Assert(ran+canceled == added, "callback %d: added %d, ran %d, canceled %d", i, added, ran, canceled)
	}
	n := free(p) + int(p.Retired())
	explore.Assert(n == nodes, "%d of %d nodes are free at the end", n, nodes)
}

func (g *ledger) add(l *list, o *Owner, arg uint64) Ticket {
	x, err := l.add(o, arg)
	if err == nil {
		raise(&g.added[arg])
	}
	return x
}

func (g *ledger) cancel(l *list, o *Owner, x Ticket, arg uint64) bool {
	ok := l.cancel(o, x)
	if ok {
		raise(&g.canceled[arg])
	}
	return ok
}

// cancelOnly is cancel by an Owner that cancels nothing else: its count says what it was told.
func (g *ledger) cancelOnly(l *list, o *Owner, x Ticket, arg uint64) {
	ok := g.cancel(l, o, x, arg)
	explore.Assert((o.counts.canceled.Load() == 1) == ok, "callback %d: canceled %v, counted otherwise", arg, ok)
}

func (g *ledger) close(l *list, o *Owner) bool {
	return l.close(o, 1, func(arg uint64) { raise(&g.ran[arg]) })
}

func TestExploreAddAgainstClose(t *testing.T) {
	explore.Searches(t, medium, func(s *explore.Scenario) {
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
				raise(&g.added[2])
				raise(&g.added[3])
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
	explore.Searches(t, small, func(s *explore.Scenario) {
		p, _ := NewPool(2)
		l, g := newList(1), new(ledger)
		var won [2]atomicx.Cell[int]
		for k, name := range []string{"a", "b"} {
			s.Thread(name, func() {
				o := newOwner(p)
				if g.close(l, o) {
					raise(&won[k])
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
			closed := won[0].Get() + won[1].Get()
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
			g.cancelOnly(l, o, tickets[0], 0)
			o.Close()
		})
		s.Thread("second", func() {
			o := newOwner(p)
			g.cancelOnly(l, o, tickets[second], second)
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
	explore.Searches(t, small, cancelScenario(false, false, false))
}

func TestExploreCancelTwice(t *testing.T) {
	explore.Searches(t, small, cancelScenario(false, true, false))
}

func TestExploreCancelAgainstSweep(t *testing.T) {
	explore.Searches(t, large(2), cancelScenario(true, false, false))
}

func TestExploreCancelAgainstClose(t *testing.T) {
	explore.Searches(t, small, cancelScenario(false, false, true))
}

func TestExploreSweepAgainstClose(t *testing.T) {
	explore.Searches(t, large(3), cancelScenario(true, false, true))
}

// TestExploreNodeReuse cancels by a ticket whose callback runs, ends, and whose node is used on
// another list meanwhile.
func TestExploreNodeReuse(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
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
	explore.Searches(t, medium, func(s *explore.Scenario) {
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
