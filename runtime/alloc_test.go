package fencert

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// TestAllocations runs each hot path some hundred times: it doesn't allocate once warm.
func TestAllocations(t *testing.T) {
	if raceEnabled || debugging {
		t.Skip("the race detector allocates, and so does a build that looks for misuse")
	}
	x := newFixture(t, Config{Fences: 1024})
	l, rt, c := x.l, x.rt, x.c
	args := []uint64{1, 2, 3, 4, 5, 6, 7, 8}
	table := error(errors.New("table"))
	calls := 0
	count := x.handler(func(*Local, uint64, error) { calls++ })
	arm := func() Issuer { return l.Arm(must(l.Reserve()), c) }
	var failed error
	check := func(err error) {
		if err != nil {
			failed = err
		}
	}
	var deep [maxDepth + 4]Issuer
	chain := x.handler(func(l *Local, k uint64, _ error) {
		if int(k)+1 < len(deep) {
			check(l.Finish(deep[k+1], nil))
		}
	})
	pending := arm()
	reclaimer := must(rt.Reclaimer(func(uint64) {}))
	line := must(rt.NewTimeline("", ""))
	window, writes := x.window(8), must(rt.NewSeqWrites(8))
	var word, word2 atomic.Uint64
	source := must(NewSource(must(rt.NewTimeline("", "")), word64Of(&word), 0))
	further := x.handler(func(l *Local, n uint64, _ error) { check(l.Advance(line, n)) })
	var tickets [8]Ticket
	for _, f := range []struct {
		name string
		run  func()
	}{
		{"reserve, arm, finish", func() { check(l.Finish(arm(), nil)) }},
		{"reserve, unreserve", func() { l.Unreserve(must(l.Reserve())) }},
		{"signal, drop", func() { i := arm(); check(l.Signal(i, nil)); check(l.Drop(i)) }},
		{"drop of a pending fence", func() { check(l.Drop(arm())) }},
		{"an error from the table", func() {
			i := arm()
			check(l.Signal(i, table))
			if i.Fence().Err() != table {
				failed = ErrFailed
			}
			check(l.Drop(i))
		}},
		{"8 callbacks", func() {
			i := arm()
			for range 8 {
				_, err := l.OnSignal(i.Fence(), count, 1)
				check(err)
			}
			check(l.Finish(i, nil))
		}},
		{"8 callbacks in one step", func() {
			i := arm()
			check(l.ReserveCallbacks(8))
			check(l.OnSignalMany(i.Fence(), count, args))
			check(l.Finish(i, table))
		}},
		{"add, cancel", func() {
			t, err := l.OnSignal(pending.Fence(), count, 1)
			check(err)
			if !l.Cancel(t) {
				failed = ErrFailed
			}
		}},
		{"hold, release", func() {
			i := arm()
			h, err := l.Hold(i.Fence())
			check(err)
			check(l.Finish(i, nil))
			check(h.Err())
			check(l.Release(h))
		}},
		{"nested and put off", func() {
			for k := range deep {
				deep[k] = arm()
				_, err := l.OnSignal(deep[k].Fence(), chain, uint64(k))
				check(err)
			}
			check(l.Finish(deep[0], nil))
		}},
		{"refused calls", func() {
			i := arm()
			check(l.Finish(i, nil))
			_, err := l.OnSignal(i.Fence(), count, 1)
			_, err2 := l.Hold(i.Fence())
			if err != ErrSignaled || err2 != ErrStale || l.Signal(i, nil) != ErrStale {
				failed = ErrFailed
			}
		}},
		{"seqno, context, ref", func() {
			f := pending.Fence()
			_, err := f.Seqno()
			check(err)
			_, err = f.Context()
			check(err)
			if rt.Fence(f.Ref()) != f || f.Signaled() {
				failed = ErrFailed
			}
		}},
		{"implicit calls", func() {
			r, err := rt.Reserve()
			check(err)
			i := rt.Arm(r, c)
			t, err := rt.OnSignal(i.Fence(), count, 1)
			check(err)
			rt.Cancel(t)
			check(rt.OnSignalMany(i.Fence(), count, args))
			h, err := rt.Hold(i.Fence())
			check(err)
			check(rt.Finish(i, nil))
			check(rt.Release(h))
		}},
		{"wait for a signaled fence", func() {
			i := arm()
			check(l.Signal(i, nil))
			check(i.Fence().Wait(context.Background()))
			check(l.Drop(i))
		}},
		{"add to a point, cancel, advance", func() {
			n := line.Value()
			t, err := l.OnSignal(line.At(n+2), count, 1)
			check(err)
			_, err = l.OnSignal(line.At(n+1), count, 1)
			check(err)
			check(l.OnSignalMany(line.At(n+3), count, args))
			if !l.Cancel(t) {
				failed = ErrFailed
			}
			check(l.Advance(line, n+1))
			check(line.Advance(n + 3))
		}},
		{"add to many points, nested advance", func() {
			n := line.Value()
			check(l.ReservePoints(8))
			points := [8]uint64{n + 5, n + 4, n + 6, n + 7, n + 3, n + 8, n + 1, n + 2}
			check(l.OnSignalEach(line, points[:], count, args, tickets[:]))
			_, err := l.OnSignal(line.At(n+1), further, n+8)
			check(err)
			check(l.Advance(line, n+1))
		}},
		{"wait for a point, timed out", func() {
			if line.At(MaxPoint).WaitTimeout(time.Microsecond) != ErrTimeout || line.At(MaxPoint).WaitTimeout(0) != ErrTimeout {
				failed = ErrFailed
			}
			check(line.Wait(context.Background(), line.Value()))
			check(line.Flush(context.Background()))
		}},
		{"numbers and points in the way of bad ones", func() {
			_, err := line.Next()
			check(err)
			_, err = line.NextN(7)
			check(err)
			if line.Advance(0) != ErrSignaled || line.At(MaxPoint+1).Err() != ErrRange || line.Pending() < 0 {
				failed = ErrFailed
			}
		}},
		{"issue, complete out of order", func() {
			a, err := window.TryIssue()
			check(err)
			b, err := window.Issue(context.Background())
			check(err)
			check(l.Complete(window, b))
			_, err = l.OnSignal(window.Timeline().At(b), count, 1)
			check(err)
			check(window.Complete(a))
			if l.Complete(window, a) != ErrSignaled || window.Complete(b+1) != ErrNotIssued {
				failed = ErrFailed
			}
		}},
		{"sync, with garbage", func() {
			word.Add(1)
			_, err := l.Sync(source)
			check(err)
			_, err = source.Sync()
			check(err)
			word.Add(^uint64(0))
			if _, err := l.Sync(source); err != ErrSourceBack {
				failed = ErrFailed
			}
			word.Add(1)
		}},
		{"attach writes, detach, signal", func() {
			i := arm()
			_, err := l.AttachWrite64(writes, i.Fence(), word64Of(&word2), 1)
			check(err)
			w, err := l.AttachWrite64(writes, i.Fence(), word64Of(&word2), 2)
			check(err)
			if !l.DetachWrite(w) {
				failed = ErrFailed
			}
			check(l.Finish(i, nil))
			n := line.Value()
			_, err = writes.Attach64(line.At(n+1), word64Of(&word2), n)
			check(err)
			check(l.Advance(line, n+1))
		}},
		{"pin", func() { check(l.Pin()); l.Unpin() }},
		{"retire, barrier, synchronize", func() {
			check(l.Retire(reclaimer, 1))
			check(l.Barrier(context.Background()))
			check(rt.Synchronize(context.Background()))
		}},
	} {
		f.run() // takes the magazines' first fill
		if n := testing.AllocsPerRun(200, f.run); n != 0 {
			t.Errorf("%s: %v allocations", f.name, n)
		}
		if failed != nil {
			t.Fatalf("%s: %v", f.name, failed)
		}
	}
	if calls == 0 {
		t.Error("no callback was called")
	}
	check(l.Finish(pending, nil))
}

// TestWaitAllocations waits by spinning, and by parking for what another goroutine signals.
func TestWaitAllocations(t *testing.T) {
	if raceEnabled || debugging {
		t.Skip("the race detector allocates, and so does a build that looks for misuse")
	}
	for name, strategy := range strategies {
		x := newFixture(t, Config{Fences: 1024, Waiters: 1})
		work, done := make(chan Issuer), make(chan error)
		go func() {
			defer close(done)
			l := x.rt.Local()
			defer l.Close()
			for i := range work {
				done <- l.Finish(i, nil)
			}
		}()
		wait := func() {
			i := x.arm()
			work <- i
			if err := i.Fence().WaitWith(context.Background(), strategy); err != nil && err != ErrStale {
				t.Error(err)
			}
			<-done
		}
		wait()
		if n := testing.AllocsPerRun(200, wait); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		close(work)
		<-done
	}
}

// TestGroupWaitAllocations waits for up to 8 fences, gives up, and asks what a poll knows.
func TestGroupWaitAllocations(t *testing.T) {
	if raceEnabled || debugging || atomicx.Exploring {
		t.Skip("the race detector allocates, and so do the atomics of explore builds")
	}
	if strconv.IntSize == 32 {
		t.Skip("where 64-bit atomics are calls, what a wait for several points to goes to the heap: WaitAny and WaitAll say so")
	}
	x := newFixture(t, Config{Fences: 1024, Strategy: Park})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	issuers, fences := x.several(fewFences)
	work, done := make(chan Issuer), make(chan error)
	go func() {
		defer close(done)
		for i := range work {
			done <- x.rt.Finish(i, nil)
		}
	}()
	list := make([]Fence, fewFences)
	for _, f := range []struct {
		name string
		run  func()
	}{
		{"WaitAny", func() {
			i := x.arm()
			copy(list, fences)
			list[3] = i.Fence()
			work <- i
			if k, err := WaitAny(ctx, list...); k != 3 || err != nil && err != ErrStale {
				t.Errorf("WaitAny: %d, %v", k, err)
			}
			x.want("Finish", <-done, nil)
		}},
		{"WaitAll", func() {
			a, b := x.arm(), x.arm()
			work <- a
			x.want("Finish", <-done, nil)
			work <- b
			if err := WaitAll(ctx, a.Fence(), b.Fence()); err != nil && err != ErrStale {
				t.Errorf("WaitAll: %v", err)
			}
			x.want("Finish", <-done, nil)
		}},
		{"WaitTimeout", func() { x.want("WaitTimeout", fences[0].WaitTimeout(50*time.Microsecond), ErrTimeout) }},
		{"polls", func() {
			x.want("WaitTimeout", fences[0].WaitTimeout(0), ErrTimeout)
			x.want("TryWait", fences[0].TryWait(), ErrPending)
		}},
		{"CancelWait", func() {
			if ok, err := x.l.CancelWait(x.add(fences[0], 1)); !ok || err != nil {
				t.Errorf("CancelWait: %v, %v", ok, err)
			}
		}},
		{"Done of what is done", func() { _, _ = Fence{}.Done() }},
	} {
		f.run()
		if n := testing.AllocsPerRun(100, f.run); n != 0 {
			t.Errorf("%s: %v allocations", f.name, n)
		}
	}
	close(work)
	<-done
	x.finish(issuers...)
}
