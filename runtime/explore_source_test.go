//go:build explore

package fencert

import (
	"context"
	"testing"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// A sourceWorld is a timeline that follows a word of 64 or 32 bits.
type sourceWorld struct {
	*lineWorld
	s      *Source
	wide   atomicx.Uint64
	narrow atomicx.Uint32
}

func newSourceWorld(w *world, narrow bool, bound uint64) *sourceWorld {
	x := &sourceWorld{lineWorld: newLineWorld(w, 0)}
	if narrow {
		x.s = must(NewSource(x.t, (*uint32)(unsafe.Pointer(&x.narrow)), bound))
	} else {
		x.s = must(NewSource(x.t, (*uint64)(unsafe.Pointer(&x.wide)), bound))
	}
	return x
}

func (x *sourceWorld) store(n uint64) {
	if x.s.narrow != nil {
		x.narrow.Store(uint32(n))
	} else {
		x.wide.Store(n)
	}
}

// eachWidth explores a scenario for words of 64 and of 32 bits.
func eachWidth(t *testing.T, preemptions int, scenario func(s *explore.Scenario, w *world, narrow bool) (check func())) {
	t.Helper()
	for name, narrow := range map[string]bool{"64 bits": false, "32 bits": true} {
		t.Run(name, func(t *testing.T) {
			search(t, preemptions, tiny, func(s *explore.Scenario, w *world) func() { return scenario(s, w, narrow) })
		})
	}
}

// TestExploreTwoSync: two sync while the word moves by as much as the bound allows, several times: neither calls a good value
// garbage, and who syncs last finds the timeline where the word is.
func TestExploreTwoSync(t *testing.T) {
	eachWidth(t, 3, func(s *explore.Scenario, w *world, narrow bool) func() {
		x := newSourceWorld(w, narrow, 2)
		sync := func(l *Local) {
			_, err := l.Sync(x.s)
			assertOneOf("Sync", err, nil)
		}
		x.thread(s, "first", func(l *Local) {
			x.store(2)
			sync(l)
			x.store(4)
			sync(l)
			explore.Assert(x.t.Value() == 4, "value %d", x.t.Value())
		})
		x.thread(s, "second", sync)
		return func() {
			count, last := x.s.Rejected()
			explore.Assert(count == 0, "%d rejected, the last %d", count, last)
			x.check()
		}
	})
}

// TestExploreJumpBack: garbage comes and goes; it is reported or not seen, and ignored.
func TestExploreJumpBack(t *testing.T) {
	eachWidth(t, 3, func(s *explore.Scenario, w *world, narrow bool) func() {
		x := newSourceWorld(w, narrow, 2)
		x.store(2)
		s.Thread("writer", func() {
			x.store(1)
			x.store(7)
			x.store(3)
		})
		for range 2 {
			x.thread(s, "syncer", func(l *Local) {
				_, err := l.Sync(x.s)
				assertOneOf("Sync", err, nil, ErrSourceBack, ErrSourceAhead)
				v := x.t.Value()
				explore.Assert(v <= 3, "value %d", v)
			})
		}
		return func() {
			x.local(func(l *Local) {
				_, err := l.Sync(x.s)
				assertOneOf("Sync", err, nil, ErrSourceAhead)
				explore.Assert(x.t.Value() == 3 || err != nil && x.t.Value() == 0, "value %d", x.t.Value())
			})()
			x.check()
		}
	})
}

// TestExploreFollowAgainstClose: who follows ends when the timeline is closed, or the context, and not before.
func TestExploreFollowAgainstClose(t *testing.T) {
	for name, canceled := range map[string]bool{"closed": false, "canceled": true} {
		t.Run(name, func(t *testing.T) {
			search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
				x := newSourceWorld(w, false, 0)
				ctx, cancel := context.WithCancelCause(context.Background())
				s.Thread("follower", func() {
					assertOneOf("Follow", x.s.Follow(ctx, Polling{}), ErrFailed)
					x.help()
				})
				s.Thread("writer", func() {
					x.store(2)
					if canceled {
						cancel(ErrFailed)
						x.store(3) // wakes who waits
						return
					}
					assertOneOf("Close", x.t.Close(ErrFailed), nil)
					x.help()
				})
				return func() {
					explore.Assert(x.t.Value() <= 3, "value %d", x.t.Value())
					cancel(nil)
					x.check()
				}
			})
		})
	}
}
