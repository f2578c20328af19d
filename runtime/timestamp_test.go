package fencert

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

// stamped is a fixture whose context has timestamps, and whose clock is the test's.
func newStamped(t *testing.T, config Config) (x *fixture, clock *uint64) {
	x = newFixture(t, config)
	x.c = must(x.rt.NewFenceContext("driver", "stamped", Timestamps()))
	clock = new(uint64)
	x.rt.clock = func() uint64 { return *clock }
	return x, clock
}

func (x *fixture) wantStamp(what string, want uint64) func(at time.Time, err error) {
	return func(at time.Time, err error) {
		x.Helper()
		if err != nil || at.Sub(x.rt.start) != time.Duration(want) {
			x.Errorf("%s: %v after New, %v, want %d", what, at.Sub(x.rt.start), err, want)
		}
	}
}

func TestTimestamps(t *testing.T) {
	x, clock := newStamped(t, Config{Fences: 1, Callbacks: 8})
	for life := range uint64(3) {
		*clock = 100 + life
		i := x.arm()
		f := i.Fence()
		h := must(x.l.Hold(f))
		*clock = 200 + life
		x.wantStamp("ArmedAt", 100+life)(f.ArmedAt())
		for _, at := range []func() (time.Time, error){f.SignaledAt, h.SignaledAt} {
			_, err := at()
			x.want("SignaledAt", err, ErrPending)
		}
		in := x.handler(func(_ *Local, _ uint64, _ error) {
			*clock++
			x.wantStamp("SignaledAt in a callback", 200+life)(f.SignaledAt())
		})
		must(x.l.OnSignal(f, in, 0))
		x.want("Signal", x.l.Signal(i, nil), nil)
		*clock = 300
		x.wantStamp("SignaledAt", 200+life)(f.SignaledAt())
		x.want("Drop", x.l.Drop(i), nil)
		x.wantStamp("SignaledAt", 200+life)(f.SignaledAt()) // it is held
		x.wantStamp("Hold.SignaledAt", 200+life)(h.SignaledAt())
		x.wantStamp("Hold.ArmedAt", 100+life)(h.ArmedAt())
		x.want("Release", x.l.Release(h), nil)
		for _, at := range []func() (time.Time, error){f.SignaledAt, f.ArmedAt, h.SignaledAt, h.ArmedAt} {
			_, err := at()
			x.want("recycled", err, ErrStale)
		}
	}
}

// TestTimestampOfALateSignaler: a reader that comes first proposes, and the signaler of an earlier life changes nothing.
func TestTimestampOfALateSignaler(t *testing.T) {
	x, clock := newStamped(t, Config{Fences: 1, Callbacks: 8})
	*clock = 1
	i := x.arm()
	f, n := i.Fence(), x.rt.index(i.fence.word)
	b := f.word.Load() // closes as a signaler that is then held up
	if !f.word.CompareAndSwap(b, b|closedBit) {
		t.Fatal("not closed")
	}
	*clock = 7
	x.wantStamp("the first reader", 7)(f.SignaledAt())
	*clock = 9
	x.l.signaledSpecial(n, b|closedBit)
	x.wantStamp("another reader", 7)(f.SignaledAt())
	x.want("Drop", x.l.Drop(i), nil)
	next := x.arm()
	x.l.signaledSpecial(n, b|closedBit)
	*clock = 11
	x.want("Signal", x.l.Signal(next, nil), nil)
	x.wantStamp("the next life", 11)(next.Fence().SignaledAt())
	x.want("Drop", x.l.Drop(next), nil)
}

func TestTimestampErrors(t *testing.T) {
	x := newFixture(t, small)
	backed := must(x.rt.NewFenceContext("driver", "backed", WithBackend(Backend{})))
	stamped := must(x.rt.NewFenceContext("driver", "stamped", Timestamps()))
	x.done(must(x.l.NewFence(stamped))) // its slot comes again
	for _, c := range []*FenceContext{x.c, backed} {
		for range x.rt.config.Fences {
			i := must(x.l.NewFence(c))
			_, err := i.Fence().ArmedAt()
			x.want("ArmedAt", err, ErrNoTimestamps)
			_, err = i.Fence().SignaledAt()
			x.want("SignaledAt", err, ErrPending)
			x.want("Signal", x.l.Signal(i, nil), nil)
			_, err = i.Fence().SignaledAt()
			x.want("SignaledAt", err, ErrNoTimestamps)
			x.want("Drop", x.l.Drop(i), nil)
		}
	}
	for _, at := range []func() (time.Time, error){Fence{}.SignaledAt, Fence{}.ArmedAt, Hold{}.SignaledAt, Hold{}.ArmedAt} {
		_, err := at()
		x.want("of nothing", err, ErrStale)
	}
}

func (x *fixture) done(i Issuer) {
	x.Helper()
	x.want("Finish", x.l.Finish(i, nil), nil)
}

// TestTimestampsForAll: the configuration gives them to every context, by the real clock.
func TestTimestampsForAll(t *testing.T) {
	config := small
	config.Timestamps = true
	x := newFixture(t, config)
	before := time.Now()
	i := x.arm()
	time.Sleep(time.Millisecond)
	x.want("Signal", x.l.Signal(i, nil), nil)
	after := time.Now()
	armed, signaled := must(i.Fence().ArmedAt()), must(i.Fence().SignaledAt())
	if armed.Before(before) || signaled.Sub(armed) < time.Millisecond || signaled.After(after) {
		t.Errorf("armed at %v and signaled at %v, between %v and %v", armed, signaled, before, after)
	}
	x.want("Drop", x.l.Drop(i), nil)
}

// TestTimestampsAfterClose: Close signals with a timestamp, and who is armed afterwards is born with one.
func TestTimestampsAfterClose(t *testing.T) {
	x, clock := newStamped(t, small)
	*clock = 1
	i := x.arm()
	r := must(x.l.Reserve())
	h := must(x.l.Hold(i.Fence()))
	*clock = 5
	x.want("Close", x.rt.Close(), ErrLeaked)
	*clock = 8
	x.wantStamp("Hold.SignaledAt", 5)(h.SignaledAt())
	x.wantStamp("Hold.ArmedAt", 1)(h.ArmedAt())
	_, err := i.Fence().SignaledAt()
	x.want("SignaledAt", err, ErrStale)
	born := x.l.Arm(r, x.c)
	h = must(x.l.Hold(born.Fence()))
	*clock = 9
	x.wantStamp("born signaled", 8)(h.SignaledAt())
}

// TestTimestampsAgree polls a fence from several goroutines while it is signaled: all that see it signaled see one time,
// which is not before the signal and not after it was seen.
func TestTimestampsAgree(t *testing.T) {
	x := newFixture(t, Config{Fences: 4})
	c := must(x.rt.NewFenceContext("driver", "stamped", Timestamps()))
	for range scaled(4000) {
		i := must(x.l.NewFence(c))
		f := i.Fence()
		var wg sync.WaitGroup
		var seen [3]time.Time
		for g := range seen {
			wg.Go(func() {
				for !f.Signaled() {
					runtime.Gosched()
				}
				at, err := f.SignaledAt()
				if err != nil || at.After(time.Now()) {
					t.Errorf("SignaledAt: %v, %v", at, err)
				}
				seen[g] = at
			})
		}
		before := time.Now()
		x.want("Signal", x.l.Signal(i, nil), nil)
		wg.Wait()
		for _, at := range seen {
			if !at.Equal(seen[0]) || at.Before(before) {
				t.Fatalf("signaled at %v, not before %v", seen, before)
			}
		}
		x.want("Drop", x.l.Drop(i), nil)
	}
}
