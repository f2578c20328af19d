package fencert

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestHoldKeepsTheResult(t *testing.T) {
	for _, result := range []error{nil, ErrFailed, errors.New("table")} {
		x := newFixture(t, Config{Fences: 1, Errors: 1})
		i := x.arm()
		f := i.Fence()
		a, b := must(x.l.Hold(f)), must(x.rt.Hold(f))
		if a.Fence() != f || b.Fence() != f {
			t.Error("a hold of another fence")
		}
		x.want("Err before", a.Err(), ErrPending)
		x.want("Finish", x.l.Finish(i, result), nil)
		for _, h := range []Hold{a, b} {
			if h.Err() != result || f.Err() != result {
				t.Errorf("%v and %v, want %v", h.Err(), f.Err(), result)
			}
			if _, err := x.l.Reserve(); err != ErrExhausted {
				t.Errorf("the slot was recycled: %v", err)
			}
			c, err := x.l.Hold(f)
			x.want("another Hold", err, nil)
			x.want("its Release", x.l.Release(c), nil)
			x.want("Release", x.l.Release(h), nil)
		}
		x.want("Err", f.Err(), ErrStale)
		x.want("Err", a.Err(), ErrStale)
		_, err := x.l.Hold(f)
		x.want("Hold", err, ErrStale)
		x.want("Release too many", x.l.Release(a), ErrNotHeld)
		x.want("Release too many", x.rt.Release(a), ErrNotHeld)
		next := x.arm()
		x.want("Release in the next life", x.l.Release(a), ErrNotHeld)
		x.want("Finish", x.l.Finish(next, nil), nil)
	}
}

func TestHoldReleasedBeforeTheSignal(t *testing.T) {
	x := newFixture(t, Config{Fences: 1})
	i := x.arm()
	h := must(x.l.Hold(i.Fence()))
	x.want("Release", x.l.Release(h), nil)
	x.want("Release too many", x.l.Release(h), ErrNotHeld)
	h = must(x.l.Hold(i.Fence()))
	x.want("Signal", x.l.Signal(i, nil), nil)
	x.want("Release", x.l.Release(h), nil)
	x.want("Release too many", x.l.Release(h), ErrNotHeld)
	x.want("Err", i.Fence().Err(), nil)
	x.want("Drop", x.l.Drop(i), nil)
	x.want("Err", i.Fence().Err(), ErrStale)
}

func TestReleaseOfWhatWasNeverHeld(t *testing.T) {
	x := newFixture(t, Config{Fences: 1})
	i := x.arm()
	x.want("Release", x.l.Release(Hold{fence: i.Fence(), runtime: x.rt}), ErrNotHeld)
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.want("Release", x.l.Release(Hold{fence: i.Fence(), runtime: x.rt}), ErrNotHeld)
}

// TestHoldInACallback: the fence was finished, and nobody held it: too late. Signaled but not dropped: in time.
func TestHoldInACallback(t *testing.T) {
	x := newFixture(t, Config{Fences: 1, Callbacks: 4})
	var f Fence
	var h Hold
	var err error
	hold := x.handler(func(l *Local, _ uint64, _ error) { h, err = l.Hold(f) })
	i := x.arm()
	f = i.Fence()
	_ = must(x.l.OnSignal(f, hold, 0))
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.want("Hold in a callback of Finish", err, ErrStale)
	i = x.arm()
	f = i.Fence()
	_ = must(x.l.OnSignal(f, hold, 0))
	x.want("Signal", x.l.Signal(i, errno(7)), nil)
	x.want("Hold in a callback of Signal", err, nil)
	x.want("Drop", x.l.Drop(i), nil)
	x.want("Err", h.Err(), errno(7))
	x.want("Release", x.l.Release(h), nil)
}

// TestHoldsSaturate pulls the count near its end: there it stays, and the slot is never used again.
func TestHoldsSaturate(t *testing.T) {
	x := newFixture(t, Config{Fences: 2})
	i := x.arm()
	n := x.rt.index(i.Fence().word)
	h := must(x.l.Hold(i.Fence()))
	holds := &x.rt.slots[n].holds
	holds.Store(holds.Load()&lifeMask | (maxHolds - 2))
	for range 5 {
		_ = must(x.l.Hold(i.Fence()))
	}
	if holds.Load() != i.Fence().life()|maxHolds {
		t.Errorf("the count is %#x", holds.Load())
	}
	for range 5 {
		x.want("Release", x.l.Release(h), nil)
	}
	x.want("Finish", x.l.Finish(i, errno(3)), nil)
	x.want("Err", h.Err(), errno(3))
	x.want("Release", x.l.Release(h), nil)
	x.want("Err after it", h.Err(), errno(3))
	_ = must(x.l.Reserve())
	if _, err := x.l.Reserve(); err != ErrExhausted {
		t.Errorf("a saturated slot was used again: %v", err)
	}
	_ = x.rt.Close() // not settled: the slot is lost, by design
}

// TestHoldRace holds from several goroutines while the issuer finishes: who got a hold reads the result, until
// all are released.
func TestHoldRace(t *testing.T) {
	x := newFixture(t, Config{Fences: 4096, Callbacks: 64})
	const holders = 3
	var current [holders]chan Fence
	var wg sync.WaitGroup
	var held, stale atomic.Int64
	for k := range holders {
		current[k] = make(chan Fence, 16)
		wg.Go(func() {
			l := x.rt.Local()
			defer l.Close()
			for f := range current[k] {
				h, err := l.Hold(f)
				if err != nil {
					stale.Add(1)
					if err != ErrStale || !f.Signaled() {
						t.Errorf("Hold: %v, signaled %v", err, f.Signaled())
					}
					continue
				}
				held.Add(1)
				want, _ := f.Seqno()
				for !f.Signaled() {
				}
				if err := h.Err(); err != errno(int(want)%1000+1) {
					t.Errorf("%v for seqno %d", err, want)
				}
				if err := l.Release(h); err != nil {
					t.Errorf("Release: %v", err)
				}
			}
		})
	}
	n := scaled(20000)
	for range n {
		i := x.arm()
		for k := range current {
			current[k] <- i.Fence()
		}
		seqno, _ := i.Fence().Seqno()
		x.want("Finish", x.l.Finish(i, errno(int(seqno)%1000+1)), nil)
	}
	for k := range current {
		close(current[k])
	}
	wg.Wait()
	if held.Load()+stale.Load() != int64(n*holders) {
		t.Errorf("%d held, %d stale", held.Load(), stale.Load())
	}
	t.Logf("%d held, %d stale", held.Load(), stale.Load())
}
