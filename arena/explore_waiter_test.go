//go:build explore

package arena

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// A crowd is an arena with the slots that its Owner has reserved before the threads begin.
type crowd struct {
	*Arena
	o    *Owner
	refs []Ref
	busy [4]atomicx.Cell[bool]
}

func newCrowd(slots, reserved int, keep bool) *crowd {
	a, _ := New(slots)
	if !keep {
		a.SetShare(64)
	}
	c := &crowd{Arena: a, o: a.NewOwner()}
	for range reserved {
		r, _ := c.o.Reserve()
		c.refs = append(c.refs, c.got(r))
	}
	return c
}

// got notes that the caller has a slot.
func (c *crowd) got(r Ref) Ref {
	explore.Assert(!c.busy[r.Index()].Get(), "slot %d has two owners", r.Index())
	c.busy[r.Index()].Set(true)
	return r
}

func (c *crowd) end(o *Owner, r Ref) {
	c.busy[r.Index()].Set(false)
	o.End(r)
}

// waits waits for a slot and gives it back; it tells what came of it.
func (c *crowd) waits(w *Waiter, canceled <-chan struct{}) error {
	r, err := w.Wait(canceled)
	if err == nil {
		o := c.NewOwner()
		c.end(o, c.got(r))
		o.Close()
	}
	return err
}

// finally checks that all slots are free and nobody is left in the queue.
func (c *crowd) finally(slots int) {
	explore.Assert(int32(c.gate.Load()) >= 0, "the gate says that somebody waits")
	explore.Assert(c.waiting.gone.Load() == 0, "%d are gone and not unlinked", c.waiting.gone.Load())
	explore.Assert(c.waiting.turn.Load() == resting, "a dispatcher is left")
	o := c.NewOwner()
	for n := 0; ; n++ {
		r, err := o.Reserve()
		if err != nil {
			explore.Assert(n == slots, "%d of %d slots are left", n, slots)
			return
		}
		c.got(r)
	}
}

// TestExploreWaiterAgainstGiver: no wake-up is lost and no slot, while a third takes one if it can. A lost wake-up is a
// deadlock.
func TestExploreWaiterAgainstGiver(t *testing.T) {
	explore.Searches(t, large(3), func(s *explore.Scenario) {
		c := newCrowd(1, 1, false)
		s.Thread("waiter", func() {
			err := c.waits(c.Join(), nil)
			explore.Assert(err == nil, "Wait: %v", err)
		})
		s.Thread("giver", func() { c.end(c.o, c.refs[0]) })
		s.Thread("third", func() {
			o := c.NewOwner()
			if r, err := o.Reserve(); err == nil {
				c.end(o, c.got(r))
			}
		})
		s.Finally(func() { c.finally(1) })
	})
}

// TestExploreGiverWithAMagazine: a Give that begins after somebody has joined leaves nothing in the magazine, though
// others turn the gate meanwhile.
func TestExploreGiverWithAMagazine(t *testing.T) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		c := newCrowd(3, 3, true)
		var joined atomicx.Uint32
		p := c.NewOwner()
		var w *Waiter
		s.Thread("waiter", func() {
			w = c.Join()
			joined.Store(1)
			err := c.waits(w, nil)
			explore.Assert(err == nil, "Wait: %v", err)
		})
		s.Thread("giver", func() {
			c.end(c.o, c.refs[0])
			late := joined.Load() == 1
			c.end(c.o, c.refs[1])
			explore.Assert(!late || c.o.Held() == 0 || w.state.Load() != waiting, "%d are kept from who waits", c.o.Held())
			c.o.Close()
		})
		s.Thread("third", func() {
			c.end(p, c.refs[2])
			if r, err := p.Reserve(); err == nil {
				c.end(p, c.got(r))
			}
			p.Close()
		})
		s.Finally(func() { c.finally(3) })
	})
}

// TestExploreWaitersInOrder: of two that have joined one after the other the first is served first, and both are,
// although each of two goroutines gives one slot and may leave the other's to be handed over.
func TestExploreWaitersInOrder(t *testing.T) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		c := newCrowd(1, 1, false)
		var joined atomicx.Uint32
		var first, second Ref
		join := func(r *Ref) {
			w := c.Join()
			joined.Add(1)
			var err error
			*r, err = w.Wait(nil)
			explore.Assert(err == nil, "Wait: %v", err)
			o := c.NewOwner()
			c.end(o, c.got(*r))
		}
		var late atomicx.Cell[bool]
		s.Thread("first", func() { join(&first) })
		s.Thread("second", func() { late.Set(joined.Load() == 1); join(&second) })
		s.Thread("giver", func() { c.end(c.o, c.refs[0]) })
		s.Finally(func() {
			explore.Assert(!late.Get() || first.Generation() < second.Generation(), "the second was served first")
			c.finally(1)
		})
	})
}

// TestExploreGiversAgainstGivers: both who wait are served, whoever of two givers hands the slots over.
func TestExploreGiversAgainstGivers(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		c := newCrowd(2, 2, false)
		queue := []*Waiter{c.Join(), c.Join()}
		for k, name := range []string{"a", "b"} {
			s.Thread(name, func() {
				o := c.NewOwner()
				c.end(o, c.refs[k])
			})
		}
		s.Finally(func() {
			for _, w := range queue {
				explore.Assert(w.state.Load() == served, "state %d", w.state.Load())
				err := c.waits(w, nil)
				explore.Assert(err == nil, "Wait: %v", err)
			}
			c.finally(2)
		})
	})
}

// TestExploreGateAgainstJoining: a Reserve that finds slots scarce, or plenty again, doesn't make Owners forget that
// somebody has begun to wait meanwhile.
func TestExploreGateAgainstJoining(t *testing.T) {
	for name, reserved := range map[string]int{"starve": 3, "reopen": 1} {
		t.Run(name, func(t *testing.T) {
			explore.Searches(t, large(2), func(s *explore.Scenario) {
				c := newCrowd(3, reserved, true)
				if name == "reopen" {
					c.gate.Store(0)
				}
				p := c.NewOwner()
				s.Thread("reserver", func() {
					if r, err := p.Reserve(); err == nil { // it may have begun before the other
						c.end(p, c.got(r))
					}
					p.Close()
				})
				s.Thread("waiter", func() {
					err := c.waits(c.Join(), nil)
					explore.Assert(err == nil, "Wait: %v", err)
				})
				s.Thread("giver", func() {
					c.end(c.o, c.refs[0])
					c.o.Close()
				})
				s.Finally(func() {
					for _, r := range c.refs[1:] {
						c.end(c.o, r)
					}
					c.o.Close()
					c.finally(3)
				})
			})
		})
	}
}

// TestExploreLeavingAgainstGiver: one stops waiting while a slot comes, another doesn't, or there is none. The slot
// isn't lost.
func TestExploreLeavingAgainstGiver(t *testing.T) {
	for name, others := range map[string]int{"alone": 0, "with another": 1} {
		t.Run(name, func(t *testing.T) {
			explore.Searches(t, small, func(s *explore.Scenario) {
				c := newCrowd(1, 1, false)
				canceled := make(chan struct{})
				leaves := c.Join()
				close(canceled)
				s.Thread("leaves", func() {
					err := c.waits(leaves, canceled)
					explore.Assert(err == nil || err == ErrCanceled, "Wait: %v", err)
				})
				if others > 0 {
					stays := c.Join()
					s.Thread("stays", func() {
						err := c.waits(stays, nil)
						explore.Assert(err == nil, "Wait: %v", err)
					})
				}
				s.Thread("giver", func() { c.end(c.o, c.refs[0]) })
				s.Finally(func() { c.finally(1) })
			})
		})
	}
}

// TestExploreLeavingAgainstLeaving: all leave, somebody joins, and a Reserve finds the slot afterwards.
func TestExploreLeavingAgainstLeaving(t *testing.T) {
	explore.Searches(t, large(3), func(s *explore.Scenario) {
		c := newCrowd(1, 1, false)
		canceled := make(chan struct{})
		close(canceled)
		for _, name := range []string{"a", "b"} {
			s.Thread(name, func() {
				_, err := c.Join().Wait(canceled)
				explore.Assert(err == ErrCanceled, "Wait: %v", err)
			})
		}
		s.Finally(func() {
			c.end(c.o, c.refs[0])
			c.finally(1)
		})
	})
}

// TestExploreShutAgainstWaiting: who waits is served or turned away.
func TestExploreShutAgainstWaiting(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		c := newCrowd(1, 1, false)
		early := c.Join()
		s.Thread("early", func() {
			err := c.waits(early, nil)
			explore.Assert(err == nil || err == ErrShut, "Wait: %v", err)
		})
		s.Thread("late", func() {
			err := c.waits(c.Join(), nil)
			explore.Assert(err == nil || err == ErrShut, "Wait: %v", err)
		})
		s.Thread("shutter", func() { c.Shut() })
		s.Finally(func() { c.end(c.o, c.refs[0]) })
	})
}

// TestExploreGrowAgainstJoining: a new slot reaches who waits for it.
func TestExploreGrowAgainstJoining(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		a, _ := NewGrowable(1, 3)
		c := &crowd{Arena: a, o: a.NewOwner()}
		r, _ := c.o.Reserve()
		s.Thread("waiter", func() {
			w := c.Join()
			r, err := w.Wait(nil)
			explore.Assert(err == nil, "Wait: %v", err)
			c.got(r)
			c.end(c.NewOwner(), r)
		})
		s.Thread("grower", func() { _ = a.Grow(3) })
		s.Finally(func() {
			c.end(c.o, c.got(r))
			c.o.Close()
		})
	})
}
