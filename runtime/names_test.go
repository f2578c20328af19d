package fencert

import (
	"slices"
	"sync"
	"testing"
)

func TestNames(t *testing.T) {
	x := newFixture(t, Config{Fences: 1})
	other := must(x.rt.NewFenceContext("another driver", "another timeline"))
	names := func(f Fence, driver, timeline string, want error) {
		t.Helper()
		if d, l, err := f.Names(); d != driver || l != timeline || err != want {
			t.Errorf("%q, %q, %v", d, l, err)
		}
	}
	i := x.arm()
	names(i.Fence(), "driver", "timeline", nil)
	h := must(x.l.Hold(i.Fence()))
	x.want("Finish", x.l.Finish(i, nil), nil)
	names(i.Fence(), "driver", "timeline", nil)
	x.want("Release", x.l.Release(h), nil)
	names(i.Fence(), "", "", ErrStale)
	next := must(x.l.NewFence(other))
	names(i.Fence(), "", "", ErrStale)
	names(next.Fence(), "another driver", "another timeline", nil)
	names(Fence{}, "", "", ErrStale)
	names(Stub(), "fencert", "stub", nil)
	c := must(next.Fence().Context())
	x.want("Finish", x.l.Finish(next, nil), nil)
	x.want("Close", x.rt.Close(), nil)
	names(next.Fence(), "", "", ErrStale)
	if c.Driver() != "another driver" || c.Timeline() != "another timeline" || c.ID() != other.ID() {
		t.Error("a context has lost its names with its runtime")
	}
}

// TestNamesWhenTheContextIsGone: no life of the context is left, and it is out of the registry.
func TestNamesWhenTheContextIsGone(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	x.want("Finish", x.l.Finish(i, nil), nil)
	x.rt.contexts.Delete(x.c.ID())
	if _, _, err := i.Fence().Names(); err != ErrStale {
		t.Errorf("Names: %v", err)
	}
	if _, err := x.rt.Context(x.c.ID()); err != ErrNotFound {
		t.Errorf("Context: %v", err)
	}
	x.rt.contexts.Store(x.c.ID(), x.c)
}

func TestContexts(t *testing.T) {
	x := newFixture(t, small)
	all := []*FenceContext{x.c}
	for range 50 {
		all = append(all, must(x.rt.NewFenceContext("twin", "line")))
	}
	all = append(all, must(x.rt.NewFenceContext("twin", "other")))
	if got := slices.Collect(x.rt.Contexts()); !slices.Equal(got, all) {
		t.Errorf("%d contexts, or not in the order of their ids", len(got))
	}
	for c := range x.rt.Contexts() {
		if c != x.c {
			t.Errorf("the first one is %d", c.ID())
		}
		break
	}
	for _, c := range all {
		if got, err := x.rt.Context(c.ID()); got != c || err != nil {
			t.Errorf("Context(%d): %v", c.ID(), err)
		}
	}
	for _, f := range []struct {
		driver, timeline string
		want             *FenceContext
		err              error
	}{
		{"driver", "timeline", x.c, nil}, {"twin", "line", all[1], nil}, {"twin", "other", all[51], nil},
		{"timeline", "driver", nil, ErrNotFound}, {"", "", nil, ErrNotFound},
	} {
		if got, err := x.rt.FindContext(f.driver, f.timeline); got != f.want || err != f.err {
			t.Errorf("FindContext(%q, %q): %v", f.driver, f.timeline, err)
		}
	}
	if _, err := x.rt.Context(1 << 40); err != ErrNotFound {
		t.Errorf("Context: %v", err)
	}
}

// TestNamesRace reads names of fences that are recycled into another context all the time.
func TestNamesRace(t *testing.T) {
	x := newFixture(t, Config{Fences: 2})
	lines := [2]*FenceContext{}
	for k, name := range []string{"even", "odd"} {
		lines[k] = must(x.rt.NewFenceContext(name, name, SingleIssuer()))
	}
	type named struct {
		f    Fence
		name string
	}
	shared := make(chan named, 1)
	var wg sync.WaitGroup
	known := 0
	wg.Go(func() {
		for n := range shared {
			switch d, l, err := n.f.Names(); {
			case err == nil && (d != n.name || l != n.name):
				t.Errorf("%q, %q of a fence in %q", d, l, n.name)
			case err == nil:
				known++
			case err != ErrStale:
				t.Errorf("Names: %v", err)
			}
		}
	})
	for k := range scaled(200_000) {
		i := must(x.l.NewFence(lines[k%2]))
		select {
		case shared <- named{i.Fence(), lines[k%2].driver}:
		default:
		}
		x.want("Finish", x.l.Finish(i, nil), nil)
	}
	last := must(x.l.NewFence(lines[0]))
	shared <- named{last.Fence(), "even"}
	close(shared)
	wg.Wait()
	x.want("Finish", x.l.Finish(last, nil), nil)
	if known == 0 {
		t.Error("no name was ever known")
	}
}
