package peers_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"go.etcd.io/etcd/pkg/v3/wait"

	"github.com/fencert/fencert/bench/peers"
	fencert "github.com/fencert/fencert/runtime"
)

var _ wait.WaitTime = (*peers.WaitTime)(nil)

func TestWaitTimeReachedAndAhead(t *testing.T) {
	w := peers.NewWaitTime(newTimeline(t))
	if !isClosed(w.Wait(0)) {
		t.Error("0 is open on a new one")
	}
	c := w.Wait(4)
	w.Trigger(3)
	if isClosed(c) {
		t.Error("4 is closed at 3")
	}
	w.Trigger(1000)
	if !isClosed(c) || !isClosed(w.Wait(4)) || !isClosed(w.Wait(1000)) || isClosed(w.Wait(1001)) {
		t.Error("what is closed isn't what was triggered")
	}
	if n := testing.AllocsPerRun(100, func() { w.Wait(1000) }); n != 0 {
		t.Errorf("Wait for what was triggered allocates %v times", n)
	}
}

// TestWaitTimeDiffers shows what the type's comment says isn't kept.
func TestWaitTimeDiffers(t *testing.T) {
	w, original := peers.NewWaitTime(newTimeline(t)), wait.NewTimeList()
	for _, x := range []wait.WaitTime{w, original} {
		x.Trigger(10)
		x.Trigger(5)
	}
	if isClosed(original.Wait(7)) || !isClosed(w.Wait(7)) {
		t.Error("going back: the comment is wrong")
	}
	shared := func(x wait.WaitTime) bool {
		first := x.Wait(20)
		return x.Wait(20) == first
	}
	if !shared(original) || shared(w) {
		t.Error("shared channels: the comment is wrong")
	}
	far, last := w.Wait(math.MaxUint64), w.Wait(fencert.MaxPoint)
	w.Trigger(fencert.MaxPoint - 1)
	if isClosed(far) || isClosed(last) {
		t.Error("closed before its time")
	}
	w.Trigger(fencert.MaxPoint + 1)
	if !isClosed(far) || !isClosed(last) {
		t.Error("beyond MaxPoint: the comment is wrong")
	}
}

func TestWaitTimeClose(t *testing.T) {
	line := newTimeline(t)
	w := peers.NewWaitTime(line)
	c := w.Wait(5)
	if err := line.Close(errors.New("the log is gone")); err != nil {
		t.Fatal(err)
	}
	w.Trigger(9)
	if !isClosed(c) || !isClosed(w.Wait(7)) {
		t.Error("a channel is open after Close")
	}
}

// A maximum is a WaitTime that doesn't go back: all that separates the original, called by one goroutine, from ours.
type maximum struct {
	wait.WaitTime
	last uint64
}

func (m *maximum) Trigger(deadline uint64) {
	m.last = max(m.last, deadline)
	m.WaitTime.Trigger(m.last)
}

// TestWaitTimeAgainstEtcd runs random programs on both and compares all channels after each step.
func TestWaitTimeAgainstEtcd(t *testing.T) {
	programs(t, 2000, func(t *testing.T, r *rand.Rand) {
		type pair struct {
			deadline        uint64
			ours, originals <-chan struct{}
		}
		rising := r.IntN(2) == 0 // else triggers go back too
		var original wait.WaitTime = wait.NewTimeList()
		if !rising {
			original = &maximum{WaitTime: original}
		}
		line := newTimeline(t)
		defer func() { _ = line.Close(nil) }()
		ours := peers.NewWaitTime(line)
		var pairs []pair
		last, spread := uint64(0), uint64(1)<<r.IntN(20)
		for step := range 1 + r.IntN(60) {
			what, n := "wait", last+r.Uint64N(2*spread)
			if r.IntN(3) > 0 {
				n -= min(n, spread/2)
				pairs = append(pairs, pair{n, ours.Wait(n), original.Wait(n)})
			} else {
				if !rising {
					n -= min(n, spread)
				}
				what, last = "trigger", max(last, n)
				ours.Trigger(n)
				original.Trigger(n)
			}
			for _, p := range pairs {
				if a, b := isClosed(p.ours), isClosed(p.originals); a != b {
					t.Fatalf("step %d, %s %d, last %d: channel of %d: closed %v, want %v", step, what, n, last, p.deadline, a, b)
				}
			}
		}
	})
}

// TestWaitTimeStress: goroutines wait for deadlines around the last one while several trigger. Nobody returns early, and all
// return.
func TestWaitTimeStress(t *testing.T) {
	for name, triggers := range map[string]int{"one": 1, "three": 3} {
		t.Run(name, func(t *testing.T) {
			n := uint64(60_000)
			if testing.Short() {
				n /= 10
			}
			w := peers.NewWaitTime(newTimeline(t))
			var next, begun, early atomic.Uint64 // begun: some Trigger with it has begun
			var all sync.WaitGroup
			for range triggers {
				all.Go(func() {
					for i := next.Add(1); i <= n; i = next.Add(1) {
						for v := begun.Load(); v < i && !begun.CompareAndSwap(v, i); v = begun.Load() {
						}
						w.Trigger(i)
					}
				})
			}
			for range 4 {
				all.Go(func() {
					r := rand.New(rand.NewPCG(rand.Uint64(), 0))
					for begun.Load() < n {
						ahead := r.Perm(8)
						deadlines, channels := make([]uint64, 8), make([]<-chan struct{}, 8)
						for i := range ahead {
							deadlines[i] = min(n, begun.Load()+uint64(ahead[i])*r.Uint64N(50))
							channels[i] = w.Wait(deadlines[i])
						}
						slices.Reverse(channels)
						slices.Reverse(deadlines)
						for i, c := range channels {
							<-c
							if begun.Load() < deadlines[i] {
								early.Add(1)
							}
						}
					}
				})
			}
			all.Wait() // or the test's time is up: a channel was lost
			if early.Load() > 0 {
				t.Errorf("%d channels were closed early", early.Load())
			}
		})
	}
}
