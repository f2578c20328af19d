//go:build fencedebug

package fencert

import (
	"context"
	"testing"
)

func callsHere(x *misuseFixture, call func(*misuseFixture)) { call(x) }
func beginsHere(l *Local)                                   { l.BeginSignaling() }
func endsHere(l *Local)                                     { l.EndSignaling() }
func waitsHere(f Fence)                                     { _ = f.Wait(context.Background()) }
func waitsWithHere(f Fence)                                 { _ = f.WaitWith(context.Background(), Spin) }
func finishesHere(x *Local, i Issuer)                       { _ = x.Finish(i, nil) }

func TestMisuseWaitInASection(t *testing.T) {
	x := newMisuseFixture(t)
	i, other := x.arm(), x.rt.Local()
	f := i.Fence()
	x.want("Finish", x.l.Finish(i, nil), nil)
	waitsHere(f)
	x.wantNothing("a wait outside")
	beginsHere(x.l)
	waitsHere(f)
	x.wantMisuse(MisuseWait, "Fence.Wait in a signaling section", "waitsHere", "beginsHere")
	waitsWithHere(f)
	x.wantMisuse(MisuseWait, "Fence.WaitWith", "waitsWithHere", "beginsHere")
	elsewhere(func() { waitsHere(f) })
	x.wantNothing("a wait on another goroutine")
	x.l.BeginSignaling()
	endsHere(x.l)
	waitsHere(f)
	x.wantMisuse(MisuseWait, "Fence.Wait", "waitsHere", "beginsHere")
	other.BeginSignaling()
	endsHere(x.l)
	waitsHere(f)
	x.wantMisuse(MisuseWait, "Fence.Wait", "waitsHere", "TestMisuseWaitInASection")
	other.EndSignaling()
	other.Close()
	waitsHere(f)
	x.wantNothing("a wait after the sections")
}

func TestMisuseWaitInACallback(t *testing.T) {
	x := newMisuseFixture(t)
	i, done := x.arm(), x.arm()
	f := done.Fence()
	x.want("Finish", x.l.Finish(done, nil), nil)
	waits := x.handler(func(*Local, uint64, error) { waitsHere(f) })
	_ = must(x.l.OnSignal(i.Fence(), waits, 0))
	finishesHere(x.l, i)
	x.wantMisuse(MisuseWait, "in the callbacks of driver/timeline 1", "waitsHere", "finishesHere")
	waitsHere(f)
	x.wantNothing("a wait after the callbacks")
}

// TestMisuseAfterAPanic: a callback that exits takes its sections with it.
func TestMisuseAfterAPanic(t *testing.T) {
	x := newMisuseFixture(t)
	i := x.arm()
	panics := x.handler(func(l *Local, _ uint64, _ error) { l.BeginSignaling(); panic("exits") })
	_ = must(x.l.OnSignal(i.Fence(), panics, 0))
	_ = must(x.l.OnSignal(i.Fence(), x.note, 2))
	if v, _ := panicOf(func() { finishesHere(x.l, i) }); v != "exits" {
		t.Errorf("panics with %v", v)
	}
	waitsHere(i.Fence())
	x.wantNothing("a wait after the callbacks")
	x.wantRan(2)
	endsHere(x.l)
	x.wantMisuse(MisuseSection, "outside the callback", "endsHere")
}

func TestMisuseInAHook(t *testing.T) {
	x := newMisuseFixture(t)
	hook := func(f func()) {
		debugHookBegin(x.rt, "enable")
		defer debugHookEnd()
		f()
	}
	hook(func() { waitsHere(Fence{}) })
	x.wantMisuse(MisuseWait, "in the hook enable", "waitsHere", "TestMisuseInAHook.func1")
	hook(func() { x.handler(func(*Local, uint64, error) {}) })
	x.wantMisuse(MisuseCall, "Runtime.Handler in the hook enable", "handler", "TestMisuseInAHook.func1")
	waitsHere(Fence{})
	x.wantNothing("a wait after the hook")
}

// TestMisuseCalls: what must not be called in a section, and may be elsewhere, callbacks included.
func TestMisuseCalls(t *testing.T) {
	for _, c := range []struct {
		name string
		call func(x *misuseFixture)
	}{
		{"Runtime.Local", func(x *misuseFixture) { x.rt.Local().Close() }},
		{"Runtime.NewFenceContext", func(x *misuseFixture) { _ = must(x.rt.NewFenceContext("a", "b")) }},
		{"Runtime.Handler", func(x *misuseFixture) { x.handler(func(*Local, uint64, error) {}) }},
		{"Runtime.Reclaimer", func(x *misuseFixture) { _ = must(x.rt.Reclaimer(func(uint64) {})) }},
		{"Local.Collect", func(x *misuseFixture) { x.l.Collect() }},
		{"the first Pin", func(x *misuseFixture) { _ = x.l.Pin(); x.l.Unpin() }},
		{"a call that borrows a Local when all are lent", func(x *misuseFixture) {
			for range x.rt.stripes {
				l, s := x.rt.borrow()
				defer x.rt.giveBack(l, s)
			}
			x.rt.Cancel(Ticket{})
		}},
		{"Runtime.Close", func(x *misuseFixture) { _ = x.rt.Close() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newMisuseFixture(t)
			beginsHere(x.l)
			callsHere(x, c.call)
			x.wantMisuse(MisuseCall, c.name+" ", "callsHere", "beginsHere")
			c.call(x)
			if c.name == "the first Pin" {
				x.wantNothing("another Pin")
			}
			x.take()
			x.l.EndSignaling()
			c.call(x)
			x.wantNothing("a call outside")
		})
		t.Run(c.name+"/callback", func(t *testing.T) {
			x := newMisuseFixture(t)
			i := x.arm()
			calls := x.handler(func(*Local, uint64, error) { c.call(x) })
			_ = must(x.l.OnSignal(i.Fence(), calls, 0))
			finishesHere(x.l, i)
			if c.name == "Runtime.Close" {
				x.wantMisuse(MisuseCall, "Runtime.Close in the callbacks of driver/timeline 1", "finishesHere", "finishesHere")
			}
			x.wantNothing("a call in a callback")
		})
	}
}

func TestMisuseOfSections(t *testing.T) {
	x := newMisuseFixture(t)
	endsHere(x.l)
	x.wantMisuse(MisuseSection, "without BeginSignaling", "endsHere")
	beginsHere(x.l)
	elsewhere(func() { endsHere(x.l) })
	x.wantMisuse(MisuseSection, "another goroutine", "endsHere", "beginsHere")
	other := x.rt.Local()
	x.take()
	endsHere(other)
	x.wantMisuse(MisuseSection, "without BeginSignaling", "endsHere")
	x.l.EndSignaling()
	beginsHere(other)
	closesHere(other)
	x.wantMisuse(MisuseSection, "Close of a Local in a signaling section", "closesHere", "beginsHere")
	waitsHere(Fence{})
	x.wantNothing("a wait after Close has ended the section")
}

func closesHere(l *Local) { l.Close() }
