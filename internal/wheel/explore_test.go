//go:build explore

package wheel

import (
	"testing"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// A world is a pool, a wheel and a ledger. Its counts are plain: threads of an exploration never run at once. What an exhaustive
// search has to know of them is in the Cells: those who touch the same counts touch the same Cell, and are ordered or race.
type world struct {
	p                    *Pool
	w                    Wheel
	nodes                int
	added, ran, canceled map[uint64]int // by arg
	order                []uint64       // points as they were delivered
	delivery             atomicx.Cell[int]
	outcome              map[uint64]*atomicx.Cell[int] // by arg: ran and canceled
	handed               atomicx.Uint32                // the wheel was handed over
	s                    *explore.Scenario
	onRun                map[uint64]func(*Owner)
}

// newWorld makes a wheel at a value. Small numbers: a sweep after each cancel.
func newWorld(s *explore.Scenario, nodes int, value uint64) *world {
	x := &world{nodes: nodes, s: s, added: map[uint64]int{}, ran: map[uint64]int{}, canceled: map[uint64]int{}, onRun: map[uint64]func(*Owner){}, outcome: map[uint64]*atomicx.Cell[int]{}}
	x.p, _ = NewPool(nodes, func(w *Wheel) {
		explore.Assert(x.handed.Load() == 0, "handed over while it is handed over")
		x.handed.Store(1)
	})
	x.p.grab = 1 // so that no Owner has them all
	x.w.Init(x.p, value)
	return x
}

// decided is what becomes of an argument, for who has decided it.
func (x *world) decided(arg uint64) {
	c := x.outcome[arg]
	if c == nil {
		c = new(atomicx.Cell[int])
		x.outcome[arg] = c
	}
	c.Set(c.Get() + 1)
}

func (x *world) owner() *Owner {
	o := new(Owner)
	o.Init(x.p)
	return o
}

// thread adds a thread with an Owner of its own.
func (x *world) thread(name string, f func(o *Owner)) {
	x.s.Thread(name, func() {
		o := x.owner()
		f(o)
		x.adopt(o) // whoever is left takes what was handed over: it models the other goroutine
		o.Close()
	})
}

func (x *world) adopt(o *Owner) {
	for x.handed.CompareAndSwap(1, 0) {
		o.Adopt(&x.w)
		x.deliver(o)
	}
}

func (x *world) deliver(o *Owner) {
	for {
		c, ok := o.Next(&x.w)
		if !ok {
			return
		}
		x.run(o, c)
	}
}

func (x *world) run(o *Owner, c Callback) {
	// No yield: only that the value is there.
	v := x.w.value.Load()
	explore.Assert(v >= c.Point, "point %d was delivered at value %d", c.Point, v)
	x.decided(c.Arg)
	x.delivery.Set(x.delivery.Get() + 1) // one delivers at a time
	x.ran[c.Arg]++
	explore.Assert(x.ran[c.Arg] == 1 && x.canceled[c.Arg] == 0, "arg %d ran %d times, canceled %d", c.Arg, x.ran[c.Arg], x.canceled[c.Arg])
	x.order = append(x.order, c.Point)
	if f := x.onRun[c.Arg]; f != nil {
		f(o)
	}
}

// add adds with the point as the argument too.
func (x *world) add(o *Owner, point uint64) Ticket { return x.addArg(o, point, point) }

func (x *world) addArg(o *Owner, point, arg uint64) Ticket {
	t, err := o.Add(&x.w, point, 7, arg)
	if err == nil {
		x.added[arg]++
	} else {
		explore.Assert(err == ErrSignaled, "add: %v", err)
		explore.Assert(x.w.value.Load() >= point, "point %d: ErrSignaled before its time", point)
	}
	return t
}

func (x *world) cancel(o *Owner, t Ticket, arg uint64) {
	if o.Cancel(&x.w, t) {
		x.decided(arg)
		x.canceled[arg]++
		explore.Assert(x.canceled[arg] == 1 && x.ran[arg] == 0, "arg %d canceled %d times, ran %d", arg, x.canceled[arg], x.ran[arg])
	}
}

// advance is as runtime does it.
func (x *world) advance(o *Owner, n uint64) {
	if !x.w.Raise(n) || x.w.Quiet(n) {
		return
	}
	c, one, due := o.KickOne(&x.w, n)
	if one {
		x.run(o, c)
		if o.EndOne(&x.w) {
			return
		}
	}
	if due {
		x.deliver(o)
	}
}

// advanceWhole is as a user of the package alone would do it.
func (x *world) advanceWhole(o *Owner, n uint64) {
	if _, due := o.Advance(&x.w, n); due {
		x.deliver(o)
	}
}

func (x *world) close(o *Owner, code uint32) bool {
	ok, due := o.CloseWheel(&x.w, code)
	if due {
		x.deliver(o)
	}
	return ok
}

// quiet is the check when all threads have ended: what is due has run, without anybody's help; then all the rest does, in
// order; and no node is lost.
func (x *world) quiet() {
	x.s.Finally(func() {
		o := x.owner()
		x.adopt(o)
		v := x.w.value.Load()
		explore.Assert(x.w.box.Load()&busy == 0, "the wheel has an owner still")
		for arg, n := range x.added {
			// In these scenarios arguments are points, or have the point below 1000.
			if p := arg % 1000; p <= v {
				explore.Assert(x.ran[arg]+x.canceled[arg] == n, "arg %d: the value is %d; added %d, ran %d, canceled %d", arg, v, n, x.ran[arg], x.canceled[arg])
			}
		}
		before := len(x.order)
		x.close(o, 9)
		for k := before + 1; k < len(x.order); k++ {
			explore.Assert(x.order[k-1] <= x.order[k], "order %v", x.order[before:])
		}
		for arg, n := range x.added {
			explore.Assert(x.ran[arg]+x.canceled[arg] == n, "arg %d: closed; added %d, ran %d, canceled %d", arg, n, x.ran[arg], x.canceled[arg])
		}
		for arg, n := range x.ran {
			explore.Assert(n <= x.added[arg], "arg %d was refused, and ran", arg)
		}
		o.Close()
		free := 0
		buffer := make([]uint32, x.nodes+1)
		for n := x.p.depot.Take(buffer); n > 0; n = x.p.depot.Take(buffer) {
			free += n
		}
		explore.Assert(free == x.nodes, "%d of %d nodes are free", free, x.nodes)
	})
}

// How far these scenarios go. Two threads end by themselves, so no bound is needed, nor with release stores that arrive late.
var small = []explore.Options{
	{Mode: explore.Exhaustive},
	{Mode: explore.Exhaustive, StoreBuffers: true},
}

// large is for more threads, of which only a bound sees the end.
func large(preemptions int) []explore.Options {
	return append([]explore.Options{
		{Preemptions: preemptions},
		{Mode: explore.Random, StoreBuffers: true, MaxSchedules: 10_000},
	}, explore.WhenLong(
		explore.Options{Preemptions: 3, MaxTime: 2 * time.Minute, AllowTruncated: true},
		explore.Options{Mode: explore.Exhaustive, MaxTime: 2 * time.Minute, AllowTruncated: true},
	)...)
}

func TestExploreAddAgainstAdvance(t *testing.T) {
	for _, c := range []struct {
		name   string
		value  uint64
		points []uint64
		to     uint64
	}{
		{"before", 3, []uint64{4}, 5},
		{"at", 3, []uint64{5}, 5},
		{"behind", 3, []uint64{6}, 5},
		{"both", 3, []uint64{5, 6}, 5},
		{"lap", 60, []uint64{64, 130}, 64},
		{"far", 62, []uint64{4096, 63}, 64},
	} {
		t.Run(c.name, func(t *testing.T) {
			explore.Searches(t, small, func(s *explore.Scenario) {
				x := newWorld(s, 4, c.value)
				x.thread("adder", func(o *Owner) {
					for _, p := range c.points {
						x.add(o, p)
					}
				})
				x.thread("advancer", func(o *Owner) { x.advance(o, c.to) })
				x.quiet()
			})
		})
	}
}

// TestExploreAdvanceAsAWhole: Advance itself, which puts together what runtime calls one by one.
func TestExploreAdvanceAsAWhole(t *testing.T) {
	explore.Searches(t, small, func(s *explore.Scenario) {
		x := newWorld(s, 4, 3)
		x.thread("adder", func(o *Owner) { x.add(o, 5) })
		x.thread("advancer", func(o *Owner) { x.advanceWhole(o, 5) })
		x.quiet()
	})
}

func TestExploreTwoAdvancers(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, added []uint64
		a, b          uint64
	}{
		{"same block", []uint64{5}, []uint64{6}, 5, 6},
		{"next block", []uint64{70}, []uint64{66}, 66, 70},
		{"a lap ahead", nil, []uint64{64 + 4}, 4, 64 + 4},
		{"far", []uint64{4100}, []uint64{70}, 65, 4100},
	} {
		t.Run(c.name, func(t *testing.T) {
			explore.Searches(t, large(2), func(s *explore.Scenario) {
				x := newWorld(s, 4, 3)
				o := x.owner()
				for _, p := range c.before {
					x.add(o, p)
				}
				o.Close()
				x.thread("a", func(o *Owner) { x.advance(o, c.a) })
				x.thread("b", func(o *Owner) { x.advance(o, c.b) })
				x.thread("adder", func(o *Owner) {
					for _, p := range c.added {
						x.add(o, p)
					}
				})
				x.quiet()
			})
		})
	}
}
