//go:build fencedebug

package fencert

import (
	"runtime"
	"testing"
	"time"
)

func releasesHere(l *Local, h Hold)             { _ = l.Release(h) }
func holdsHere(l *Local, f Fence) Hold          { return must(l.Hold(f)) }
func signalsHere(l *Local, i Issuer)            { _ = l.Signal(i, nil) }
func dropsHere(l *Local, i Issuer)              { _ = l.Drop(i) }
func armsHere(l *Local, c *FenceContext) Issuer { return must(l.NewFence(c)) }

// TestMisuseReleasedTwice: also where the second release would be taken for the other holder's.
func TestMisuseReleasedTwice(t *testing.T) {
	x := newMisuseFixture(t)
	i := x.arm()
	a, b := holdsHere(x.l, i.Fence()), must(x.rt.Hold(i.Fence()))
	releasesHere(x.l, a)
	x.wantNothing("the first release")
	releasesAgainHere(x.rt, a)
	x.wantMisuse(MisuseReleasedTwice, "", "releasesAgainHere", "releasesHere", "holdsHere")
	x.want("b's release, taken by a", x.l.Release(b), ErrNotHeld)
	x.wantNothing("b's release")
	x.want("Finish", x.l.Finish(i, nil), nil)
}

func releasesAgainHere(rt *Runtime, h Hold) { _ = rt.Release(h) }

func TestMisuseSignaledTwice(t *testing.T) {
	for _, c := range []struct {
		name, text    string
		first, second func(*Local, Issuer)
		where         [2]string
	}{
		{"Signal, Signal", "Signal of driver/timeline 1 after its Signal", signalsHere, signalsHere, [2]string{"signalsHere", "signalsHere"}},
		{"Signal, Finish", "Finish of driver/timeline 1 after its Signal", signalsHere, finishesHere, [2]string{"finishesHere", "signalsHere"}},
		{"Finish, Signal", "Signal of driver/timeline 1 after its Finish", finishesHere, signalsHere, [2]string{"signalsHere", "finishesHere"}},
		{"Finish, Finish", "Finish of driver/timeline 1 after its Finish", finishesHere, finishesHere, [2]string{"finishesHere", "finishesHere"}},
		{"Drop, Finish", "Finish of driver/timeline 1 after its Drop", dropsHere, finishesHere, [2]string{"finishesHere", "dropsHere"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newMisuseFixture(t)
			i := x.arm()
			c.first(x.l, i)
			x.wantNothing("the first")
			x.want("the next life", x.l.Finish(x.arm(), nil), nil)
			c.second(x.l, x.rt.Issuer(i.Ref()))
			x.wantMisuse(MisuseSignaledTwice, c.text, c.where[0], c.where[1])
			x.want("Drop", x.l.Drop(i), map[bool]error{true: nil, false: ErrStale}[c.name == "Signal, Signal" || c.name == "Signal, Finish"])
			x.wantNothing("Drop")
		})
	}
}

// TestSignaledByClose: an issuer who comes after Close did nothing wrong.
func TestSignaledByClose(t *testing.T) {
	x := newMisuseFixture(t)
	i, other, room := x.arm(), x.arm(), must(x.l.Reserve())
	_ = x.rt.Close()
	x.want("Signal", x.l.Signal(i, nil), ErrSignaled)
	x.want("Drop", x.l.Drop(i), nil)
	x.want("Finish", x.l.Finish(x.l.Arm(room, x.c), nil), ErrSignaled)
	other.debug.token.forgotten()
	x.wantNothing("Close")
}

// collected calls the collector until ok, and fails when it never is.
func (x *misuseFixture) collected(what string, ok func() bool) {
	x.Helper()
	eventually(x.T, what, func() bool { runtime.GC(); return ok() })
}

func (x *misuseFixture) reported() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.reports)
}

func TestMisuseForgottenIssuer(t *testing.T) {
	x := newMisuseFixture(t)
	f := armsHere(x.l, x.c).Fence()
	time.Sleep(2 * time.Millisecond)
	x.collected("the report", func() bool { return x.reported() > 0 })
	if m := x.reports[0]; len(m.Text) < len("nobody can signal driver/timeline 1 any more, pending since 2ms") {
		t.Errorf("no age: %s", m.Text)
	}
	x.wantMisuse(MisuseForgottenIssuer, "driver/timeline 1 any more, pending since", "armsHere")
	x.want("Finish", x.l.Finish(Issuer{fence: f}, nil), nil)
}

// TestIssuersNotForgotten: signaled, kept as a number, or still there, the last in a copy only.
func TestIssuersNotForgotten(t *testing.T) {
	x := newMisuseFixture(t)
	finishesHere(x.l, armsHere(x.l, x.c))
	signaled := armsHere(x.l, x.c).Fence()
	x.take()
	ref := armsHere(x.l, x.c).Ref()
	kept := []Issuer{armsHere(x.l, x.c)}
	func() { // a witness that the collector came by
		_ = armsHere(x.l, x.c)
	}()
	x.collected("the witness", func() bool { return x.reported() >= 2 })
	for range 3 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if n := x.reported(); n != 2 { // signaled's issuer and the witness
		t.Errorf("%d reports", n)
	}
	x.take()
	if again := x.rt.Issuer(ref); x.rt.Issuer(again.Ref()) != again || again.debug.token == nil {
		t.Error("an IssuerRef isn't turned back")
	}
	x.want("Finish", x.l.Finish(x.rt.Issuer(ref), nil), nil)
	x.want("Finish", x.l.Finish(kept[0], nil), nil)
	x.want("Finish", x.l.Finish(Issuer{fence: signaled}, nil), nil)
	x.want("Finish", x.l.Finish(x.rt.Issuer(IssuerRef(x.lastPending())), nil), nil)
}

// lastPending finds the one fence that is still pending.
func (x *misuseFixture) lastPending() Ref {
	p := x.rt.pending(uint32(len(x.rt.words) - 1))
	if len(p) != 1 {
		x.Fatalf("%d are pending", len(p))
	}
	return p[0].fence.Ref()
}

// TestForgottenWhileSignaled: the last copy of an issuer may go while its signal is under way.
func TestForgottenWhileSignaled(t *testing.T) {
	x := newMisuseFixture(t)
	i := x.arm()
	token := i.debug.token
	token.claim(debugHere(), "Finish")
	token.forgotten()
	x.wantNothing("a signal under way")
	i.debug.token = nil
	x.want("Finish", x.l.Finish(i, nil), nil)
}

// TestRuntimeIsCollected: what the checks keep of a runtime goes with it.
func TestRuntimeIsCollected(t *testing.T) {
	gone := make(chan struct{})
	func() {
		rt := must(New(small))
		runtime.AddCleanup(rt, func(struct{}) { close(gone) }, struct{}{})
		i := must(rt.NewFence(must(rt.NewFenceContext("driver", "timeline"))))
		if i.Ref() == 0 || rt.debug.kept == nil || rt.Finish(i, nil) != nil || rt.Close() != nil {
			t.Error("no fence kept as a number")
		}
	}()
	eventually(t, "the runtime is collected", func() bool {
		runtime.GC()
		select {
		case <-gone:
			return true
		default:
			return false
		}
	})
}

func TestMisuseForgottenHold(t *testing.T) {
	x := newMisuseFixture(t)
	i := x.arm()
	releasesHere(x.l, holdsHere(x.l, i.Fence()))
	kept := holdsHere(x.l, i.Fence())
	_ = holdsHere(x.l, i.Fence())
	x.collected("the report", func() bool { return x.reported() > 0 })
	x.wantMisuse(MisuseForgottenHold, "", "holdsHere")
	releasesHere(x.l, kept)
	releasesHere(x.l, Hold{fence: i.Fence(), runtime: x.rt})
	x.want("Finish", x.l.Finish(i, nil), nil)
}

func TestMisuseForgottenLocal(t *testing.T) {
	x := newMisuseFixture(t)
	makesHere(x.rt).Close()
	_ = makesHere(x.rt)
	x.collected("the report", func() bool { return x.reported() > 0 })
	x.wantMisuse(MisuseForgottenLocal, "", "makesHere")
}

func makesHere(rt *Runtime) *Local { return rt.Local() }

// TestDebugEmptyPlace: what a SharedFence gives for nothing is no hold, and the collector reports none.
func TestDebugEmptyPlace(t *testing.T) {
	x := newFixture(t, small)
	for range 10 {
		if _, err := new(SharedFence).Swap(x.l, Fence{}); err != nil {
			t.Error(err)
		}
		if _, err := new(SharedFence).Swap(nil, Stub()); err != nil {
			t.Error(err)
		}
	}
	runtime.GC()
	time.Sleep(time.Millisecond)
	runtime.GC()
}
