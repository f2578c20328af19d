package fencert

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// TestSharedFence: the fence that is in the place can always be held, and keeps its result for as long as it is there.
func TestSharedFence(t *testing.T) {
	for _, implicit := range []bool{false, true} {
		x := newFixture(t, Config{Fences: 2, Errors: 2})
		l := x.l
		if implicit {
			l = nil
		}
		var s SharedFence
		if _, err := s.Hold(l); err != ErrEmpty || s.Load() != (Fence{}) {
			t.Errorf("an empty place: %v, %v", err, s.Load())
		}
		table := errors.New("from the table")
		a, b := x.arm(), x.arm()
		x.want("Store", s.Store(l, a.Fence()), nil)
		x.want("Finish", x.l.Finish(a, table), nil)
		x.want("Err in the place", a.Fence().Err(), table)
		h, err := s.Hold(l)
		x.want("Hold", err, nil)
		if h.Fence() != a.Fence() || s.Load() != a.Fence() {
			t.Error("it is another fence")
		}
		x.want("Store", s.Store(l, b.Fence()), nil)
		x.want("the replaced one's result", h.Err(), table)
		x.want("Release", x.l.Release(h), nil)
		x.want("replaced and released", a.Fence().Err(), ErrStale)
		x.want("Store of a stale fence", s.Store(l, a.Fence()), ErrStale)
		if s.Load() != b.Fence() {
			t.Error("a refused Store has changed the place")
		}
		old, err := s.Swap(l, Stub())
		x.want("Swap", err, nil)
		x.want("Finish", x.l.Finish(b, nil), nil)
		x.want("swapped out", old.Err(), nil)
		if h, err := s.Hold(l); err != nil || h.Fence() != Stub() || h.Err() != nil || x.l.Release(h) != nil {
			t.Errorf("the stub in the place: %v, %v", h, err)
		}
		if ok, err := s.CompareAndSwap(l, b.Fence(), Fence{}); ok || err != nil {
			t.Errorf("CompareAndSwap of what isn't there: %v, %v", ok, err)
		}
		x.want("Release", x.l.Release(old), nil)
		c := x.arm()
		for _, step := range []struct{ old, to Fence }{
			{Stub(), c.Fence()}, {c.Fence(), c.Fence()}, {c.Fence(), Fence{}}, {Fence{}, Stub()}, {Stub(), Fence{}},
		} {
			if ok, err := s.CompareAndSwap(l, step.old, step.to); !ok || err != nil || s.Load() != step.to {
				t.Errorf("CompareAndSwap %v to %v: %v, %v", step.old, step.to, ok, err)
			}
		}
		x.want("Finish", x.l.Finish(c, nil), nil)
		x.want("nothing holds it", c.Fence().Err(), ErrStale)
	}
}

// TestSharedFenceOfAnotherRuntime: nothing foreign comes in, and what is refused is not held.
func TestSharedFenceOfAnotherRuntime(t *testing.T) {
	x, y := newFixture(t, small), newFixture(t, small)
	var s SharedFence
	a, b := x.arm(), y.arm()
	x.want("a Local of another runtime", s.Store(y.l, a.Fence()), ErrForeign)
	x.want("Store", s.Store(x.l, a.Fence()), nil)
	for _, l := range []*Local{nil, x.l, y.l} {
		x.want("Store", s.Store(l, b.Fence()), ErrForeign)
	}
	x.want("emptied by another runtime's Local", s.Store(y.l, Fence{}), ErrForeign)
	_, err := s.Hold(y.l)
	x.want("Hold", err, ErrForeign)
	_, err = s.CompareAndSwap(y.l, a.Fence(), Fence{})
	x.want("CompareAndSwap", err, ErrForeign)
	x.want("Store", s.Store(x.l, Fence{}), nil)
	x.want("it stays the first one's", s.Store(y.l, b.Fence()), ErrForeign)
	x.want("Finish", x.l.Finish(a, nil), nil)
	x.want("Finish", y.l.Finish(b, nil), nil)
	if a.Fence().Err() != ErrStale || b.Fence().Err() != ErrStale {
		t.Error("something is held still")
	}
}

// TestSharedFenceMisuse: a hold too many released elsewhere, or a closed Local, is told and ends.
func TestSharedFenceMisuse(t *testing.T) {
	x := newFixture(t, small)
	var s SharedFence
	a := x.arm()
	x.want("Store", s.Store(x.l, a.Fence()), nil)
	h := must(s.Hold(x.l))
	x.want("Finish", x.l.Finish(a, nil), nil)
	x.want("Release", x.l.Release(h), nil)
	dead := x.rt.Local()
	dead.Close()
	if v, _ := panicOf(func() { _ = s.Store(dead, Stub()) }); v != ErrConcurrentUse || s.Load() != a.Fence() {
		t.Errorf("a closed Local: %v", v)
	}
	x.want("Release too many", x.l.Release(h), nil)
	_, err := s.Hold(x.l)
	x.want("Hold of what was released too often", err, ErrStale)
	x.want("Store", s.Store(x.l, Fence{}), nil)
}

// TestSharedFenceAfterClose: what was taken out before keeps its result, and the place can be emptied.
func TestSharedFenceAfterClose(t *testing.T) {
	x := newFixture(t, small)
	var s, unused SharedFence
	a := x.arm()
	x.want("Store", s.Store(x.l, a.Fence()), nil)
	x.want("Close", x.rt.Close(), ErrLeaked)
	h, err := s.Hold(x.l)
	x.want("Hold", err, nil)
	x.want("result", h.Err(), ErrCanceled)
	x.want("Store without a Local", unused.Store(nil, a.Fence()), ErrClosed)
	x.want("Release", x.l.Release(h), nil)
	x.want("Store", s.Store(nil, Fence{}), nil)
}

// TestSharedFenceRace replaces, finishes and recycles while others take holds: each hold is of a fence whose result is known
// and is its own, and at the end nothing is held.
func TestSharedFenceRace(t *testing.T) {
	x := newFixture(t, Config{Fences: 4096}) // more than the Locals' magazines keep
	last := x.arm()
	var s SharedFence
	var writers, readers sync.WaitGroup
	var stop atomic.Bool
	var taken atomic.Int64
	for w := range 2 {
		writers.Go(func() {
			l := x.rt.Local()
			defer l.Close()
			for k := range scaled(100_000) {
				i, err := l.NewFence(x.c)
				if err != nil {
					t.Errorf("NewFence: %v", err)
					return
				}
				if k%3 == 0 {
					if _, err := s.CompareAndSwap(l, s.Load(), i.Fence()); err != nil {
						t.Errorf("CompareAndSwap: %v", err)
					}
				} else if err := s.Store(l, i.Fence()); err != nil {
					t.Errorf("Store: %v", err)
				}
				if k%16 == w {
					_ = s.Store(l, Fence{})
				}
				seqno, err := i.Fence().Seqno()
				if err != nil {
					t.Errorf("Seqno: %v", err)
				}
				_ = l.Finish(i, errno(int(seqno%1000)+1))
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			l := x.rt.Local()
			defer l.Close()
			for !stop.Load() {
				h, err := s.Hold(l)
				if err == ErrEmpty {
					continue
				}
				seqno, e := h.Fence().Seqno()
				if err != nil || e != nil {
					t.Errorf("Hold: %v, Seqno: %v", err, e)
					return
				}
				if err := h.Err(); err != ErrPending && err != errno(int(seqno%1000)+1) {
					t.Errorf("the result of %d is %v", seqno, err)
				}
				if err := l.Release(h); err != nil {
					t.Errorf("Release: %v", err)
				}
				taken.Add(1)
			}
		})
	}
	writers.Wait()
	x.want("Store", s.Store(x.l, last.Fence()), nil)
	eventually(t, "a fence was taken", func() bool { return taken.Load() > 0 })
	stop.Store(true)
	readers.Wait()
	x.want("Store", s.Store(x.l, Fence{}), nil)
	seqno := must(last.Fence().Seqno())
	x.want("Finish", x.l.Finish(last, errno(int(seqno%1000)+1)), nil)
}
