package fencert

import (
	"context"
	"slices"

	"pgregory.net/rapid"
)

func (x *machine) newDone(*rapid.T) {
	c, f := x.target()
	if len(x.done) == 16 {
		x.Skip("enough channels")
	}
	if c.fence == none && c.point > MaxPoint {
		return // its channel is closed from the beginning, see TestPointOutOfRange
	}
	channel, stop := f.Done()
	x.done = append(x.done, plainDone{channel: channel, stop: stop, of: f})
}

func (x *machine) stop(*rapid.T) {
	d := &x.done[x.pick("channel", len(x.done))]
	want := !d.stopped && !d.of.Signaled()
	x.same("stop", d.stop(), want)
	d.stopped = d.stopped || want
}

// newLocal ends the Local and goes on with another one.
func (x *machine) newLocal(*rapid.T) {
	x.l.Close()
	x.l = x.rt.Local()
}

// ran is for calls that run callbacks: it compares their errors, and what has run since the last such call.
func (x *machine) ran(what string, got, want error) {
	x.Helper()
	x.same(what, got, want)
	due := x.m.drain()
	ran := x.log
	x.log = nil
	last := map[plainCallback]plainRun{} // by the fence or line
	for _, r := range ran {
		c := x.m.callbacks[r.callback]
		of := plainCallback{fence: c.fence, line: c.line}
		before, ok := last[of]
		if ok && c.fence != none && r.callback < before.callback {
			x.Fatalf("callback %d of fence %d ran after %d", r.callback, c.fence, before.callback)
		}
		if ok && c.fence == none && c.point < x.m.callbacks[before.callback].point {
			x.Fatalf("callback %d of point %d ran after that of %d", r.callback, c.point, x.m.callbacks[before.callback].point)
		}
		last[of] = r
	}
	byNumber := func(a, b plainRun) int { return a.callback - b.callback }
	slices.SortFunc(ran, byNumber)
	slices.SortFunc(due, byNumber)
	if !slices.Equal(ran, due) {
		x.Fatalf("%s ran %v, the reference says %v", what, ran, due)
	}
}

// check compares all that can be seen.
func (x *machine) check(*rapid.T) {
	for f, i := range x.issuers {
		x.seen(i.Fence(), x.m.err(f))
		if x.m.err(f) != ErrStale {
			seqno, err := i.Fence().Seqno()
			x.same("Seqno", err, nil)
			x.same("Seqno", seqno, x.m.fences[f].seqno)
		}
	}
	for k, line := range x.lines {
		v := x.m.lines[k].value
		x.same("Value", line.Value(), v)
		for _, n := range []uint64{0, v - min(v, 1), v, v + 1, v + 2, MaxPoint, MaxPoint + 1} {
			if err := x.m.pointErr(k, n); err != ErrRange {
				x.seen(line.At(n), err)
			}
		}
		x.waiting(k, line)
	}
	for _, d := range x.done {
		closed := false
		select {
		case <-d.channel:
			closed = true
		default:
		}
		x.same("the channel is closed", closed, d.of.Signaled() && !d.stopped)
	}
	if len(x.log) > 0 {
		x.Fatalf("callbacks ran in a call that runs none: %v", x.log)
	}
}

// seen compares what is seen of a fence or point.
func (x *machine) seen(f Fence, want error) {
	x.Helper()
	x.same("Err", f.Err(), want)
	x.same("Signaled", f.Signaled(), want != ErrPending)
	if f.number >= 1<<35 && f.number < slotNumbers && want != ErrPending && !f.CallbacksDone() {
		x.same("Flush", f.timelineOf().Flush(context.Background()), nil) // after which it can be told
	}
	x.same("CallbacksDone", f.CallbacksDone(), want != ErrPending)
}

// waiting compares what waits for points of a line; channels wait too.
func (x *machine) waiting(k int, line *Timeline) {
	points := x.m.waiting(k)
	for _, d := range x.done {
		if d.of.timelineOf() == line && !d.stopped && !d.of.Signaled() {
			points = append(points, d.of.number)
		}
	}
	oldest, ok := line.Oldest()
	x.same("Oldest knows one", ok, len(points) > 0)
	if ok {
		x.same("Oldest", oldest, slices.Min(points))
	}
	if n := line.Pending(); n < len(points) {
		x.Fatalf("%d are pending, the reference has %d", n, len(points))
	}
}

// end signals what is pending, and looks that each callback has run or was canceled.
func (x *machine) end() {
	for f := range x.issuers {
		for len(x.holds[f]) > 0 {
			x.same("Release", x.l.Release(x.holds[f][0]), nil)
			x.holds[f] = x.holds[f][1:]
			x.m.fences[f].holds--
			x.m.settle(f)
		}
		x.ran("Drop", x.l.Drop(x.issuers[f]), x.m.drop(f))
	}
	for k := range x.lines {
		x.ran("Close", x.lines[k].Close(nil), x.m.closeLine(k, ErrCanceled))
	}
	x.check(x.T)
	for c, k := range x.m.callbacks {
		if !k.gone {
			x.Fatalf("callback %d has neither run nor been canceled", c)
		}
	}
	x.l.Close()
}
