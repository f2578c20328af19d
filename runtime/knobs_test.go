package fencert

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/atomicseq"
)

// nearTheEnd leaves each slot of an unused runtime so many lives.
func nearTheEnd(rt *Runtime, lives uint64) {
	for i := 1; i <= rt.config.Fences; i++ {
		rt.arena.Word(uint32(i)).Store((arena.LastGeneration - lives) << arena.IndexBits)
	}
}

// TestStressLastLives has goroutines live all lives that are left, with callbacks, holds and stale handles: each life once, not
// one more, and then every slot is retired and Reserve says so.
func TestStressLastLives(t *testing.T) {
	const slots = 64
	lives := uint64(max(scaled(400), 20))
	for _, perCPU := range []int{1, 2, 4, 8} {
		x := newFixture(t, Config{Fences: slots, Callbacks: 1 << 12})
		nearTheEnd(x.rt, lives)
		seen := make([]atomic.Uint32, (slots+1)*lives) // by slot and life
		var ran, lived atomic.Int64
		run := x.handler(func(*Local, uint64, error) { ran.Add(1) })
		var wg sync.WaitGroup
		for range perCPU * runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				l := x.rt.Local()
				defer l.Close()
				var stale Fence
				for {
					i, err := l.NewFence(x.c)
					if err != nil {
						if x.want("NewFence", err, ErrExhausted); x.rt.arena.Retired() == slots {
							return
						}
						l.Flush() // what we keep another may need
						runtime.Gosched()
						continue
					}
					r := i.Fence().Ref()
					seen[uint64(r.Index()-1)*lives+r.Generation()-(arena.LastGeneration-lives)].Add(1)
					lived.Add(1)
					_ = must(l.OnSignal(i.Fence(), run, 0))
					h, err := l.Hold(i.Fence())
					x.want("Hold", err, nil)
					x.want("Finish", l.Finish(i, nil), nil)
					x.want("Release", l.Release(h), nil)
					if _, err := l.OnSignal(stale, run, 0); err != ErrSignaled {
						t.Errorf("a stale handle: %v", err)
					}
					stale = i.Fence()
				}
			})
		}
		wg.Wait()
		for k := range uint64(slots * lives) {
			if n := seen[k].Load(); n != 1 {
				t.Fatalf("life %d of slot %d was lived %d times", k%lives, k/lives+1, n)
			}
		}
		if lived.Load() != int64(slots*lives) || ran.Load() != lived.Load() {
			t.Errorf("%d lives, %d callbacks, want %d", lived.Load(), ran.Load(), slots*lives)
		}
		if _, err := x.rt.Reserve(); err != ErrExhausted {
			t.Errorf("Reserve: %v", err)
		}
	}
}

// TestLastLivesKnobBites: without the knob slots don't end.
func TestLastLivesKnobBites(t *testing.T) {
	for _, near := range []bool{false, true} {
		x := newFixture(t, Config{Fences: 1})
		if near {
			nearTheEnd(x.rt, 5)
		}
		n := 0
		for ; n < 100; n++ {
			i, err := x.l.NewFence(x.c)
			if err != nil {
				break
			}
			x.want("Finish", x.l.Finish(i, nil), nil)
		}
		if near && n != 5 || !near && n != 100 {
			t.Errorf("near %v: %d lives", near, n)
		}
	}
}

// TestStressHoldsSaturate takes a count of holds over its end from many goroutines, and gives as many back: there it stays, the
// result stays known, and the slot is out of use.
func TestStressHoldsSaturate(t *testing.T) {
	for _, near := range []bool{false, true} { // without the knob nothing saturates
		x := newFixture(t, Config{Fences: 1})
		i := x.arm()
		first := must(x.l.Hold(i.Fence()))
		holds := &x.rt.slots[1].holds
		if near {
			holds.Store(holds.Load()&lifeMask | (maxHolds - 20))
		}
		var all, wg sync.WaitGroup
		all.Add(8)
		for range 8 {
			wg.Go(func() {
				var mine []Hold
				for range 100 {
					mine = append(mine, must(x.rt.Hold(i.Fence())))
				}
				all.Done()
				all.Wait() // at its highest
				for _, h := range mine {
					if err := x.rt.Release(h); err != nil {
						t.Errorf("Release: %v", err)
					}
				}
			})
		}
		wg.Wait()
		x.want("Finish", x.l.Finish(i, errno(4)), nil)
		x.want("Release", x.l.Release(first), nil)
		if near {
			x.want("Err", first.Err(), errno(4))
			if _, err := x.l.Reserve(); err != ErrExhausted || holds.Load()&^lifeMask != maxHolds {
				t.Errorf("Reserve: %v, the count is %#x", err, holds.Load())
			}
			_ = x.rt.Close() // not settled: the slot is lost, by design
		} else {
			x.want("Err", first.Err(), ErrStale)
		}
	}
}

// TestStressDeviceNumbers follows a device that counts in 32 bits, over the wrap, by several goroutines that read its register
// whenever they like: the timeline comes to the very end, each callback runs once. That the wrap was met is seen by how often
// the low 32 bits alone would have been wrong.
func TestStressDeviceNumbers(t *testing.T) {
	const before, after = 5_000, 20_000
	start := uint64(7<<32 - before)
	rt := must(New(Config{Fences: 64, Points: 1 << 16}))
	line := must(rt.NewTimeline("device", "copy-ring", StartAt(start)))
	ran := make([]atomic.Int32, before+after+1)
	count := must(rt.Handler(func(_ *Local, n uint64, result error) {
		if ran[n-start].Add(1); line.Value() < n || result != nil {
			t.Errorf("point %d ran at %d, %v", n, line.Value(), result)
		}
	}))
	l := rt.Local()
	for n := start + 1; n <= start+before+after; n++ {
		_ = must(l.OnSignal(line.At(n), count, n))
	}
	l.Close()
	var register atomic.Uint32
	register.Store(uint32(start))
	var wrong atomic.Int64
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := start; n < start+before+after; {
			n = min(n+1+rand.Uint64N(3), start+before+after)
			register.Store(uint32(n))
			if rand.IntN(64) == 0 {
				runtime.Gosched()
			}
		}
	})
	for range 2 * runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for line.Value() < start+before+after {
				low := register.Load()
				v := line.Value()
				n := atomicseq.Extend32(v, low)
				if v&^uint64(1<<32-1)|uint64(low) != n {
					wrong.Add(1)
				}
				if n <= v {
					runtime.Gosched()
				} else if err := line.Advance(n); err != nil && err != ErrSignaled {
					t.Errorf("Advance: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if err := line.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	for k := 1; k < len(ran); k++ {
		if n := ran[k].Load(); n != 1 {
			t.Fatalf("point %d ran %d times", start+uint64(k), n)
		}
	}
	if wrong.Load() == 0 {
		t.Error("no register was read where its bits alone are wrong: the wrap wasn't met")
	}
	settled(t, rt)
	if err := rt.Close(); err != nil {
		t.Error(err)
	}
}

// TestContextIDsEnd: ids of fence contexts have as many bits as indices; the end of them is told, and what there is goes on.
func TestContextIDsEnd(t *testing.T) {
	x := newFixture(t, small)
	// Safety: a Counter is all that an IDs is, as the size says.
	if unsafe.Sizeof(x.rt.contextIDs) != unsafe.Sizeof(atomicseq.Counter{}) {
		t.Fatal("ids are more than a counter")
	}
	x.want("StartAt", (*atomicseq.Counter)(unsafe.Pointer(&x.rt.contextIDs)).StartAt(MaxContexts-1), nil)
	c := must(x.rt.NewFenceContext("last but one", ""))
	line := must(x.rt.NewTimeline("last", ""))
	if c.ID() != MaxContexts-1 || line.ID() != MaxContexts {
		t.Errorf("ids %d and %d", c.ID(), line.ID())
	}
	for range 3 {
		_, err := x.rt.NewFenceContext("", "")
		x.want("NewFenceContext", err, ErrExhausted)
		_, err = x.rt.NewTimeline("", "")
		x.want("NewTimeline", err, ErrExhausted)
	}
	i := must(x.l.NewFence(c))
	if got := must(i.Fence().Context()); got != c {
		t.Errorf("the context is %v", got)
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.want("Advance", line.Advance(MaxPoint), nil)
}
