package epoch

import (
	"errors"
	"testing"
)

func TestConfig(t *testing.T) {
	for _, c := range []Config{
		{MaxParticipants: -1}, {MaxRetired: -1}, {MaxReclaimers: -1},
		{Pinning: PinPortable + 1}, {StallAfter: -1},
		{MaxParticipants: LimitParticipants + 1}, {MaxRetired: LimitRetired + 1}, {MaxReclaimers: LimitReclaimers + 1},
	} {
		if d, err := New(c); d != nil || !errors.Is(err, ErrConfig) {
			t.Errorf("New(%+v): %v", c, err)
		}
	}
	d, err := New(Config{})
	if err != nil || len(d.slots) != 64 || d.retired != 1024 || len(d.reclaimers) != 64 {
		t.Errorf("defaults: %d slots, %d retired, %v", len(d.slots), d.retired, err)
	}
}

func TestRetiredRunsAtTheSecondCollect(t *testing.T) {
	d, id, ran := newDomain(t, Config{})
	p := register(t, d)
	retire(t, p, id, 7)
	if n := p.Collect(); n != 0 || len(*ran) != 0 {
		t.Fatalf("the first Collect ran %d", n)
	}
	if n := p.Collect(); n != 1 {
		t.Fatalf("the second Collect ran %d", n)
	}
	wantRan(t, ran, 7)
	if n := collect(p, 5); n != 0 {
		t.Fatalf("it ran %d times more", n)
	}
}

func TestRunsInTheOrderOfRetiring(t *testing.T) {
	d, id, ran := newDomain(t, Config{})
	p := register(t, d)
	var want []uint64
	for i := range uint64(3*batchSize + 1) {
		retire(t, p, id, i)
		want = append(want, i)
	}
	if n := collect(p, 2); n != len(want) {
		t.Fatalf("%d of %d ran", n, len(want))
	}
	wantRan(t, ran, want...)
}

func TestPinnedReaderHoldsItsGarbage(t *testing.T) {
	d, id, ran := newDomain(t, Config{})
	reader, writer := register(t, d), register(t, d)
	reader.Pin()
	before := d.Epoch()
	retire(t, writer, id, 1)
	if n := collect(writer, 10); n != 0 {
		t.Fatalf("%d reclaimed under a pinned reader", n)
	}
	if d.Epoch() > before+1 {
		t.Fatalf("the epoch went from %d to %d under a pinned reader (I2)", before, d.Epoch())
	}
	reader.Unpin()
	collect(writer, 2)
	wantRan(t, ran, 1)
}

func TestPinsNest(t *testing.T) {
	d, id, ran := newDomain(t, Config{})
	reader, writer := register(t, d), register(t, d)
	reader.Pin()
	reader.Pin()
	reader.Unpin()
	if !reader.Pinned() {
		t.Fatal("the inner Unpin has ended the outer section")
	}
	retire(t, writer, id, 1)
	if n := collect(writer, 5); n != 0 {
		t.Fatalf("%d reclaimed in the outer section", n)
	}
	reader.Unpin()
	if reader.Pinned() {
		t.Fatal("still pinned")
	}
	collect(writer, 2)
	wantRan(t, ran, 1)
}

func TestUnpinWithoutPinPanics(t *testing.T) {
	d, _, _ := newDomain(t, Config{})
	p := register(t, d)
	for range 2 {
		if v := panicOf(p.Unpin); v != ErrNotPinned {
			t.Fatalf("panic %v", v)
		}
	}
	p.Pin() // and it is usable still
	if !p.Pinned() || d.Stats().Pinned != 1 {
		t.Error("not pinned after Pin")
	}
	p.Unpin()
}

// TestStalledReaderBoundsGarbage: a reader that sleeps in its section stops reclaiming;
// the writer is told so, nothing is lost, and it works again afterwards.
func TestStalledReaderBoundsGarbage(t *testing.T) {
	const bound = 5 // not a power of two: the ring is larger
	d, id, ran := newDomain(t, Config{MaxRetired: bound})
	reader, writer := register(t, d), register(t, d)
	reader.Pin()
	var want []uint64
	for i := range uint64(bound) {
		retire(t, writer, id, i)
		want = append(want, i)
	}
	for range 3 {
		collect(writer, 3)
		if err := writer.Retire(id, 99); !errors.Is(err, ErrGarbageFull) {
			t.Fatalf("Retire with %d waiting: %v", writer.Retired(), err)
		}
	}
	st := d.Stats()
	if st.Retired != bound || st.Lag == 0 || writer.Retired() != bound {
		t.Fatalf("%+v, Retired %d", st, writer.Retired())
	}
	wantRan(t, ran)
	reader.Unpin()
	if n := collect(writer, 2); n != bound {
		t.Fatalf("%d of %d ran", n, bound)
	}
	wantRan(t, ran, want...)
	retire(t, writer, id, 100)
	collect(writer, 2)
	wantRan(t, ran, append(want, 100)...)
}

func TestRetireUnknownReclaimer(t *testing.T) {
	d, id, _ := newDomain(t, Config{MaxReclaimers: 2})
	p := register(t, d)
	for _, bad := range []ReclaimerID{id + 1, id + 2, ^ReclaimerID(0)} {
		if err := p.Retire(bad, 1); !errors.Is(err, ErrReclaimer) {
			t.Errorf("id %d: %v", bad, err)
		}
	}
	if p.Retired() != 0 {
		t.Errorf("%d retired", p.Retired())
	}
}

func TestReclaimers(t *testing.T) {
	d, err := New(Config{MaxReclaimers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reclaimer(nil); !errors.Is(err, ErrReclaimer) {
		t.Errorf("nil: %v", err)
	}
	var sums [2]uint64
	a := reclaimer(t, d, func(arg uint64) { sums[0] += arg })
	b := reclaimer(t, d, func(arg uint64) { sums[1] += arg })
	if _, err := d.Reclaimer(func(uint64) {}); !errors.Is(err, ErrExhausted) {
		t.Errorf("a third of two: %v", err)
	}
	p := register(t, d)
	retire(t, p, a, 1, 2)
	retire(t, p, b, 40)
	collect(p, 2)
	if sums != [2]uint64{3, 40} {
		t.Errorf("sums %v", sums)
	}
}

func TestReclaimMayRetireAndPin(t *testing.T) {
	d, id, ran := newDomain(t, Config{})
	p := register(t, d)
	again := reclaimer(t, d, func(arg uint64) {
		p.Pin()
		retire(t, p, id, arg)
		p.Unpin()
		if n := p.Collect(); n != 0 {
			t.Errorf("a nested Collect ran %d", n)
		}
		if err := p.Unregister(); !errors.Is(err, ErrInReclaim) {
			t.Errorf("Unregister in a reclaim function: %v", err)
		}
		if err := p.Barrier(t.Context()); !errors.Is(err, ErrInReclaim) {
			t.Errorf("Barrier in a reclaim function: %v", err)
		}
	})
	retire(t, p, again, 5)
	if n := collect(p, 2); n != 1 {
		t.Fatalf("%d ran", n)
	}
	wantRan(t, ran)
	if n := collect(p, 2); n != 1 {
		t.Fatalf("%d ran", n)
	}
	wantRan(t, ran, 5)
}

func TestStats(t *testing.T) {
	d, id, _ := newDomain(t, Config{})
	a, b, c := register(t, d), register(t, d), register(t, d)
	retire(t, a, id, 1, 2)
	retire(t, c, id, 3)
	b.Pin()
	if err := c.Unregister(); err != nil {
		t.Fatal(err)
	}
	want := Stats{Epoch: firstEpoch, Participants: 2, Pinned: 1, Retired: 3, Orphans: 1, Light: canBeLight()}
	if st := d.Stats(); st != want {
		t.Errorf("%+v, want %+v", st, want)
	}
	a.Collect()
	want.Epoch, want.Lag = firstEpoch+1, 1
	if st := d.Stats(); st != want {
		t.Errorf("%+v, want %+v", st, want)
	}
	b.Unpin()
	collect(a, 2)
	want = Stats{Epoch: firstEpoch + 2, Participants: 2, Light: canBeLight()} // the second had nothing to do
	if st := d.Stats(); st != want {
		t.Errorf("%+v, want %+v", st, want)
	}
}
