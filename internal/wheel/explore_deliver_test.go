//go:build explore

package wheel

import (
	"slices"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// TestExploreLateAdders: the value passes two adders' points while they add.
func TestExploreLateAdders(t *testing.T) {
	for _, to := range []uint64{5, 70} {
		explore.Searches(t, large(2), func(s *explore.Scenario) {
			x := newWorld(s, 4, 3)
			x.thread("a", func(o *Owner) { x.addArg(o, 5, 5) })
			x.thread("b", func(o *Owner) { x.addArg(o, 5, 1005) })
			x.thread("advancer", func(o *Owner) {
				x.advance(o, 4)
				x.advance(o, to)
			})
			x.quiet()
		})
	}
}

func TestExploreLateMany(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		x.thread("adder", func(o *Owner) {
			err := o.AddMany(&x.w, []uint64{70, 5, 4}, 7, []uint64{70, 5, 4}, nil)
			if err == nil {
				x.added[70], x.added[5], x.added[4] = 1, 1, 1
			}
		})
		x.thread("advancer", func(o *Owner) {
			x.advance(o, 4)
			x.advance(o, 5)
		})
		x.quiet()
	})
}

// TestExploreOrder: what was added before the value moved is delivered in the order of the points, also where an owner is
// just then taking the box for an earlier value.
func TestExploreOrder(t *testing.T) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		x := newWorld(s, 6, 3)
		o := x.owner()
		x.add(o, 90)
		x.add(o, 6)
		o.Close()
		var moving atomicx.Uint32
		var early atomicx.Cell[bool]
		x.onRun[6] = func(o *Owner) {
			x.add(o, 7)
			x.advance(o, 7)
		}
		x.thread("owner", func(o *Owner) { x.advance(o, 6) })
		x.thread("adder", func(o *Owner) {
			x.add(o, 80)
			early.Set(moving.Load() == 0)
		})
		x.thread("advancer", func(o *Owner) {
			moving.Store(1)
			x.advance(o, 100)
		})
		s.Finally(func() {
			x.adopt(x.owner())
			at80, at90 := slices.Index(x.order, 80), slices.Index(x.order, 90)
			explore.Assert(at90 >= 0 && slices.Index(x.order, 6) < at90, "order %v", x.order)
			explore.Assert(!early.Get() || at80 >= 0 && at80 < at90, "order %v", x.order)
		})
	})
}

// TestExploreHandOver: an owner without a budget hands over what others have made due.
func TestExploreHandOver(t *testing.T) {
	for _, budget := range []uint32{0, 1} {
		explore.Searches(t, large(2), func(s *explore.Scenario) {
			x := newWorld(s, 6, 3)
			x.p.budget = budget
			o := x.owner()
			for _, p := range []uint64{4, 5, 70, 71} {
				x.add(o, p)
			}
			o.Close()
			x.thread("a", func(o *Owner) { x.advance(o, 4) })
			x.thread("b", func(o *Owner) {
				x.advance(o, 5)
				x.advance(o, 71)
			})
			x.thread("other", func(o *Owner) { x.add(o, 6) })
			x.quiet()
		})
	}
}

// TestExploreNested: Advance within a callback publishes; its callbacks follow in the outer one, and are never handed over.
func TestExploreNested(t *testing.T) {
	explore.Searches(t, large(3), func(s *explore.Scenario) {
		x := newWorld(s, 6, 3)
		x.p.budget = 0
		o := x.owner()
		for _, p := range []uint64{4, 5, 70} {
			x.add(o, p)
		}
		o.Close()
		inside := false
		x.onRun[4] = func(o *Owner) {
			inside = true
			x.advance(o, 5)
			x.advance(o, 70)
			explore.Assert(len(x.order) == 1, "delivered inside a callback: %v", x.order)
			explore.Assert(o.Flush(&x.w) == ErrDelivering, "Flush in a callback")
			inside = false
		}
		x.thread("advancer", func(o *Owner) {
			x.advance(o, 4)
			explore.Assert(x.ran[4] == 0 || len(x.order) >= 3, "returned after %v", x.order)
			explore.Assert(!inside && o.top == nil, "delivering still")
		})
		x.thread("adder", func(o *Owner) { x.add(o, 6) })
		x.quiet()
	})
}

// TestExploreLeaves: who owns the wheel for another reason than to deliver leaves nothing undone.
func TestExploreLeaves(t *testing.T) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		o := x.owner()
		x.add(o, 5)
		x.add(o, 70)
		o.Close()
		x.w.pool.least = 1
		x.thread("looker", func(o *Owner) {
			p, ok, busy := o.Oldest(&x.w)
			explore.Assert(busy || !ok || p == 5 || p == 70, "oldest %d", p)
		})
		x.thread("advancer", func(o *Owner) { x.advance(o, 5) })
		x.thread("second", func(o *Owner) { x.advance(o, 70) })
		x.quiet()
	})
}

// TestExploreLeavesOne is the same with one callback in the box, and nothing but that.
func TestExploreLeavesOne(t *testing.T) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		o := x.owner()
		x.add(o, 5)
		o.Close()
		x.w.pool.least = 1
		x.thread("looker", func(o *Owner) { o.Pending(&x.w) })
		x.thread("advancer", func(o *Owner) { x.advance(o, 5) })
		x.thread("adder", func(o *Owner) { x.add(o, 4) })
		x.quiet()
	})
}

// TestExploreFlush: what was due before the call has run after it.
func TestExploreFlush(t *testing.T) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		o := x.owner()
		x.add(o, 4)
		o.Close()
		x.thread("advancer", func(o *Owner) { x.advance(o, 4) })
		x.s.Thread("flusher", func() {
			o := x.owner()
			x.add(o, 5)
			_, due := o.Advance(&x.w, 5)
			added := x.added[5]
			if due {
				x.deliver(o)
			}
			if x.handed.Load() == 0 {
				flushTaking(o, &x.w, func() { x.adopt(o) })
				explore.Assert(x.ran[4] == 1 && x.ran[5] == added, "flushed; ran %v", x.ran)
			}
			o.Close()
		})
		x.quiet()
	})
}

// TestExploreRounded: where rounding can't tell whether something is due, the exact minimum does.
func TestExploreRounded(t *testing.T) {
	const big = 1 << 60
	explore.Searches(t, small, func(s *explore.Scenario) {
		x := newWorld(s, 4, big)
		var ran atomicx.Cell[int]
		add := func(o *Owner, p uint64) { o.Add(&x.w, p, 1, p) }
		run := func(o *Owner, n uint64) {
			if _, due := o.Advance(&x.w, n); due {
				for c, ok := o.Next(&x.w); ok; c, ok = o.Next(&x.w) {
					explore.Assert(x.w.value.Load() >= c.Point, "too early")
					ran.Set(ran.Get() + 1)
				}
			}
		}
		o := x.owner()
		add(o, big+9)
		run(o, big+1) // sorts
		o.Close()
		x.thread("a", func(o *Owner) { run(o, big+9) })
		x.thread("b", func(o *Owner) {
			run(o, big+8)
			add(o, big+100)
		})
		s.Finally(func() {
			explore.Assert(ran.Get() == 1 && x.handed.Load() == 0, "ran %d", ran.Get())
		})
	})
}

// TestExploreRegained: an owner that comes back to a wheel, which others have owned meanwhile, knows inside which other
// wheel's callback it stands. It comes back from EndOne, or from Next.
func TestExploreRegained(t *testing.T) {
	t.Run("one", func(t *testing.T) { exploreRegained(t, (*world).advance) })
	t.Run("next", func(t *testing.T) { exploreRegained(t, (*world).advanceWhole) })
}

func exploreRegained(t *testing.T, advance func(*world, *Owner, uint64)) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		x := newWorld(s, 6, 3)
		var outer Wheel
		outer.Init(x.p, 0)
		o := x.owner()
		o.Add(&outer, 1, 7, 0)
		for _, p := range []uint64{4, 5, 6} {
			x.add(o, p)
		}
		o.Close()
		x.thread("a", func(o *Owner) {
			_, due := o.Advance(&outer, 1)
			_, ok := o.Next(&outer)
			explore.Assert(due && ok, "nothing is due on the outer wheel")
			advance(x, o, 4)
			explore.Assert(o.top == &outer, "not delivering for the outer wheel")
			_, ok = o.Next(&outer)
			explore.Assert(!ok && o.top == nil, "delivering still")
		})
		x.thread("b", func(o *Owner) { x.advance(o, 5) })
		x.thread("c", func(o *Owner) { x.advance(o, 6) })
		x.quiet()
	})
}
