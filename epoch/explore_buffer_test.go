//go:build explore

package epoch

import (
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// buffers is a memory with a store buffer in front of each slot's word. What Pin and Unpin store lies in it until the
// processor gets to it, a thread of its own, at any moment later, or until a barrier. That is weaker than amd64,
// where each locked operation drains the buffer too.
type buffers struct {
	list []*buffer
	deaf bool // the barrier does nothing
}

// A buffer is first in, first out. Its plain fields change between two yields, so at once.
type buffer struct {
	word   *atomicx.Uint64
	queue  []uint64
	pushed atomicx.Uint32 // carries the clock of who stores to who drains
	busy   atomicx.Uint32 // one drains at a time
}

func (b *buffers) of(w *atomicx.Uint64) *buffer {
	for _, f := range b.list {
		if f.word == w {
			return f
		}
	}
	f := &buffer{word: w}
	b.list = append(b.list, f)
	return f
}

func (b *buffers) plain(w *atomicx.Uint64, v uint64) {
	f := b.of(w)
	f.pushed.Add(1)
	f.queue = append(f.queue, v)
}

func (b *buffers) full(w *atomicx.Uint64, v uint64) {
	b.plain(w, v)
	f := b.of(w)
	f.drain(len(f.queue))
}

// barrier: each processor's own comes where this begins to drain it.
func (b *buffers) barrier() {
	if b.deaf {
		return
	}
	for _, f := range b.list {
		f.drain(len(f.queue))
	}
}

// drain makes the n oldest stores visible, or fewer when there are no more.
func (f *buffer) drain(n int) {
	for !f.busy.CompareAndSwap(0, 1) {
		atomicx.Pause(1)
	}
	for ; n > 0 && len(f.queue) > 0; n-- {
		f.pushed.Load()
		f.word.Store(f.queue[0])
		f.queue = f.queue[1:]
	}
	f.busy.Store(0)
}

// processor is the thread that drains f one by one until over answers true.
func (f *buffer) processor(over func() bool) func() {
	return func() {
		for {
			switch done := over(); { // asked first, for it yields
			case len(f.queue) > 0:
				f.drain(1)
			case done:
				return
			default:
				atomicx.Pause(1)
			}
		}
	}
}

// A buffered is a scenario's world whose one reader has a store buffer.
type buffered struct {
	*world
	memory *buffers
	f      *buffer
	left   atomicx.Bool // the reader is through
}

// newBuffered makes a world with that reader in slot 0. The domain is light, or portable above the same memory.
func newBuffered(t *testing.T, light bool, slots int, names ...string) *buffered {
	m := &buffers{}
	model = m
	t.Cleanup(func() { model = nil })
	w := newWorld(slots, append([]string{"reader"}, names...)...)
	w.d.light, w.p["reader"].light = light, light
	return &buffered{world: w, memory: m, f: m.of(&w.d.slots[0].word)}
}

// threads adds the reader, with that many sections, and its processor.
func (b *buffered) threads(s *explore.Scenario, sections int) {
	s.Thread("reader", func() {
		for range sections {
			b.read(b.p["reader"])
		}
		b.left.Store(true)
	})
	s.Thread("processor", b.f.processor(func() bool { return b.left.Load() }))
}

func readerWithBuffer(t *testing.T, light, deaf bool, sections int) func(*explore.Scenario) {
	return func(s *explore.Scenario) {
		b := newBuffered(t, light, 2, "writer")
		b.memory.deaf = deaf
		b.threads(s, sections)
		s.Thread("writer", func() { b.remove(b.p["writer"]); collect(b.p["writer"], 2) })
		b.finally(s, func() *Participant { return b.p["writer"] })
	}
}

// TestExploreLightPin is the light pin with the real advance: the store of Pin is seen late, the barrier makes up for it.
func TestExploreLightPin(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, readerWithBuffer(t, true, false, 2))
}

// TestExploreLightPinNeedsTheBarrier: without it a reader is overlooked.
func TestExploreLightPinNeedsTheBarrier(t *testing.T) {
	mustFail(t, explore.Options{Preemptions: 2}, readerWithBuffer(t, true, true, 1), afterUse, unordered)
}

// TestExplorePortableUnpinIsSeenLate: the release store of Unpin, in a portable domain, whose Pin empties the buffer and
// whose advance has no barrier.
func TestExplorePortableUnpinIsSeenLate(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, readerWithBuffer(t, false, true, 2))
}

// TestExploreBarrierBehindTheLoadOfGlobal: one that came before, and so perhaps before the unlink, is worth nothing (I1).
func TestExploreBarrierBehindTheLoadOfGlobal(t *testing.T) {
	scenario := func(before func(), advance func(*Domain)) func(*explore.Scenario) {
		return func(s *explore.Scenario) {
			b := newBuffered(t, true, 1)
			b.threads(s, 1)
			s.Thread("owner", func() {
				before()
				b.link.Store(0)
				at := b.d.Stamp()
				for range gracePeriod {
					advance(b.d)
				}
				if b.d.over(at, b.d.global.Load()) {
					b.dead.Set(true)
				}
			})
		}
	}
	explore.Test(t, explore.Options{Preemptions: 2}, scenario(func() {}, func(d *Domain) { d.advance() }))
	mustFail(t, explore.Options{Preemptions: 2}, scenario(func() { barrier() }, func(d *Domain) {
		if e := d.global.Load(); !d.inTheWay(e, d.used.Load()) {
			d.global.CompareAndSwap(e, e+1)
		}
	}), afterUse, unordered)
}

// TestExploreLookBehindTheBarrier: who advances looks at the readers behind its own barrier. That of another advance, which
// is under way, may have come before a Pin that is still in a buffer.
func TestExploreLookBehindTheBarrier(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
		b := newBuffered(t, true, 1)
		var moved atomicx.Bool
		s.Thread("mover", func() {
			b.d.advance()
			moved.Store(true)
		})
		s.Thread("reader", func() { b.read(b.p["reader"]) }) // what it stores stays in the buffer until a barrier
		s.Thread("owner", func() {
			b.link.Store(0)
			at := b.d.Stamp()
			for !moved.Load() {
				atomicx.Pause(1)
			}
			b.d.advance()
			if b.d.over(at, b.d.global.Load()) {
				b.dead.Set(true)
			}
		})
	})
}

// TestExploreLightNewcomer: a reader that registers while an advance is under way, in a domain that had none: there the
// advance needs no barrier.
func TestExploreLightNewcomer(t *testing.T) {
	explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
		m := &buffers{}
		model = m
		t.Cleanup(func() { model = nil })
		w := newWorld(1)
		f := m.of(&w.d.slots[0].word)
		var left atomicx.Bool
		s.Thread("reader", func() {
			w.read(must(w.d.Register()))
			left.Store(true)
		})
		s.Thread("processor", f.processor(func() bool { return left.Load() }))
		s.Thread("owner", func() {
			w.link.Store(0)
			for at := w.d.Stamp(); !w.d.Elapsed(at); {
				if _, blocked := w.d.advance(); blocked {
					atomicx.Pause(1)
				}
			}
			w.dead.Set(true)
		})
	})
}
