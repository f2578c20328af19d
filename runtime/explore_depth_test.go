//go:build explore

package fencert

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// A deepWorld is a lineWorld whose timeline is the last of three that callbacks link: what comes due there by the first
// one's Advance is put off (P2).
type deepWorld struct {
	*lineWorld
	first  *Timeline
	others int // threads beside the outermost call that are in a call
}

// newDeepWorld has the second link call last.
func newDeepWorld(w *world, last func(l *Local)) *deepWorld {
	x := &deepWorld{lineWorld: newLineWorld(w, 0), first: must(w.rt.NewTimeline("", ""))}
	second := must(w.rt.NewTimeline("", ""))
	link := must(w.rt.Handler(func(l *Local, k uint64, _ error) {
		if k == 1 {
			assertOneOf("Advance of the second", l.Advance(second, 1), nil)
			return
		}
		explore.Assert(l.depth == maxDepth, "%d deep, not %d", l.depth, maxDepth)
		last(l)
	}))
	l := w.rt.newLocal()
	_ = must(l.OnSignal(x.first.At(1), link, 1))
	_ = must(l.OnSignal(second.At(1), link, 2))
	l.giveBack()
	return x
}

// outermost advances the first timeline; nothing is put off any more when that returns.
func (x *deepWorld) outermost(s *explore.Scenario, then func()) {
	x.thread(s, "outermost", func(l *Local) {
		assertOneOf("Advance of the first", l.Advance(x.first, 1), nil)
		explore.Assert(l.puttingOff == 0 && l.undelivered.first == nil && l.queue.first == 0, "something is still put off")
		then()
	})
}

func (x *deepWorld) other(s *explore.Scenario, name string, f func(l *Local)) {
	x.thread(s, name, func(l *Local) {
		x.others++
		f(l)
		x.help()
		x.others--
	})
}

// TestExplorePutOffDelivery has others advance, add and cancel on a timeline whose delivery is put off: its callbacks run
// once, in their order, and before the outermost call returns, unless somebody else is about to run them.
func TestExplorePutOffDelivery(t *testing.T) {
	for name, other := range map[string]func(x *deepWorld, l *Local, ticket Ticket){
		"advance": func(x *deepWorld, l *Local, _ Ticket) { assertOneOf("Advance", l.Advance(x.t, 2), nil) },
		"add":     func(x *deepWorld, l *Local, _ Ticket) { x.on(l, 3) },
		"cancel":  func(x *deepWorld, l *Local, ticket Ticket) { x.cancel[1] = l.Cancel(ticket) },
	} {
		t.Run(name, func(t *testing.T) {
			config := tiny
			config.Callbacks = 8
			putOff := 0
			search(t, 3, config, func(s *explore.Scenario, w *world) func() {
				var x *deepWorld
				x = newDeepWorld(w, func(l *Local) {
					assertOneOf("Advance of the last", l.Advance(x.t, 1), nil, ErrSignaled)
					if l.undelivered.first == x.t {
						putOff++
					}
				})
				l := w.rt.newLocal()
				ticket := x.on(l, 1)
				x.on(l, 2)
				l.giveBack()
				x.outermost(s, func() {
					explore.Assert(x.others > 0 || x.cancel[1] || w.ran[1] == 1, "not delivered when the outermost call returns")
				})
				x.other(s, name, func(l *Local) { other(x, l, ticket) })
				return func() {
					x.lineWorld.check()
					for i := 1; i < len(x.order); i++ {
						explore.Assert(x.order[i-1] < x.order[i], "ran in the order %v", x.order)
					}
				}
			})
			if putOff == 0 {
				t.Error("nothing was ever put off")
			}
		})
	}
}

// TestExplorePutOffSignal is the same of a fence, which somebody holds, adds to, and cancels on, while it is put off.
func TestExplorePutOffSignal(t *testing.T) {
	search(t, 3, tiny, func(s *explore.Scenario, w *world) func() {
		var i Issuer
		x := newDeepWorld(w, func(l *Local) { assertOneOf("Finish", l.Finish(i, errTable), nil) })
		var ran [3]int
		note := must(w.rt.Handler(func(_ *Local, arg uint64, err error) {
			ran[arg]++
			assertOneOf("result", err, errTable)
		}))
		l := w.rt.newLocal()
		i = w.arm(l)
		ticket := must(l.OnSignal(i.Fence(), note, 1))
		l.giveBack()
		added, canceled, calling := 0, 0, 0 // calling: the callback that a call of the user's is about
		check := func() {
			explore.Assert(calling == 1 || ran[1]+canceled == 1, "the first ran %d times, canceled %d", ran[1], canceled)
			explore.Assert(calling == 2 || ran[2] == added, "the second ran %d times, added %d", ran[2], added)
		}
		x.outermost(s, check)
		s.Thread("user", w.local(func(l *Local) {
			calling = 1
			if l.Cancel(ticket) {
				canceled++
			}
			calling = 2
			if _, err := l.OnSignal(i.Fence(), note, 2); err == nil {
				added++
			}
			calling = 0
			if h, err := l.Hold(i.Fence()); err == nil {
				assertOneOf("Hold.Err", h.Err(), errTable, ErrPending)
				assertOneOf("Release", l.Release(h), nil)
			}
		}))
		return func() {
			x.lineWorld.check()
			check()
		}
	})
}
