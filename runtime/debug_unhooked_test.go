//go:build fencedebug

package fencert

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestUnhooked runs this test program again without a hook: a misuse panics, and one that the collector finds ends it.
func TestUnhooked(t *testing.T) {
	switch os.Getenv(debugUnhooked) {
	case "":
		for _, c := range []struct{ what, prints string }{
			{"panics", "PASS"},
			{"collector", "panic: fencert: misuse: a forgotten issuer: nobody can signal driver/timeline 1 any more"},
		} {
			command := exec.Command(os.Args[0], "-test.run=^TestUnhooked$", "-test.v")
			command.Env = append(os.Environ(), debugUnhooked+"="+c.what)
			out, err := command.CombinedOutput()
			if !strings.Contains(string(out), c.prints) || (err == nil) != (c.prints == "PASS") {
				t.Errorf("%s: %v\n%s", c.what, err, out)
			}
		}
	case "panics":
		panicsUnhooked(t)
	case "collector":
		rt := must(New(small))
		_ = must(rt.NewFence(must(rt.NewFenceContext("driver", "timeline"))))
		for range 5000 {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
	}
}

// panicsUnhooked checks that each panic comes before anything has changed, and is the errors that it stands for.
func panicsUnhooked(t *testing.T) {
	x := newFixture(t, small)
	panics := func(what string, is error, f func()) {
		v, _ := panicOf(f)
		e, ok := v.(*MisuseError)
		if !ok || !errors.Is(e, ErrMisuse) || is != nil && !errors.Is(e, is) || errors.Is(e, ErrClosed) {
			t.Errorf("%s: panics with %v", what, v)
		}
	}
	i := x.arm()
	h, again := must(x.l.Hold(i.Fence())), must(x.l.Hold(i.Fence()))
	dead := x.rt.Local()
	panics("Close in a section", nil, func() {
		dead.BeginSignaling()
		defer dead.EndSignaling()
		dead.Close()
	})
	dead.Close()
	panics("use after Close", ErrConcurrentUse, func() { _ = dead.Finish(i, nil) })
	panics("Wait", nil, func() {
		x.l.BeginSignaling()
		defer x.l.EndSignaling()
		_ = i.Fence().Wait(context.Background())
	})
	x.want("Err", i.Fence().Err(), ErrPending)
	x.want("Finish", x.l.Finish(i, nil), nil)
	panics("Finish", ErrSignaled, func() { _ = x.l.Finish(i, nil) })
	x.want("Release", x.l.Release(h), nil)
	panics("Release", ErrNotHeld, func() { _ = x.l.Release(h) })
	x.want("Err of another hold", again.Err(), nil)
	x.want("Release of another hold", x.l.Release(again), nil)
	other := newFixture(t, small)
	i = other.arm()
	ticket := other.add(i.Fence(), 1)
	panics("Cancel", ErrForeign, func() { x.l.Cancel(ticket) })
	other.want("Finish", other.l.Finish(i, nil), nil)
	other.wantRan(1)
}
