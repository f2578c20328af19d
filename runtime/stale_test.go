package fencert

import (
	"context"
	"testing"
)

// entries are all calls that take a handle, with what each answers for one that doesn't name a fence of this
// runtime in its present life.
var entries = []struct {
	name           string
	call           func(x *fixture, i Issuer, t Ticket, h Hold) any
	stale, foreign any
}{
	{"Signal", func(x *fixture, i Issuer, _ Ticket, _ Hold) any { return x.l.Signal(i, ErrFailed) }, ErrStale, ErrForeign},
	{"Finish", func(x *fixture, i Issuer, _ Ticket, _ Hold) any { return x.l.Finish(i, ErrFailed) }, ErrStale, ErrForeign},
	{"Drop", func(x *fixture, i Issuer, _ Ticket, _ Hold) any { return x.l.Drop(i) }, ErrStale, ErrForeign},
	{"OnSignal", func(x *fixture, i Issuer, _ Ticket, _ Hold) any {
		_, err := x.l.OnSignal(i.Fence(), x.note, 1)
		return err
	}, ErrSignaled, ErrForeign},
	{"OnSignalMany", func(x *fixture, i Issuer, _ Ticket, _ Hold) any {
		return x.l.OnSignalMany(i.Fence(), x.note, []uint64{1, 2})
	}, ErrSignaled, ErrForeign},
	{"Cancel", func(x *fixture, _ Issuer, t Ticket, _ Hold) any { return x.l.Cancel(t) }, false, false},
	{"Hold", func(x *fixture, i Issuer, _ Ticket, _ Hold) any { _, err := x.l.Hold(i.Fence()); return err }, ErrStale, ErrForeign},
	{"Release", func(x *fixture, _ Issuer, _ Ticket, h Hold) any { return x.l.Release(h) }, ErrNotHeld, ErrForeign},
	{"implicit Signal", func(x *fixture, i Issuer, _ Ticket, _ Hold) any { return x.rt.Signal(i, ErrFailed) }, ErrStale, ErrForeign},
	{"implicit Finish", func(x *fixture, i Issuer, _ Ticket, _ Hold) any { return x.rt.Finish(i, ErrFailed) }, ErrStale, ErrForeign},
	{"implicit Drop", func(x *fixture, i Issuer, _ Ticket, _ Hold) any { return x.rt.Drop(i) }, ErrStale, ErrForeign},
	{"implicit OnSignal", func(x *fixture, i Issuer, _ Ticket, _ Hold) any {
		_, err := x.rt.OnSignal(i.Fence(), x.note, 1)
		return err
	}, ErrSignaled, ErrForeign},
	{"implicit OnSignalMany", func(x *fixture, i Issuer, _ Ticket, _ Hold) any {
		return x.rt.OnSignalMany(i.Fence(), x.note, []uint64{1, 2})
	}, ErrSignaled, ErrForeign},
	{"implicit Cancel", func(x *fixture, _ Issuer, t Ticket, _ Hold) any { return x.rt.Cancel(t) }, false, false},
	{"implicit Hold", func(x *fixture, i Issuer, _ Ticket, _ Hold) any { _, err := x.rt.Hold(i.Fence()); return err }, ErrStale, ErrForeign},
	{"implicit Release", func(x *fixture, _ Issuer, _ Ticket, h Hold) any { return x.rt.Release(h) }, ErrNotHeld, ErrForeign},
}

// reads are the calls of a Fence itself, which need no runtime to be named.
var reads = []struct {
	name  string
	call  func(f Fence) any
	stale any
}{
	{"Signaled", func(f Fence) any { return f.Signaled() }, true},
	{"CallbacksDone", func(f Fence) any { return f.CallbacksDone() }, true},
	{"Err", func(f Fence) any { return f.Err() }, ErrStale},
	{"Seqno", func(f Fence) any { _, err := f.Seqno(); return err }, ErrStale},
	{"Context", func(f Fence) any { _, err := f.Context(); return err }, ErrStale},
	{"Wait", func(f Fence) any { return f.Wait(context.Background()) }, ErrStale},
	{"WaitWith", func(f Fence) any { return f.WaitWith(context.Background(), Park) }, ErrStale},
}

// TestStaleHandles uses every handle of a life that is over while the slot lives on, in every state that the
// next life can be in. None of them changes it.
func TestStaleHandles(t *testing.T) {
	x := newFixture(t, Config{Fences: 1, Callbacks: 1, Errors: 2})
	old := x.arm()
	ticket := x.add(old.Fence(), 1)
	h := must(x.l.Hold(old.Fence()))
	x.want("Finish", x.l.Finish(old, nil), nil)
	x.want("Release", x.l.Release(h), nil)
	x.wantRan(1)
	try := func(state string) {
		t.Helper()
		for _, e := range entries {
			if got := e.call(x, old, ticket, h); got != e.stale {
				t.Errorf("%s: %s of a stale handle: %v, want %v", state, e.name, got, e.stale)
			}
		}
		for _, r := range reads {
			if got := r.call(old.Fence()); got != r.stale {
				t.Errorf("%s: %s of a stale handle: %v, want %v", state, r.name, got, r.stale)
			}
		}
		if f := x.rt.Fence(old.Fence().Ref()); f != old.Fence() || f.Err() != ErrStale {
			t.Errorf("%s: by its Ref: %v", state, f.Err())
		}
	}
	word := old.Fence().word
	try("free")
	r := must(x.l.Reserve())
	before := word.Load()
	try("reserved")
	if word.Load() != before {
		t.Error("a reserved slot's word was changed")
	}
	i := x.l.Arm(r, x.c)
	try("armed")
	if i.Fence().Signaled() || word.Load() != i.Fence().life() {
		t.Error("an armed fence was changed")
	}
	x.add(i.Fence(), 2)
	before = word.Load()
	try("with a callback")
	if word.Load() != before {
		t.Error("a fence with a callback was changed")
	}
	inside := must(x.l.Hold(i.Fence()))
	try("held")
	x.want("Signal", x.l.Signal(i, nil), nil)
	x.wantRan(1, 2)
	try("signaled")
	x.want("Err", i.Fence().Err(), nil)
	x.want("Drop", x.l.Drop(i), nil)
	try("dropped, held")
	x.want("Release", x.l.Release(inside), nil)
	try("free again")
}

func TestForeignHandles(t *testing.T) {
	x, y := newFixture(t, small), newFixture(t, small)
	i := y.arm()
	ticket := y.add(i.Fence(), 1)
	h := must(y.l.Hold(i.Fence()))
	before := i.Fence().word.Load()
	for _, e := range entries {
		if got := e.call(x, i, ticket, h); got != e.foreign {
			t.Errorf("%s of a foreign handle: %v, want %v", e.name, got, e.foreign)
		}
	}
	if i.Fence().word.Load() != before {
		t.Error("a foreign handle changed its fence")
	}
	mine := x.arm()
	for k := range 50 {
		h := y.handler(func(*Local, uint64, error) { t.Error("a foreign handler was called") })
		if _, err := x.l.OnSignal(mine.Fence(), h, 0); err != ErrForeign {
			t.Fatalf("OnSignal with foreign handler %d: %v", k, err)
		}
		if err := x.l.OnSignalMany(mine.Fence(), h, []uint64{0}); err != ErrForeign {
			t.Fatalf("OnSignalMany with foreign handler %d: %v", k, err)
		}
	}
	x.want("Finish", x.l.Finish(mine, nil), nil)
	room := must(x.l.Reserve())
	if v, _ := panicOf(func() { x.l.Arm(room, y.c) }); v != ErrForeign {
		t.Errorf("Arm in a foreign context: %v", v)
	}
	x.idle(x.l)
	if !x.l.Unreserve(room) {
		t.Error("the reservation is lost")
	}
	r := must(y.rt.Reclaimer(func(uint64) {}))
	x.want("Retire", x.l.Retire(r, 1), ErrForeign)
	x.want("Retire", x.l.Retire(Reclaimer{}, 1), ErrForeign)
	x.want("Release", y.l.Release(h), nil)
	x.want("Finish", y.l.Finish(i, nil), nil)
	y.wantRan(1)
}

func TestZeroValues(t *testing.T) {
	x := newFixture(t, small)
	for _, e := range entries {
		want := e.stale
		if want == ErrNotHeld {
			want = ErrStale
		}
		if got := e.call(x, Issuer{}, Ticket{}, Hold{}); got != want {
			t.Errorf("%s of a zero handle: %v, want %v", e.name, got, want)
		}
	}
	for _, r := range reads {
		if got := r.call(Fence{}); got != r.stale {
			t.Errorf("%s of the zero Fence: %v, want %v", r.name, got, r.stale)
		}
	}
	if err := (Hold{}).Err(); err != ErrStale {
		t.Errorf("Hold.Err: %v", err)
	}
	if (Issuer{}).Fence() != (Fence{}) || (Hold{}).Fence() != (Fence{}) || (Fence{}).Ref() != 0 {
		t.Error("a zero value names a fence")
	}
	for _, r := range []Ref{0, Ref(1 << 28), Ref(small.Fences + 1)} {
		if x.rt.Fence(r) != (Fence{}) {
			t.Errorf("Ref %#x names a fence", r)
		}
	}
	i := x.arm()
	if _, err := x.l.OnSignal(i.Fence(), Handler{}, 1); err != ErrForeign {
		t.Errorf("the zero Handler: %v", err)
	}
	if err := x.l.OnSignalMany(i.Fence(), Handler{}, []uint64{1}); err != ErrForeign {
		t.Errorf("the zero Handler: %v", err)
	}
	if v, _ := panicOf(func() { x.l.Arm(Reservation{}, x.c) }); v != ErrForeign {
		t.Errorf("Arm of the zero Reservation: %v", v)
	}
	if x.l.Unreserve(Reservation{}) || x.rt.Unreserve(Reservation{}) {
		t.Error("the zero Reservation was returned")
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.idle(x.l)
}

func TestRefRoundTrip(t *testing.T) {
	x := newFixture(t, small)
	refs := map[Ref]Fence{}
	var issuers []Issuer
	for range 10 {
		i := x.arm()
		issuers = append(issuers, i)
		refs[i.Fence().Ref()] = i.Fence()
	}
	if len(refs) != len(issuers) {
		t.Errorf("%d refs of %d fences", len(refs), len(issuers))
	}
	for r, f := range refs {
		if x.rt.Fence(r) != f || f.Ref() != r {
			t.Errorf("%#x doesn't come back", r)
		}
	}
	for _, i := range issuers {
		x.want("Finish", x.l.Finish(i, nil), nil)
	}
}

func TestFencesAreMapKeys(t *testing.T) {
	x := newFixture(t, Config{Fences: 2})
	seen := map[Fence]int{}
	for k := range 100 {
		i := x.arm()
		if _, ok := seen[i.Fence()]; ok {
			t.Fatalf("life %d equals an earlier one", k)
		}
		seen[i.Fence()] = k
		if again := (Issuer{fence: i.Fence()}).Fence(); seen[again] != k {
			t.Error("a copy isn't equal")
		}
		x.want("Finish", x.l.Finish(i, nil), nil)
	}
}

// TestForeignReservation: another runtime's reservation is refused, and takes nothing.
func TestForeignReservation(t *testing.T) {
	x, y := newFixture(t, Config{Fences: 4}), newFixture(t, Config{Fences: 4})
	own, err := x.l.Reserve()
	x.want("Reserve", err, nil)
	r, err := y.l.Reserve() // the same slot and life, of the other runtime
	x.want("Reserve", err, nil)
	if own.ref != r.ref {
		t.Fatalf("%x and %x: the test needs them to look alike", uint64(own.ref), uint64(r.ref))
	}
	if v, _ := panicOf(func() { x.l.Arm(r, x.c) }); v != ErrForeign {
		t.Errorf("Arm panics with %v", v)
	}
	if x.l.Unreserve(r) {
		t.Error("taken back by another runtime")
	}
	x.want("Finish", x.l.Finish(x.l.Arm(own, x.c), nil), nil)
	if !y.l.Unreserve(r) {
		t.Error("not taken back by its own")
	}
}
