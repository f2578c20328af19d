package fencert

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wantText compares a dump with what it is to be, line by line.
func (x *fixture) wantText(got, want string) {
	x.Helper()
	if want = strings.TrimLeft(want, "\n"); got != want {
		x.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestDump(t *testing.T) {
	x := newFixture(t, Config{Fences: 256, Callbacks: 256})
	const now = 1000 * time.Hour // on the clock of ages
	other := must(x.rt.NewFenceContext("other", "line\ntwo"))
	must(x.rt.NewFenceContext("quiet", "line"))
	x.want("Finish", x.l.Finish(x.arm(), nil), nil) // recycled: seqno 1 of the first context

	busy, plain, failed, kept, gone := x.arm(), x.arm(), x.arm(), x.arm(), x.arm()
	x.add(busy.Fence(), 1)
	canceled := x.add(busy.Fence(), 2)
	x.add(busy.Fence(), 3)
	x.l.Cancel(canceled)
	busyHold, keptHold := must(x.l.Hold(busy.Fence())), must(x.l.Hold(kept.Fence()))
	secondHold := must(x.l.Hold(kept.Fence()))
	x.want("Signal", x.l.Signal(failed, errors.New("device reset")), nil)
	x.want("Finish", x.l.Finish(kept, nil), nil)
	x.want("Finish", x.l.Finish(gone, nil), nil)
	old := x.l.Arm(must(x.l.Reserve()), other)
	must(x.l.Reserve()) // armed by nobody: not in the dump

	ctx, cancel := context.WithCancel(context.Background())
	var waits sync.WaitGroup
	for range 2 {
		waits.Go(func() { _ = busy.Fence().WaitWith(ctx, Park) })
	}
	eventually(t, "both are parked", func() bool {
		by, n := x.rt.waiters.byFence(now)
		return n == 2 && by[busy.Fence().Ref()].longest > 0 && x.rt.waiters.records[1].view.parked.Load() > 0 &&
			x.rt.waiters.records[2].view.parked.Load() > 0
	})
	x.rt.waiters.records[1].view.parked.Set(uint64(now - 1500*time.Millisecond))
	x.rt.waiters.records[2].view.parked.Set(uint64(now - 30*time.Microsecond))

	x.wantText(x.rt.snapshot(SnapshotFences, now).String(), `
fencert: 3 pending, 2 signaled and kept, 2 waiting
context 1 driver/timeline: last seqno 6, 2 pending, 2 kept
  seqno 2: pending, callbacks 2, held by 3, waiting 2 for up to 1.5s
  seqno 3: pending
  seqno 4: signaled with device reset, not dropped
  seqno 5: signaled, held by 2
context 2 other/"line\ntwo": last seqno 1, 1 pending, 0 kept
  seqno 1: pending
context 3 quiet/line: last seqno 0, 0 pending, 0 kept
`)
	x.want("Finish", x.l.Finish(plain, nil), nil)
	young := x.arm()
	x.wantText(x.rt.snapshot(2, now+2345*time.Millisecond).String(), `
fencert: 3 pending, 2 signaled and kept, 2 waiting
context 1 driver/timeline: last seqno 7, 2 pending, 2 kept
  seqno 2: pending for at least 2.345s, callbacks 2, held by 3, waiting 2 for up to 3.845s
  seqno 4: signaled with device reset, not dropped
  and 2 more
context 2 other/"line\ntwo": last seqno 1, 1 pending, 0 kept
  seqno 1: pending for at least 2.345s
context 3 quiet/line: last seqno 0, 0 pending, 0 kept
`)
	cancel()
	waits.Wait()
	for _, h := range []Hold{busyHold, keptHold, secondHold} {
		x.want("Release", x.l.Release(h), nil)
	}
	x.want("Drop", x.l.Drop(failed), nil)
	x.want("Finish", x.l.Finish(old, nil), nil)
	x.want("Finish", x.l.Finish(young, nil), nil)

	inside := ""
	_ = must(x.l.OnSignal(busy.Fence(), x.handler(func(*Local, uint64, error) { inside = x.rt.Snapshot().String() }), 0))
	x.want("Finish", x.l.Finish(busy, ErrCanceled), nil)
	x.wantText(inside, `
fencert: 0 pending, 1 signaled and kept, 0 waiting
context 1 driver/timeline: last seqno 7, 0 pending, 1 kept
  seqno 2: running its callbacks with fencert: canceled: dropped without a signal
context 2 other/"line\ntwo": last seqno 1, 0 pending, 0 kept
context 3 quiet/line: last seqno 0, 0 pending, 0 kept
`)
	_ = x.rt.Close()
	var b bytes.Buffer
	x.want("Dump", x.rt.Dump(&b), nil)
	x.wantText(b.String(), `
fencert, closed: 0 pending, 0 signaled and kept, 0 waiting
context 1 driver/timeline: last seqno 7, 0 pending, 0 kept
context 2 other/"line\ntwo": last seqno 1, 0 pending, 0 kept
context 3 quiet/line: last seqno 0, 0 pending, 0 kept
`)
}

// TestDumpOfMany: the oldest come first, whatever the order of slots, and the rest is counted.
func TestDumpOfMany(t *testing.T) {
	x := newFixture(t, Config{Fences: 1024})
	var all []Issuer
	for range 500 {
		all = append(all, x.arm())
	}
	for k := range 250 { // slots and seqnos are in different orders now
		x.want("Finish", x.l.Finish(all[2*k], nil), nil)
		all[2*k] = x.arm()
	}
	for _, limit := range []int{0, 1, 3, SnapshotFences, 400, 5000} {
		s := x.rt.SnapshotLimit(limit)
		fences := s.Contexts[0].Fences
		if s.Pending != 500 || s.Kept != 0 || len(fences) != min(limit, 500) {
			t.Errorf("%d fences of %d pending and %d kept", len(fences), s.Pending, s.Kept)
		}
		for k, f := range fences {
			want := uint64(2*k + 2) // those with even seqnos, and then all
			if k >= 250 {
				want = uint64(k + 251)
			}
			seqno, err := f.Fence.Seqno()
			if f.Seqno != want || seqno != want || err != nil {
				t.Fatalf("limit %d: fence %d is seqno %d, %d, %v, want %d", limit, k, f.Seqno, seqno, err, want)
			}
		}
		if n := len(*x.rt.seen.Load()); n != len(fences) {
			t.Errorf("%d notes about %d fences", n, len(fences))
		}
	}
	if s := x.rt.SnapshotLimit(-1); len(s.Contexts[0].Fences) != 0 {
		t.Error("a limit below 0")
	}
	for _, i := range all {
		x.want("Finish", x.l.Finish(i, nil), nil)
	}
}

type failingWriter struct{}

var errWrite = errors.New("no room")

func (failingWriter) Write([]byte) (int, error) { return 0, errWrite }

func TestDumpFails(t *testing.T) {
	x := newFixture(t, small)
	x.want("Dump", x.rt.Dump(failingWriter{}), errWrite)
	for s, want := range map[interface{ String() string }]string{
		FenceState(9): "unknown state", Resource(9): "unknown resource", ResourceErrors: "errors",
	} {
		if s.String() != want {
			t.Errorf("%s, want %s", s, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0s", 999: "999ns", 1234567: "1.235ms", 61*time.Second + 5*time.Microsecond: "1m1s", 45678: "45.678µs",
	} {
		if got := short(d); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestStressSnapshot takes snapshots while everything goes on: what they say of a fence was true.
func TestStressSnapshot(t *testing.T) {
	x := newFixture(t, Config{Fences: 256, Callbacks: 1024, Errors: 16, Waiters: 8})
	single := must(x.rt.NewFenceContext("single", "issuer", SingleIssuer()))
	kept := x.arm() // stays: in every snapshot
	keptHold := must(x.l.Hold(kept.Fence()))
	x.add(kept.Fence(), 1)
	x.add(kept.Fence(), 2)
	var (
		work, watch sync.WaitGroup
		taken       atomic.Int64
	)
	for k := range 2 {
		work.Go(func() {
			l := x.rt.Local()
			defer l.Close()
			for n := 0; n < scaled(4000) || taken.Load() == 0; n++ { // a busy machine may be late to take one
				c := x.c
				if k == 0 && n%2 == 0 {
					c = single
				}
				i := must(l.NewFence(c))
				ticket := must(l.OnSignal(i.Fence(), x.note, 0))
				h := must(l.Hold(i.Fence()))
				ctx, cancel := context.WithCancel(context.Background())
				waited := make(chan struct{})
				go func() { defer close(waited); _ = i.Fence().Wait(ctx) }()
				l.Cancel(ticket)
				if n%3 == 0 {
					cancel()
				}
				x.want("Finish", l.Finish(i, errors.New("table")), nil)
				<-waited
				cancel()
				x.want("Release", l.Release(h), nil)
			}
		})
	}
	stop := make(chan struct{})
	watch.Go(func() {
		for ; ; taken.Add(1) {
			select {
			case <-stop:
				return
			default:
			}
			x.wantKept(x.rt.Snapshot())
			x.want("Dump", x.rt.Dump(new(bytes.Buffer)), nil)
		}
	})
	work.Wait()
	close(stop)
	watch.Wait()
	if len(x.ran) != 0 {
		t.Errorf("%d canceled callbacks have run", len(x.ran))
	}
	x.want("Release", x.l.Release(keptHold), nil)
	x.want("Finish", x.l.Finish(kept, nil), nil)
	x.wantRan(1, 2)
}

// wantKept checks a snapshot with the fence that stays, and some that come and go.
func (x *fixture) wantKept(s Snapshot) {
	x.Helper()
	for _, c := range s.Contexts {
		last := uint64(0)
		for _, f := range c.Fences {
			if f.Seqno <= last || f.Seqno > c.LastSeqno+8 {
				x.Errorf("seqno %d after %d, the last is %d", f.Seqno, last, c.LastSeqno)
			}
			last = f.Seqno
			switch {
			case f.State == FencePending && (f.Result != ErrPending || f.Dropped):
				x.Errorf("pending, and %v, dropped %v", f.Result, f.Dropped)
			case f.State != FencePending && (f.Result == nil || f.Result == ErrPending || f.Callbacks != 0):
				x.Errorf("%s with %v, %d callbacks", f.State, f.Result, f.Callbacks)
			case f.Callbacks > 2 || f.Callbacks < 0 || f.Holders > 3 || f.Waiting > 2:
				x.Errorf("%+v", f)
			}
		}
	}
	f := s.Contexts[0].Fences[0]
	if f.Seqno != 1 || f.State != FencePending || f.Callbacks != 2 || f.Holders != 1 || f.Waiting != 0 {
		x.Errorf("the fence that stays: %+v", f)
	}
}

// TestWaitView follows a record through two waits.
func TestWaitView(t *testing.T) {
	var v waitView
	for k := uint64(1); k <= 2; k++ {
		if _, _, ok := v.look(); ok {
			t.Error("nobody waits")
		}
		v.begin(Ref(k<<28 | 5))
		if r, parked, ok := v.look(); !ok || r != Ref(k<<28|5) || parked != 0 {
			t.Errorf("spinning: %v, %v, %v", r, parked, ok)
		}
		v.park()
		if _, parked, ok := v.look(); !ok || parked <= 0 {
			t.Errorf("parked: %v, %v", parked, ok)
		}
		v.end()
		v.end() // counts once: who leaves and who frees the record may both say so
		if uses := v.uses.Load(); uses != 2*k {
			t.Errorf("%d uses after %d waits", uses, k)
		}
	}
}
