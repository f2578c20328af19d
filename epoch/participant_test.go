package epoch

import (
	"errors"
	"testing"
)

func TestRegisterExhausted(t *testing.T) {
	d, _, _ := newDomain(t, Config{MaxParticipants: 2})
	a, _ := register(t, d), register(t, d)
	if p, err := d.Register(); p != nil || !errors.Is(err, ErrExhausted) {
		t.Fatalf("a third of two: %v", err)
	}
	if err := a.Unregister(); err != nil {
		t.Fatal(err)
	}
	register(t, d)
	if _, err := d.Register(); !errors.Is(err, ErrExhausted) {
		t.Fatalf("again: %v", err)
	}
}

func TestUnregisteredParticipant(t *testing.T) {
	d, id, _ := newDomain(t, Config{MaxParticipants: 1})
	p := register(t, d)
	if err := p.Unregister(); err != nil {
		t.Fatal(err)
	}
	other := register(t, d) // has the same slot; p must not reach it
	for name, err := range map[string]error{
		"Unregister":  p.Unregister(),
		"Retire":      p.Retire(id, 1),
		"Synchronize": p.Synchronize(t.Context()),
		"Barrier":     p.Barrier(t.Context()),
	} {
		if !errors.Is(err, ErrUnregistered) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if v := panicOf(p.Pin); v != ErrUnregistered {
		t.Errorf("Pin panics with %v", v)
	}
	if p.Collect() != 0 || p.Retired() != 0 || p.Pinned() {
		t.Error("an unregistered participant is alive")
	}
	if st := d.Stats(); st.Participants != 1 || st.Pinned != 0 || other.Retired() != 0 {
		t.Errorf("%+v", st)
	}
}

func TestUnregisterPinned(t *testing.T) {
	d, _, _ := newDomain(t, Config{})
	p := register(t, d)
	p.Pin()
	if err := p.Unregister(); !errors.Is(err, ErrPinned) {
		t.Fatalf("%v", err)
	}
	if st := d.Stats(); st.Participants != 1 || st.Pinned != 1 {
		t.Fatalf("%+v", st)
	}
	p.Unpin()
	if err := p.Unregister(); err != nil {
		t.Fatal(err)
	}
	if st := d.Stats(); st.Participants != 0 {
		t.Fatalf("%+v", st)
	}
}

// TestOrphansAreReclaimedByOthers: many more than a batch, from two slots, and not
// before their time.
func TestOrphansAreReclaimedByOthers(t *testing.T) {
	d, id, ran := newDomain(t, Config{})
	reader, other := register(t, d), register(t, d)
	reader.Pin()
	const each = 2*batchSize + 3
	for s := range uint64(2) {
		gone := register(t, d)
		for i := range uint64(each) {
			retire(t, gone, id, s*each+i)
		}
		if err := gone.Unregister(); err != nil {
			t.Fatal(err)
		}
		register(t, d) // an owned slot between the orphans
	}
	if n := collect(other, 5); n != 0 {
		t.Fatalf("%d reclaimed under a pinned reader", n)
	}
	if st := d.Stats(); st.Orphans != 2 || st.Retired != 2*each {
		t.Fatalf("%+v", st)
	}
	reader.Unpin()
	if n := collect(other, 2); n != 2*each {
		t.Fatalf("%d of %d reclaimed", n, 2*each)
	}
	seen := map[uint64]bool{}
	for _, a := range *ran {
		if seen[a] || a >= 2*each {
			t.Fatalf("%d reclaimed twice, or out of nowhere", a)
		}
		seen[a] = true
	}
	if st := d.Stats(); st.Orphans != 0 || st.Retired != 0 || d.orphans.Load() != 0 {
		t.Fatalf("%+v, gauge %d", st, d.orphans.Load())
	}
}

// TestRegisterTakesAnOrphan: when no other slot is free, with its garbage.
func TestRegisterTakesAnOrphan(t *testing.T) {
	d, id, ran := newDomain(t, Config{MaxParticipants: 2, MaxRetired: 4})
	a, b := register(t, d), register(t, d)
	retire(t, a, id, 1, 2, 3)
	if err := a.Unregister(); err != nil {
		t.Fatal(err)
	}
	if err := b.Unregister(); err != nil {
		t.Fatal(err)
	}
	b = register(t, d)
	if b.Retired() != 0 {
		t.Fatal("the orphan was taken though a slot was free")
	}
	a = register(t, d)
	if a.Retired() != 3 || d.orphans.Load() != 0 {
		t.Fatalf("%d came with the slot, gauge %d", a.Retired(), d.orphans.Load())
	}
	retire(t, a, id, 4)
	if err := a.Retire(id, 5); !errors.Is(err, ErrGarbageFull) {
		t.Fatalf("the old garbage doesn't count: %v", err)
	}
	if n := collect(b, 3); n != 0 {
		t.Fatalf("%d of an owned slot reclaimed by another participant", n)
	}
	if n := collect(a, 2); n != 4 {
		t.Fatalf("%d reclaimed", n)
	}
	wantRan(t, ran, 1, 2, 3, 4)
}
