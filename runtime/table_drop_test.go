package fencert

import (
	"runtime"
	"testing"
)

// TestInterruptedDrops: neither a panic nor a Goexit in a drop loses a slot or another drop.
func TestInterruptedDrops(t *testing.T) {
	for _, b := range []int{panics, exits, exitsAndPanics} {
		t.Run(behaviourName(b), func(t *testing.T) {
			x := newFixture(t, Config{Fences: 8})
			dropped := 0
			misbehaves := func(v *int) {
				dropped++
				switch {
				case *v%2 == 1:
				case b == panics:
					panic(*v)
				case b == exits:
					runtime.Goexit()
				default:
					defer panic(*v)
					runtime.Goexit()
				}
			}
			c := must(x.rt.NewFenceContext("a", "b",
				UserData(NewTable(x.rt, misbehaves), NewTable(x.rt, func(*int) { dropped++ }))))
			var issuers [8]Issuer // all armed before one is finished: a Reserve may drop
			for k := range issuers {
				issuers[k] = must(x.l.NewFence(c))
			}
			for _, i := range issuers {
				x.want("Finish", x.l.Finish(i, nil), nil)
			}
			v, exited := panicOf(func() {
				for range graceTries {
					x.l.Collect()
				}
			})
			if b == panics && v != 0 || b == exits && !exited {
				t.Errorf("goes on as %v, exits %v", v, exited)
			}
			if dropped != 16 {
				t.Errorf("%d of 16 drops", dropped)
			}
			x.idle(x.l)
		})
	}
}

// TestDropPanicsGoToTheHook, through a Reserve without a Local, which goes on.
func TestDropPanicsGoToTheHook(t *testing.T) {
	var seen []any
	x := newFixture(t, Config{Fences: 2, OnPanic: func(v any) { seen = append(seen, v) }})
	c := must(x.rt.NewFenceContext("a", "b", UserData(NewTable(x.rt, func(*int) { panic("drop") }))))
	for range 6 {
		x.want("Finish", x.rt.Finish(must(x.rt.NewFence(c)), nil), nil)
	}
	if len(seen) == 0 || seen[0] != "drop" {
		t.Errorf("the hook has seen %v", seen)
	}
}

// TestAPanicInReserveLosesNothing: it comes out of a Reserve without a Local too, whose stripe is free again.
func TestAPanicInReserveLosesNothing(t *testing.T) {
	x := newFixture(t, Config{Fences: 2})
	x.rt.stripes = x.rt.stripes[:1]
	drops := 0
	c := must(x.rt.NewFenceContext("a", "b", UserData(NewTable(x.rt, func(*int) { drops++; panic(drops) }))))
	for range 2 {
		x.want("Finish", x.l.Finish(must(x.l.NewFence(c)), nil), nil)
	}
	if v, _ := panicOf(func() { _, _ = x.rt.Reserve() }); v != 1 || drops != 2 {
		t.Errorf("Reserve goes on as %v after %d drops", v, drops)
	}
	x.rt.Unreserve(must(x.rt.Reserve()))
	for k := range x.rt.stripes {
		if x.rt.stripes[k].taken.Load() != 0 {
			t.Errorf("stripe %d is still taken", k)
		}
	}
}

// TestNoDropWhereSignalingGoesOn: what is due stays so in every call that a signaling section is made of.
func TestNoDropWhereSignalingGoesOn(t *testing.T) {
	x := newTabled(t, small)
	var ready []Issuer
	for k := range uint64(40) {
		ready = append(ready, x.with(k+1))
	}
	holds := []Hold{must(x.l.Hold(ready[0].Fence())), must(x.l.Hold(ready[1].Fence()))}
	for k, i := range ready {
		if k%8 != 7 {
			x.want("Signal", x.l.Signal(i, nil), nil)
			x.want("Drop", x.l.Drop(i), nil)
		} else {
			ticket := x.add(i.Fence(), 0)
			x.l.Cancel(ticket)
			x.want("Finish", x.l.Finish(i, errno(1)), nil)
		}
		for range 2 {
			x.rt.domain.Elapsed(x.rt.domain.Stamp())
		}
	}
	for _, h := range holds {
		x.want("Release", x.l.Release(h), nil)
	}
	x.wantDropped()
	x.collect()
	if len(x.dropped) != len(ready) {
		t.Errorf("%d of %d were dropped in the end", len(x.dropped), len(ready))
	}
}

// TestDropMayUseTheLocal that reserves: signal what others wait for, and reserve. Nested drops are left for later.
func TestDropMayUseTheLocal(t *testing.T) {
	x := newFixture(t, Config{Fences: 8})
	var chain []Issuer
	depth := 0
	table := NewTable(x.rt, func(*int) {
		if x.l.state == ended { // dropped at the end, by another Local
			return
		}
		depth++
		defer func() { depth-- }()
		if depth > 1 {
			t.Error("a drop within a drop")
		}
		if v := recovered(x.l.Close); v != ErrConcurrentUse {
			t.Errorf("Close: %v", v)
		}
		if r, err := x.l.Reserve(); err == nil {
			x.l.Unreserve(r)
		}
		for _, i := range chain {
			_ = x.l.Finish(i, nil)
		}
		chain = nil
	})
	c := must(x.rt.NewFenceContext("a", "b", UserData(table)))
	chain = append(chain, x.arm())
	x.add(chain[0].Fence(), 5)
	for range 30 {
		x.want("Finish", x.l.Finish(must(x.l.NewFence(c)), nil), nil)
	}
	x.wantRan(5)
	x.idle(x.l)
}

func recovered(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// TestNoDropInACallback, though it reserves and nothing else is free.
func TestNoDropInACallback(t *testing.T) {
	x := newTabled(t, Config{Fences: 2})
	x.want("Finish", x.l.Finish(x.with(1), nil), nil)
	last := x.with(2)
	inside := x.handler(func(l *Local, _ uint64, _ error) {
		for range 4 {
			_, err := l.Reserve()
			x.want("Reserve", err, ErrExhausted)
			l.Collect()
		}
		x.wantDropped()
	})
	_ = must(x.l.OnSignal(last.Fence(), inside, 0))
	x.want("Finish", x.l.Finish(last, nil), nil)
	x.wantDropped()
	x.want("Finish", x.l.Finish(x.with(3), nil), nil)
	if len(x.dropped) == 0 {
		t.Error("nothing was dropped outside either")
	}
}
