package fencert

import (
	"context"
	"testing"
	"time"
	"unsafe"

	"github.com/fencert/fencert/internal/pad"
)

// TestStub uses the stub at every entry point, of several runtimes, also of a closed one: none of them changes it.
func TestStub(t *testing.T) {
	x, y, closed := newFixture(t, small), newFixture(t, small), newFixture(t, small)
	closed.want("Close", closed.rt.Close(), nil)
	f := Stub()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	past, end := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer end()
	for _, x := range []*fixture{x, y, closed} {
		for _, ctx := range []context.Context{context.Background(), ended, past} {
			x.want("Wait", f.Wait(ctx), nil)
			x.want("WaitWith", f.WaitWith(ctx, Spin), nil)
		}
		if !f.Signaled() || !f.CallbacksDone() || f.Err() != nil {
			t.Error("not signaled with nil")
		}
		h, err := x.l.Hold(f)
		x.want("Hold", err, nil)
		again, err := x.rt.Hold(f)
		x.want("implicit Hold", err, nil)
		if h.Err() != nil || h.Fence() != f || again != h {
			t.Errorf("the hold is of %v with %v", h.Fence(), h.Err())
		}
		for _, e := range entries {
			want := e.stale
			switch {
			case want == ErrNotHeld:
				want = error(nil)
			case e.name == "Hold" || e.name == "implicit Hold":
				want = error(nil)
			case want == ErrStale: // of an Issuer that somebody has made from its Ref
				want = ErrSignaled
			}
			if got := e.call(x, x.rt.Issuer(IssuerRef(f.Ref())), Ticket{fence: f}, h); got != want {
				t.Errorf("%s: %v, want %v", e.name, got, want)
			}
		}
		if x.rt.Fence(f.Ref()) != f {
			t.Error("its Ref isn't turned back")
		}
	}
	c, err := f.Context()
	seqno, noError := f.Seqno()
	if c != &stub.context || c.ID() != 0 || c.LastSeqno() != 0 || seqno != 0 || err != nil || noError != nil {
		t.Errorf("context %v, %v; seqno %d, %v", c, err, seqno, noError)
	}
	if c, err := x.rt.Context(0); c != &stub.context || err != nil {
		t.Errorf("Context(0): %v", err)
	}
	if v, _ := panicOf(func() { _, _ = x.l.NewFence(c) }); v != ErrForeign {
		t.Errorf("NewFence in the stub's context: %v", v)
	}
	room := must(x.l.Reserve())
	if v, _ := panicOf(func() { x.l.Arm(room, c) }); v != ErrForeign {
		t.Errorf("Arm in the stub's context: %v", v)
	}
	x.l.Unreserve(room)
	if stub.wheel.Word().Load() != 0 {
		t.Errorf("its word is %x", stub.wheel.Word().Load())
	}
}

func TestStubIsComparable(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	seen := map[Fence]string{Stub(): "stub", i.Fence(): "other", {}: "none"}
	if len(seen) != 3 || seen[Stub()] != "stub" {
		t.Errorf("%v", seen)
	}
	if r := Stub().Ref(); r == 0 || r.Index() != 0 || r == i.Fence().Ref() || x.rt.Fence(r^1<<40) != (Fence{}) {
		t.Errorf("its Ref is %#x", uint64(r))
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
}

// TestStubStandsApart: it is read by all, so nobody may write beside it.
func TestStubStandsApart(t *testing.T) {
	if at := unsafe.Offsetof(apart.stub); at < pad.Size {
		t.Errorf("at %d of %d bytes", at, unsafe.Sizeof(apart))
	}
	if at := unsafe.Offsetof(stub.context) + unsafe.Sizeof(stub.context); unsafe.Sizeof(*stub)-at < pad.Size {
		t.Errorf("a timeline ends %d bytes behind its last field", unsafe.Sizeof(*stub)-at)
	}
}
