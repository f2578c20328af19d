//go:build explore

package wheel

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// TestExploreCrossedCancels: two wheels are delivered at once, and a callback of each cancels one of the other's, which may be
// running just then.
func TestExploreCrossedCancels(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		x := newWorld(s, 2, 3)
		var other Wheel
		other.Init(x.p, 3)
		wheels := [2]*Wheel{&x.w, &other}
		var tickets [2]Ticket
		o := x.owner()
		for k, w := range wheels {
			tickets[k], _ = o.Add(w, 4, 7, uint64(k))
			x.added[uint64(k)] = 1
		}
		o.Close()
		for k, name := range []string{"a", "b"} {
			x.thread(name, func(o *Owner) {
				_, due := o.Advance(wheels[k], 4)
				for ok := due; ok; {
					var c Callback
					if c, ok = o.Next(wheels[k]); ok {
						x.decided(c.Arg)
						x.ran[c.Arg]++
						if o.Cancel(wheels[1-k], tickets[1-k]) {
							x.decided(uint64(1 - k))
							x.canceled[uint64(1-k)]++
						}
					}
				}
			})
		}
		s.Finally(func() {
			o := x.owner()
			for k, w := range wheels {
				arg := uint64(k)
				explore.Assert(x.ran[arg]+x.canceled[arg] == 1, "arg %d: ran %d, canceled %d", arg, x.ran[arg], x.canceled[arg])
				o.Sweep(w)
			}
			explore.Assert(o.Reserve(2) == nil, "a node is lost")
		})
	})
}

// TestExploreTheEnd: the last points there are, behind which the words have no room, while the value gets there, and is
// perhaps closed before.
func TestExploreTheEnd(t *testing.T) {
	for _, closer := range []bool{false, true} {
		name := "advance"
		if closer {
			name = "close"
		}
		t.Run(name, func(t *testing.T) {
			explore.Searches(t, large(2), func(s *explore.Scenario) {
				x := newWorld(s, 4, MaxPoint-2)
				x.thread("adder", func(o *Owner) {
					x.addArg(o, MaxPoint, 1)
					if closer {
						x.addArg(o, MaxPoint-1, 2)
					}
					_, err := o.Add(&x.w, MaxPoint+1, 7, 3)
					explore.Assert(err == ErrRange, "a point behind the last: %v", err)
				})
				x.thread("advancer", func(o *Owner) {
					x.advance(o, MaxPoint-1)
					x.advance(o, MaxPoint)
					explore.Assert(!x.w.Raise(MaxPoint+1) && x.w.Value() <= MaxPoint, "advanced to %d", x.w.Value())
				})
				if closer {
					x.thread("closer", func(o *Owner) { x.close(o, 1) })
				}
				x.quiet()
			})
		})
	}
}

// TestExploreExhausted: there are fewer callbacks than are wanted. Who gets none is told so, many are added all or not at
// all, nothing is lost, and all of them can be had again.
func TestExploreExhausted(t *testing.T) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		const nodes = 2
		x := newWorld(s, nodes, 3)
		x.thread("adder", func(o *Owner) {
			for _, p := range []uint64{5, 70} {
				ticket, err := o.Add(&x.w, p, 7, p)
				explore.Assert(err == nil || err == ErrExhausted || err == ErrSignaled, "Add: %v", err)
				if err == nil {
					x.added[p]++
					x.cancel(o, ticket, p)
				} else if err == ErrExhausted {
					o.Sweep(&x.w) // as runtime does
				}
			}
		})
		x.thread("many", func(o *Owner) {
			points := []uint64{6, 71}
			err := o.AddMany(&x.w, points, 7, points, nil)
			explore.Assert(err == nil || err == ErrExhausted || err == ErrSignaled, "AddMany: %v", err)
			if err == nil {
				x.added[6], x.added[71] = 1, 1
			}
		})
		x.thread("advancer", func(o *Owner) { x.advance(o, 6) })
		x.quiet() // which counts the nodes
	})
}

// TestExploreLastGeneration: the only callback is used until its generations end, while one cancels by the ticket of the
// first. It is retired, and no ticket names another use.
func TestExploreLastGeneration(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		x := newWorld(s, 1, 3)
		x.p.SetLastGeneration(3)
		o := x.owner()
		ticket := x.add(o, 4)
		o.Close()
		x.thread("canceler", func(o *Owner) {
			x.cancel(o, ticket, 4)
			explore.Assert(!o.Cancel(&x.w, ticket), "canceled twice")
		})
		x.thread("user", func(o *Owner) {
			x.advance(o, 4)
			for p := uint64(5); p < 8; p++ {
				_, err := o.Add(&x.w, p, 7, p)
				explore.Assert(err == nil || err == ErrExhausted, "Add: %v", err)
				if err == nil {
					x.added[p]++
				}
				x.advance(o, p)
			}
		})
		s.Finally(func() {
			uses := len(x.added)
			for p, n := range x.added {
				explore.Assert(x.ran[p]+x.canceled[p] == n, "%d: added %d, ran %d, canceled %d", p, n, x.ran[p], x.canceled[p])
			}
			o := x.owner()
			o.Sweep(&x.w)
			left := o.Reserve(1) == nil
			if left { // the last use may still be to come
				_, err := o.Add(&x.w, 9, 7, 9)
				explore.Assert(err == nil || err == ErrExhausted, "Add: %v", err)
				if err == nil {
					uses++
					x.added[9] = 1
					x.advance(o, 9)
				}
			}
			_, err := o.Add(&x.w, 10, 7, 10)
			explore.Assert(uses == 2 && err == ErrExhausted && x.p.Retired() == 1, "%d uses, %d retired, then %v", uses, x.p.Retired(), err)
		})
	})
}

// TestExploreManyAgainstClose: many are added at once while the wheel is closed, all or none, and canceled from.
func TestExploreManyAgainstClose(t *testing.T) {
	for _, canceler := range []bool{false, true} {
		options, name := small, "close"
		if canceler {
			options, name = large(2), "close and cancel"
		}
		t.Run(name, func(t *testing.T) {
			explore.Searches(t, options, func(s *explore.Scenario) {
				x := newWorld(s, 4, 3)
				o := x.owner()
				ticket := x.add(o, 6)
				o.Close()
				x.thread("adder", func(o *Owner) {
					points := []uint64{70, 5, 900}
					if err := o.AddMany(&x.w, points, 7, points, nil); err == nil {
						x.added[70], x.added[5], x.added[900] = 1, 1, 1
					} else {
						explore.Assert(err == ErrSignaled && x.w.Closed(), "AddMany: %v", err)
					}
				})
				x.thread("closer", func(o *Owner) { x.close(o, 1) })
				if canceler {
					x.thread("canceler", func(o *Owner) { x.cancel(o, ticket, 6) })
				}
				x.quiet()
			})
		})
	}
}

// TestExploreDelivered: who is told that a point's callbacks have run sees what they did; behind, passes and exact are release
// stores.
func TestExploreDelivered(t *testing.T) {
	scenario := func(ask func(x *world, o *Owner) bool) func(*explore.Scenario) {
		return func(s *explore.Scenario) {
			x := newWorld(s, 3, 3)
			o := x.owner()
			x.add(o, 4)
			x.add(o, 70)
			o.Close()
			x.thread("advancer", func(o *Owner) {
				x.advance(o, 5)
				x.advance(o, 70)
			})
			x.thread("asker", func(o *Owner) {
				if x.w.Value() >= 4 && ask(x, o) {
					x.decided(4) // after it, or they race
					explore.Assert(x.ran[4] == 1, "told that it has run")
				}
			})
			x.quiet()
		}
	}
	t.Run("Delivered", func(t *testing.T) {
		explore.Searches(t, small, scenario(func(x *world, _ *Owner) bool { return x.w.Delivered(4) }))
	})
	t.Run("Flush", func(t *testing.T) {
		explore.Searches(t, large(3), scenario(func(x *world, o *Owner) bool {
			flushTaking(o, &x.w, func() { x.adopt(o) })
			return true
		}))
	})
}

// TestExploreHandOverAgainstClose: a wheel without a budget is closed while it is handed over, and while who has it delivers.
func TestExploreHandOverAgainstClose(t *testing.T) {
	explore.Searches(t, large(2), func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		x.p.budget = 0
		o := x.owner()
		for _, p := range []uint64{4, 5, 70} {
			x.add(o, p)
		}
		o.Close()
		x.thread("a", func(o *Owner) { x.advance(o, 4) })
		x.thread("b", func(o *Owner) {
			x.advance(o, 5)
			x.add(o, 6)
		})
		x.thread("closer", func(o *Owner) { x.close(o, 2) })
		x.quiet()
	})
}
