package fencert

import (
	"errors"
	"github.com/fencert/fencert/internal/pad"
	"testing"
	"unsafe"
)

type job struct {
	id    uint64
	bytes []byte
}

// A tabled is a fixture whose context has a table that notes what it drops.
type tabled struct {
	*fixture
	table   *Table[job]
	dropped []uint64
}

func newTabled(t *testing.T, config Config, options ...ContextOption) *tabled {
	t.Helper()
	x := &tabled{fixture: newFixture(t, config)}
	x.table = NewTable(x.rt, func(j *job) { x.dropped = append(x.dropped, j.id) })
	x.c = must(x.rt.NewFenceContext("driver", "data", append(options, UserData(x.table))...))
	return x
}

// with arms a fence with this data.
func (x *tabled) with(id uint64) Issuer {
	i := x.arm()
	*x.table.At(i) = job{id, make([]byte, 8)}
	return i
}

// collect does what it takes for a grace period without readers.
func (x *tabled) collect() {
	for range graceTries {
		x.rt.Collect()
	}
}

func (x *tabled) wantDropped(want ...uint64) {
	x.Helper()
	if len(x.dropped) != len(want) {
		x.Fatalf("dropped %v, want %v", x.dropped, want)
	}
	for k := range want {
		if x.dropped[k] != want[k] {
			x.Fatalf("dropped %v, want %v", x.dropped, want)
		}
	}
}

func TestUserDataIsDroppedAfterTheFence(t *testing.T) {
	for name, end := range map[string]func(x *tabled, i Issuer){
		"finish": func(x *tabled, i Issuer) { x.want("Finish", x.l.Finish(i, nil), nil) },
		"signal, drop": func(x *tabled, i Issuer) {
			x.want("Signal", x.l.Signal(i, errors.New("table")), nil)
			x.want("Drop", x.l.Drop(i), nil)
		},
		"drop": func(x *tabled, i Issuer) { x.want("Drop", x.l.Drop(i), nil) },
		"hold": func(x *tabled, i Issuer) {
			h := must(x.l.Hold(i.Fence()))
			x.want("Finish", x.l.Finish(i, nil), nil)
			x.collect()
			x.wantDropped()
			x.want("Release", x.l.Release(h), nil)
		},
		"callback": func(x *tabled, i Issuer) {
			f := i.Fence()
			read := x.handler(func(l *Local, _ uint64, _ error) {
				x.want("Pin", l.Pin(), nil)
				if j, ok := x.table.Get(l, f); !ok || j.id != 7 {
					x.Errorf("a callback finds %v, %v", j, ok)
				}
				l.Unpin()
			})
			_ = must(x.l.OnSignal(f, read, 0))
			x.want("Finish", x.l.Finish(i, nil), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := newTabled(t, small)
			i := x.with(7)
			x.collect()
			x.wantDropped()
			end(x, i)
			x.wantDropped() // never in what ends a life
			if x.table.At(i) != nil {
				t.Error("a stale issuer finds an entry")
			}
			x.collect()
			x.wantDropped(7)
			for n := range x.table.entries {
				if e := &x.table.entries[n]; e.life.Load() != 0 || e.value.id != 0 || e.value.bytes != nil {
					t.Errorf("entry %d is left with %+v", n, e.value)
				}
			}
		})
	}
}

func TestReserveTakesRetiredSlots(t *testing.T) {
	x := newTabled(t, Config{Fences: 4, Readers: 2})
	for k := range uint64(100) {
		x.want("Finish", x.l.Finish(x.with(k), nil), nil)
	}
	if n := len(x.dropped); n < 96 {
		t.Errorf("%d of 100 were dropped", n)
	}
	var pending []Issuer
	for range 4 { // all of them, though none has been given back
		pending = append(pending, x.with(1))
	}
	if _, err := x.l.Reserve(); err != ErrExhausted {
		t.Errorf("Reserve: %v", err)
	}
	for _, i := range pending {
		x.want("Finish", x.l.Finish(i, nil), nil)
	}
}

func TestReserveTakesRetiredSlotsInTime(t *testing.T) {
	x := newTabled(t, Config{Fences: 1 << 12})
	for k := range uint64(1 << 13) {
		x.want("Finish", x.l.Finish(x.with(k), nil), nil)
	}
	// A sort finds the slots of the refills before the last ones.
	if touched := x.rt.arena.Touched(); touched > 512 {
		t.Errorf("%d slots for one fence at a time", touched)
	}
}

func TestPinnedReaderKeepsTheEntry(t *testing.T) {
	x := newTabled(t, Config{Fences: 4, Readers: 4})
	i := x.with(7)
	reader := x.rt.Local()
	x.want("Pin", reader.Pin(), nil)
	j, ok := x.table.Get(reader, i.Fence())
	if !ok || j.id != 7 {
		t.Fatalf("%v, %v", j, ok)
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	for k := range uint64(50) { // life goes on in the other slots, as far as it goes
		if r, err := x.l.NewFence(x.c); err == nil {
			x.table.At(r).id = k
			x.want("Finish", x.l.Finish(r, nil), nil)
		} else {
			x.want("NewFence", err, ErrExhausted)
		}
		x.rt.Collect()
	}
	if j.id != 7 || len(j.bytes) != 8 {
		t.Errorf("a pinned reader's entry has become %+v", j)
	}
	if _, ok := x.table.Get(reader, i.Fence()); ok {
		t.Error("a recycled fence's entry is found")
	}
	if n := len(x.dropped); n != 0 {
		t.Errorf("%d were dropped under a reader who may see them", n)
	}
	reader.Unpin()
	x.want("Finish", x.l.Finish(x.with(9), nil), nil) // works again at once
	x.collect()
	if len(x.dropped) != 5 {
		t.Errorf("dropped %v", x.dropped)
	}
	reader.Close()
}

func TestGetIsForThePinned(t *testing.T) {
	x := newTabled(t, small)
	other := newTabled(t, small)
	i := x.with(1)
	for what, c := range map[string]struct {
		get  func()
		want error
	}{
		"not registered":        {func() { x.table.Get(x.rt.Local(), i.Fence()) }, ErrNotPinned},
		"another runtime's":     {func() { x.table.Get(other.l, i.Fence()) }, ErrForeign},
		"not pinned any more":   {func() { l := x.rt.Local(); _ = l.Pin(); l.Unpin(); x.table.Get(l, i.Fence()) }, ErrNotPinned},
		"pinned somewhere else": {func() { _ = other.l.Pin(); defer other.l.Unpin(); x.table.Get(other.l, i.Fence()) }, ErrForeign},
	} {
		if v, _ := panicOf(c.get); v != c.want {
			t.Errorf("%s: %v", what, v)
		}
	}
	x.want("Pin", x.l.Pin(), nil)
	plain := must(x.rt.NewFenceContext("no", "data"))
	without := must(x.l.NewFence(plain))
	foreign := other.with(2)
	for what, f := range map[string]Fence{"zero": {}, "another runtime's": foreign.Fence(), "of a context without": without.Fence()} {
		if p, ok := x.table.Get(x.l, f); p != nil || ok {
			t.Errorf("%s: %v", what, p)
		}
		if p := x.table.At(Issuer{fence: f}); p != nil {
			t.Errorf("At %s: %v", what, p)
		}
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	if p, ok := x.table.Get(x.l, i.Fence()); p != nil || ok || len(x.dropped) != 0 {
		t.Errorf("when the life has ended, before the drop: %v", p)
	}
	x.l.Unpin()
	x.want("Finish", x.l.Finish(without, nil), nil)
	x.want("Finish", other.l.Finish(foreign, nil), nil)
}

// TestTablesOfContexts: two tables, contexts with one, the other and both, and slots that go from one to the next.
func TestTablesOfContexts(t *testing.T) {
	x := newFixture(t, Config{Fences: 3})
	var dropped [2][]uint64
	var tables [2]*Table[uint64]
	for k := range tables {
		tables[k] = NewTable(x.rt, func(v *uint64) { dropped[k] = append(dropped[k], *v) })
	}
	empty := NewTable[struct{}](x.rt, nil)
	contexts := []*FenceContext{
		must(x.rt.NewFenceContext("none", "")),
		must(x.rt.NewFenceContext("first", "", UserData(tables[0]))),
		must(x.rt.NewFenceContext("second", "", UserData(tables[1], empty))),
		must(x.rt.NewFenceContext("both", "", UserData(tables[0], tables[1]), UserData(tables[0]))),
	}
	var want [2][]uint64
	for v := range uint64(64) {
		c := contexts[v%7%4]
		i := must(x.l.NewFence(c))
		for k, table := range tables {
			p := table.At(i)
			if has := c.mode.Load() != 0 && (c == contexts[3] || c == contexts[k+1]); (p != nil) != has {
				t.Fatalf("table %d of %s: %v", k, c.Driver(), p)
			}
			if p == nil {
				continue
			}
			if *p != 0 {
				t.Errorf("an entry begins as %d", *p)
			}
			*p = v
			want[k] = append(want[k], v)
		}
		if (empty.At(i) != nil) != (c == contexts[2]) {
			t.Error("the empty type's table")
		}
		x.want("Finish", x.l.Finish(i, nil), nil)
	}
	for range graceTries {
		x.rt.Collect()
	}
	for k := range want {
		counts := map[uint64]int{}
		for _, v := range dropped[k] {
			counts[v]++
		}
		for _, v := range want[k] {
			if counts[v] != 1 {
				t.Errorf("table %d: %d was dropped %d times", k, v, counts[v])
			}
		}
		if len(dropped[k]) != len(want[k]) {
			t.Errorf("table %d: %d drops of %d", k, len(dropped[k]), len(want[k]))
		}
	}
}

func TestUserDataOfAnotherRuntime(t *testing.T) {
	x, other := newTabled(t, small), newTabled(t, small)
	for _, table := range []AnyTable{other.table, nil, (*Table[int])(nil)} {
		if c, err := x.rt.NewFenceContext("a", "b", UserData(table)); c != nil || err != ErrForeign {
			t.Errorf("%v, %v", c, err)
		}
	}
}

func TestCloseDropsUserData(t *testing.T) {
	x := newTabled(t, small)
	reader := x.rt.Local()
	x.want("Finish", x.l.Finish(x.with(1), nil), nil)
	held := x.with(2)
	pending := x.with(3)
	reserved := must(x.l.Reserve())
	hold := must(x.l.Hold(held.Fence()))
	x.want("Finish", x.l.Finish(held, nil), nil)
	if err := x.rt.Close(); !errors.Is(err, ErrLeaked) {
		t.Fatalf("Close: %v", err)
	}
	x.wantDropped(1)
	if j := x.table.At(pending); j == nil || j.id != 3 {
		t.Errorf("the issuer finds %v after Close", j)
	}
	born := x.l.Arm(reserved, x.c)
	x.table.At(born).id = 4
	x.want("Drop", x.l.Drop(born), nil)
	x.want("Pin", reader.Pin(), nil)
	j, ok := x.table.Get(reader, pending.Fence())
	x.want("Drop", x.l.Drop(pending), nil)
	x.collect()
	if !ok || j.id != 3 {
		t.Errorf("a pinned reader has %v after Close", j)
	}
	reader.Unpin()
	x.want("Release", x.l.Release(hold), nil)
	x.collect()
	got := map[uint64]bool{}
	for _, id := range x.dropped {
		got[id] = true
	}
	if len(x.dropped) != 4 || len(got) != 4 {
		t.Errorf("dropped %v in the end", x.dropped)
	}
	reader.Close()
}

func TestCloseWithAPanickingDrop(t *testing.T) {
	x := newFixture(t, small)
	c := must(x.rt.NewFenceContext("a", "b", UserData(NewTable(x.rt, func(*int) { panic("drop") }))))
	x.want("Finish", x.l.Finish(must(x.l.NewFence(c)), nil), nil)
	if v, _ := panicOf(func() { _ = x.rt.Close() }); v != "drop" {
		t.Errorf("goes on as %v", v)
	}
	if len(*runtimes.Load()) > 0 {
		for _, rt := range *runtimes.Load() {
			if rt == x.rt {
				t.Error("a closed runtime is still registered")
			}
		}
	}
}

// TestUserDataGenerationsEnd: a slot that has used up its lives is retired for good, its data dropped all the same.
func TestUserDataGenerationsEnd(t *testing.T) {
	x := newTabled(t, Config{Fences: 1})
	const lastGeneration = 1<<36 - 1
	r := must(x.l.Reserve())
	x.l.Unreserve(r)
	x.l.slots.Close() // the magazine knows the generation, too
	x.rt.words[1].Store((lastGeneration - 2) << 28)
	for k := range uint64(2) {
		x.want("Finish", x.l.Finish(x.with(k), nil), nil)
	}
	_, err := x.l.Reserve()
	x.want("Reserve", err, ErrExhausted)
	x.wantDropped(0, 1)
	if x.rt.Stats().Fences.Retired != 1 {
		t.Error("not counted")
	}
}

func TestTableLayout(t *testing.T) {
	x := newFixture(t, small)
	table := NewTable[uint64](x.rt, nil)
	if n := len(table.entries); n != small.Fences+1 {
		t.Errorf("%d entries, want 1 to %d to be indices", n, small.Fences)
	}
	var u userData
	if gap := unsafe.Offsetof(u.newest) - unsafe.Offsetof(u.due); gap < pad.Size {
		t.Errorf("%d bytes between what is read and what everybody pushes to", gap)
	}
}

func TestUserDataAllocations(t *testing.T) {
	if raceEnabled || debugging {
		t.Skip("the race detector allocates")
	}
	x := newFixture(t, Config{Fences: 1024})
	drops := 0
	c := must(x.rt.NewFenceContext("a", "b", UserData(NewTable(x.rt, func(*uint64) { drops++ }))))
	var failed error
	run := func() {
		for range 100 {
			i, err := x.l.NewFence(c)
			if err == nil {
				err = x.l.Finish(i, nil)
			}
			if err != nil {
				failed = err
			}
		}
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 || failed != nil || drops == 0 {
		t.Errorf("%v allocations, %v, %d drops", n, failed, drops)
	}
}
