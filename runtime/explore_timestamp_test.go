//go:build explore

package fencert

import (
	"testing"
	"time"

	"github.com/fencert/fencert/internal/explore"
)

// A stampedWorld has a context with timestamps, and a clock that each look moves on.
type stampedWorld struct {
	*world
	clock uint64
	seen  []time.Time // what readers were told of the first fence
}

func newStampedWorld(plain *world) *stampedWorld {
	w := &stampedWorld{world: plain}
	w.rt.clock = w.tick
	w.c = must(w.rt.NewFenceContext("driver", "stamped", Timestamps()))
	return w
}

func (w *stampedWorld) tick() uint64 { w.clock++; return w.clock }

// read asks for the timestamp of a fence that is seen signaled.
func (w *stampedWorld) read(f Fence) {
	if !f.Signaled() {
		return
	}
	at, err := f.SignaledAt()
	assertOneOf("SignaledAt of a signaled fence", err, nil, ErrStale)
	if err == nil {
		w.seen = append(w.seen, at)
		explore.Assert(at.Equal(w.seen[0]), "signaled at %v", w.seen)
	}
}

// next has a life in the same slot: its timestamps are its own.
func (w *stampedWorld) next(l *Local) {
	r, err := l.Reserve()
	if err != nil {
		return
	}
	before := w.tick()
	i := l.Arm(r, w.c)
	armed := w.tick()
	assertOneOf("Signal", l.Signal(i, nil), nil)
	at := must(i.Fence().SignaledAt())
	explore.Assert(at.After(w.rt.start.Add(time.Duration(armed))), "signaled at %v, before %d", at, armed)
	at = must(i.Fence().ArmedAt())
	explore.Assert(at.Equal(w.rt.start.Add(time.Duration(before+1))), "armed at %v, not %d", at, before+1)
	assertOneOf("Drop", l.Drop(i), nil)
}

// TestExploreTimestamp: two readers look while the fence is signaled, dropped and its slot armed again: who sees it signaled knows
// when, all the same, and no late one touches the next life's.
func TestExploreTimestamp(t *testing.T) {
	for name, finish := range map[string]bool{"signal": false, "finish": true} {
		t.Run(name, func(t *testing.T) {
			search(t, 3, one, func(s *explore.Scenario, plain *world) func() {
				w := newStampedWorld(plain)
				l := w.rt.newLocal()
				i := w.arm(l)
				l.giveBack()
				s.Thread("reader", func() { w.read(i.Fence()) })
				s.Thread("other", func() { w.read(i.Fence()) })
				s.Thread("issuer", w.local(func(l *Local) {
					if finish {
						assertOneOf("Finish", l.Finish(i, nil), nil)
					} else {
						assertOneOf("Signal", l.Signal(i, nil), nil)
						w.read(i.Fence())
						assertOneOf("Drop", l.Drop(i), nil)
					}
					w.next(l)
				}))
				return nil
			})
		})
	}
}

// TestExploreTimestampOfALateSignaler: the fence is dropped by another goroutine as soon as it is signaled, and its slot
// armed again before the signaler has noted the time.
func TestExploreTimestampOfALateSignaler(t *testing.T) {
	search(t, 3, one, func(s *explore.Scenario, plain *world) func() {
		w := newStampedWorld(plain)
		l := w.rt.newLocal()
		i := w.arm(l)
		l.giveBack()
		s.Thread("signaler", w.local(func(l *Local) { assertOneOf("Signal", l.Signal(i, nil), nil) }))
		s.Thread("dropper", w.local(func(l *Local) {
			for !i.Fence().Signaled() {
				pause()
			}
			w.read(i.Fence())
			assertOneOf("Drop", l.Drop(i), nil)
			w.next(l)
		}))
		return nil
	})
}
