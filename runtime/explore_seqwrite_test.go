//go:build explore

package fencert

import (
	"testing"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/explore"
)

// A writeWorld has room for one write, to a word that notes how often it was written.
type writeWorld struct {
	*lineWorld
	s    *SeqWrites
	word atomicx.Uint64
}

func newWriteWorld(w *world) *writeWorld {
	x := &writeWorld{lineWorld: newLineWorld(w, 0)}
	x.s = must(w.rt.NewSeqWrites(1))
	return x
}

func (x *writeWorld) address() *uint64 { return (*uint64)(unsafe.Pointer(&x.word)) }

// targets are a fence, with who signals it, and a point.
func (x *writeWorld) targets(l *Local, point bool) (f Fence, signal func(l *Local)) {
	if point {
		return x.t.At(1), func(l *Local) { assertOneOf("Advance", l.Advance(x.t, 1), nil) }
	}
	i := x.arm(l)
	return i.Fence(), func(l *Local) { assertOneOf("Finish", l.Finish(i, nil), nil) }
}

func (x *writeWorld) check(want uint64) {
	x.help()
	explore.Assert(x.word.Load() == want, "the word is %d, want %d", x.word.Load(), want)
	x.local(func(l *Local) { // the place is free, and its record empty
		i := l.takeWrite(x.s)
		explore.Assert(i == 1 && x.s.places[1].record.Get() == seqRecord{}, "place %d, record %+v", i, x.s.places[1].record.Get())
		l.putWrite(x.s, i)
	})()
	x.lineWorld.check()
}

// eachTarget explores a scenario for a fence and for a point.
func eachTarget(t *testing.T, preemptions int, scenario func(s *explore.Scenario, x *writeWorld, point bool) (check func())) {
	t.Helper()
	for name, point := range map[string]bool{"fence": false, "point": true} {
		t.Run(name, func(t *testing.T) {
			search(t, preemptions, tiny, func(s *explore.Scenario, w *world) func() { return scenario(s, newWriteWorld(w), point) })
		})
	}
}

// TestExploreAttachAgainstSignal: the value is written in any case, by the signaler or at once, and what the signaler did before
// is seen by whoever sees it.
func TestExploreAttachAgainstSignal(t *testing.T) {
	eachTarget(t, 2, func(s *explore.Scenario, x *writeWorld, point bool) func() {
		l := x.rt.newLocal()
		f, signal := x.targets(l, point)
		l.giveBack()
		var before atomicx.Cell[int]
		x.thread(s, "attacher", func(l *Local) {
			_, err := l.AttachWrite64(x.s, f, x.address(), 7)
			assertOneOf("Attach", err, nil)
		})
		x.thread(s, "signaler", func(l *Local) {
			before.Set(1)
			signal(l)
		})
		s.Thread("reader", func() {
			if x.word.Load() == 7 {
				explore.Assert(before.Get() == 1, "the value is seen and what came before isn't")
			}
		})
		return func() { x.check(7) }
	})
}

// TestExploreDetachAgainstSignal: what Detach answers is what becomes of the word; of two, one gets it. The place is used again.
func TestExploreDetachAgainstSignal(t *testing.T) {
	eachTarget(t, 2, func(s *explore.Scenario, x *writeWorld, point bool) func() {
		l := x.rt.newLocal()
		f, signal := x.targets(l, point)
		w := must(l.AttachWrite64(x.s, f, x.address(), 7))
		l.giveBack()
		detached := 0
		for range 2 {
			x.thread(s, "detacher", func(l *Local) {
				if l.DetachWrite(w) {
					detached++
				}
			})
		}
		x.thread(s, "signaler", signal)
		return func() {
			explore.Assert(detached <= 1, "detached %d times", detached)
			x.check(7 * uint64(1-detached))
		}
	})
}

// TestExploreDetachWait: when it returns, nothing is being written: the memory may go.
func TestExploreDetachWait(t *testing.T) {
	eachTarget(t, 2, func(s *explore.Scenario, x *writeWorld, point bool) func() {
		l := x.rt.newLocal()
		f, signal := x.targets(l, point)
		w := must(l.AttachWrite64(x.s, f, x.address(), 7))
		l.giveBack()
		want := uint64(0)
		x.thread(s, "detacher", func(l *Local) {
			ok, err := l.DetachWriteWait(w)
			assertOneOf("DetachWriteWait", err, nil)
			want = x.word.Load()
			explore.Assert(ok == (want == 0), "detached %v, and the word is %d", ok, want)
		})
		x.thread(s, "signaler", signal)
		return func() { x.check(want) }
	})
}

// TestExploreAttachTwoForOnePlace: one is refused, or comes after the other's write; no write gets the other's value.
func TestExploreAttachTwoForOnePlace(t *testing.T) {
	search(t, 2, tiny, func(s *explore.Scenario, w *world) func() {
		x := newWriteWorld(w)
		var other atomicx.Uint64
		attached := false
		x.thread(s, "attacher", func(l *Local) {
			_, err := l.AttachWrite64(x.s, x.t.At(1), x.address(), 7)
			assertOneOf("Attach", err, nil, ErrExhausted)
			attached = err == nil
		})
		x.thread(s, "signaler", func(l *Local) {
			i := x.arm(l)
			_, err := l.AttachWrite64(x.s, i.Fence(), (*uint64)(unsafe.Pointer(&other)), 9)
			assertOneOf("Attach", err, nil, ErrExhausted)
			assertOneOf("Finish", l.Finish(i, nil), nil)
			explore.Assert((other.Load() == 9) == (err == nil), "the other word is %d", other.Load())
		})
		return func() {
			explore.Assert(x.word.Load() == 0, "written before the point")
			_ = x.t.Close(nil)
			explore.Assert((x.word.Load() == 7) == attached, "the word is %d", x.word.Load())
			x.check(x.word.Load())
		}
	})
}

// TestExploreAttachAgainstClose: Close of the timeline or the runtime signals, and so it is written.
func TestExploreAttachAgainstClose(t *testing.T) {
	for name, wholly := range map[string]bool{"timeline": false, "runtime": true} {
		t.Run(name, func(t *testing.T) {
			before := runtimes.Load()
			defer runtimes.Store(before)
			explore.Test(t, explore.Options{Preemptions: 2}, func(s *explore.Scenario) {
				x := newWriteWorld(newWorld(tiny))
				x.thread(s, "attacher", func(l *Local) {
					_, err := l.AttachWrite64(x.s, x.t.At(1), x.address(), 7)
					assertOneOf("Attach", err, nil)
				})
				s.Thread("closer", func() {
					if wholly {
						_ = x.rt.Close() // perhaps ErrLeaked
					} else {
						_ = x.t.Close(nil)
					}
					x.help()
				})
				s.Finally(func() {
					x.help()
					explore.Assert(x.word.Load() == 7, "the word is %d", x.word.Load())
					unregister(x.rt)
				})
			})
		})
	}
}
