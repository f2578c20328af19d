package epoch

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

func TestElapsedAfterTwoSteps(t *testing.T) {
	d, _, _ := newDomain(t, Config{})
	register(t, d)
	s := d.Stamp()
	if s != firstEpoch {
		t.Fatalf("the first stamp is %d", s)
	}
	for i, want := range []bool{false, true, true} {
		if got := d.Elapsed(s); got != want {
			t.Fatalf("call %d: %v", i, got)
		}
	}
	if e := d.Epoch(); e != s+gracePeriod {
		t.Fatalf("the epoch went from %d to %d: what is over needs no advance", s, e)
	}
}

// TestElapsedWaitsForReaders: of those who were pinned at the stamp, and of no others.
func TestElapsedWaitsForReaders(t *testing.T) {
	d, _, _ := newDomain(t, Config{})
	reader, late := register(t, d), register(t, d)
	reader.Pin()
	s := d.Stamp()
	for range 5 {
		if d.Elapsed(s) {
			t.Fatal("elapsed with a reader inside")
		}
	}
	reader.Unpin()
	late.Pin() // at stamp+1, so that stamp+2 is as far as it goes
	if !d.Elapsed(s) {
		t.Fatalf("not elapsed though all have left, at %d, stamp %d", d.Epoch(), s)
	}
	for range 3 {
		if !d.Elapsed(d.Stamp()) {
			continue
		}
		t.Fatal("elapsed with another reader inside")
	}
	late.Unpin()
}

func TestElapsedFromNowhere(t *testing.T) {
	d, _, _ := newDomain(t, Config{})
	for _, s := range []uint64{^uint64(0), ^uint64(0) - 1, 1 << 40} {
		for range 3 {
			if d.Elapsed(s) {
				t.Errorf("stamp %#x has elapsed at %d", s, d.Epoch())
			}
		}
	}
}

func TestStampDoesNotAllocate(t *testing.T) {
	d, _, _ := newDomain(t, Config{})
	register(t, d)
	if a := testing.AllocsPerRun(100, func() {
		if s := d.Stamp(); d.Elapsed(s) || !d.Elapsed(s) {
			t.Error("not the second time")
		}
	}); a != 0 {
		t.Errorf("%v allocations", a)
	}
}

// TestStressStamp: owners replace what readers look at and poison it, plainly, when its stamp has elapsed. Each object
// dies once; the race detector checks the happens-before edge.
func TestStressStamp(t *testing.T) {
	for _, pinning := range []Pinning{PinAuto, PinPortable} {
		t.Run(pinning.String(), func(t *testing.T) { stressStamp(t, pinning) })
	}
}

func stressStamp(t *testing.T, pinning Pinning) {
	rounds := 3_000
	if testing.Short() {
		rounds = 300
	}
	b := newBoard(t, 2*rounds+8)
	d, err := New(Config{Pinning: pinning})
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Uint32
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			p := register(t, d)
			for k := 0; done.Load() < 2; k++ {
				b.read(p, k%len(b.links))
				if k%8 == 0 { // else it loses its processor inside a section, nearly always
					runtime.Gosched()
				}
			}
			if err := p.Unregister(); err != nil {
				t.Error(err)
			}
		})
	}
	var poisoned atomic.Uint64
	for w := range 2 {
		wg.Go(func() {
			defer done.Add(1)
			for k := range rounds {
				old := b.links[(w+k)%len(b.links)].Swap(b.fresh.Add(1))
				for s := d.Stamp(); !d.Elapsed(s); {
					runtime.Gosched()
				}
				b.reclaim(uint64(old))
				poisoned.Add(1)
			}
		})
	}
	wg.Wait()
	if n := poisoned.Load(); n != uint64(2*rounds) {
		t.Errorf("%d of %d", n, 2*rounds)
	}
}
