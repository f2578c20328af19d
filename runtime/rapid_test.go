package fencert

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A machine is a runtime and its reference, and draws what is done to both. What goes wrong is shrunk to a few calls.
type machine struct {
	*rapid.T
	m       reference
	rt      *Runtime
	l       *Local
	c       *FenceContext
	run     Handler
	issuers []Issuer
	holds   [][]Hold
	lines   []*Timeline
	tickets []Ticket // by callback; the zero one for what cannot be canceled
	log     []plainRun
	done    []plainDone
}

// A plainDone is a channel of Done, and what it is of.
type plainDone struct {
	channel <-chan struct{}
	stop    func() bool
	of      Fence
	stopped bool
}

// TestRapid has programs over fences and timelines together that callbacks link: a fence's finish fences and advance
// timelines, a point's do too. After each call all that can be seen is compared.
func TestRapid(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		x := newMachine(r)
		r.Repeat(map[string]func(*rapid.T){
			"Arm": x.arm, "Add": x.add, "AddMany": x.addMany, "AddEach": x.addEach, "Cancel": x.cancel,
			"Signal": x.signal, "Finish": x.finish, "Drop": x.drop, "Hold": x.hold, "Release": x.release,
			"NewTimeline": x.newLine, "Advance": x.advance, "CloseTimeline": x.closeLine, "Next": x.next,
			"WaitAny": x.waitAny, "WaitAll": x.waitAll, "Done": x.newDone, "Stop": x.stop, "Local": x.newLocal,
			"": x.check,
		})
		x.end()
		settled(t, x.rt)
		x.same("Close", x.rt.Close(), nil)
		if t.Failed() {
			r.FailNow() // settled speaks to t alone
		}
	})
}

func newMachine(t *rapid.T) *machine {
	x := &machine{T: t, rt: must(New(Config{Fences: 64, Callbacks: 1024, Points: 1024, Errors: 128, Waiters: 64}))}
	x.c = must(x.rt.NewFenceContext("a", "b"))
	x.run = must(x.rt.Handler(func(l *Local, c uint64, result error) {
		x.log = append(x.log, plainRun{int(c), result})
		if a := x.m.callbacks[c].does; a.fence != none {
			_ = l.Finish(x.issuers[a.fence], errno(a.fence+1))
		} else if a.line != none {
			_ = l.Advance(x.lines[a.line], a.value)
		}
	}))
	x.l = x.rt.Local()
	return x
}

// same fails when the runtime and the reference differ.
func (x *machine) same(what string, got, want any) {
	x.Helper()
	if got != want {
		x.Fatalf("%s: %v, the reference says %v", what, got, want)
	}
}

// pick draws an index into what has n elements.
func (x *machine) pick(what string, n int) int {
	if n == 0 {
		x.Skip("none yet")
	}
	return n - 1 - rapid.IntRange(0, n-1).Draw(x.T, what) // the newest is the simplest
}

func (x *machine) fence() int { return x.pick("fence", len(x.issuers)) }
func (x *machine) line() int  { return x.pick("line", len(x.lines)) }

// point draws a point near the value of a line, far beyond, at the end, or out of range.
func (x *machine) point(k int) uint64 {
	v := x.lines[k].Value()
	return rapid.OneOf(
		rapid.Uint64Range(v-min(v, 2), min(v+8, MaxPoint)),
		rapid.Uint64Range(v, MaxPoint),
		rapid.SampledFrom([]uint64{0, v, MaxPoint - 1, MaxPoint, MaxPoint + 1, ^uint64(0)}),
	).Draw(x.T, "point")
}

// action draws what a callback is to do.
func (x *machine) action() plainAction {
	switch kind := rapid.IntRange(0, 2).Draw(x.T, "action"); {
	case kind == 1 && len(x.issuers) > 0:
		return plainAction{fence: x.fence(), line: none}
	case kind == 2 && len(x.lines) > 0:
		k := x.line()
		return plainAction{fence: none, line: k, value: x.point(k)}
	}
	return plainAction{fence: none, line: none}
}

// target draws a fence or a point, as a callback on it.
func (x *machine) target() (plainCallback, Fence) {
	if len(x.issuers) == 0 || len(x.lines) > 0 && rapid.Bool().Draw(x.T, "a point") {
		k := x.line()
		n := x.point(k)
		return plainCallback{fence: none, line: k, point: n}, x.lines[k].At(n)
	}
	f := x.fence()
	return plainCallback{fence: f, line: none}, x.issuers[f].Fence()
}

func (x *machine) arm(*rapid.T) {
	if len(x.issuers) == 32 {
		x.Skip("enough fences")
	}
	x.issuers = append(x.issuers, must(x.l.NewFence(x.c)))
	x.holds = append(x.holds, nil)
	x.m.seqno++
	x.m.fences = append(x.m.fences, plainFence{seqno: x.m.seqno})
}

// added compares the errors of an add, and keeps the tickets of what was added.
func (x *machine) added(err error, tickets []Ticket, all ...plainCallback) {
	x.Helper()
	x.same("the add", err, x.m.add(all...))
	if err == nil {
		x.tickets = append(x.tickets, tickets...)
	}
}

func (x *machine) add(*rapid.T) {
	c, f := x.target()
	c.does = x.action()
	on := x.l.OnSignal
	if rapid.Bool().Draw(x.T, "implicit") {
		on = x.rt.OnSignal
	}
	ticket, err := on(f, x.run, uint64(len(x.m.callbacks)))
	x.added(err, []Ticket{ticket}, c)
}

func (x *machine) addMany(*rapid.T) {
	c, f := x.target()
	var all []plainCallback
	var args []uint64
	for range rapid.IntRange(1, 5).Draw(x.T, "many") {
		args = append(args, uint64(len(x.m.callbacks)+len(all)))
		c.does = x.action()
		all = append(all, c)
	}
	x.added(x.l.OnSignalMany(f, x.run, args), make([]Ticket, len(all)), all...)
}

func (x *machine) addEach(*rapid.T) {
	k := x.line()
	var all []plainCallback
	var points, args []uint64
	for range rapid.IntRange(1, 5).Draw(x.T, "many") {
		args, points = append(args, uint64(len(x.m.callbacks)+len(all))), append(points, x.point(k))
		all = append(all, plainCallback{fence: none, line: k, point: points[len(points)-1], does: x.action()})
	}
	tickets := make([]Ticket, len(all))
	err := x.l.OnSignalEach(x.lines[k], points, x.run, args, tickets)
	if slices.Max(points) > MaxPoint { // a point out of range comes before a signaled one
		x.same("OnSignalEach", err, ErrRange)
		return
	}
	x.added(err, tickets, all...)
}

func (x *machine) cancel(*rapid.T) {
	c := x.pick("callback", len(x.m.callbacks))
	if x.tickets[c] == (Ticket{}) {
		return
	}
	switch rapid.IntRange(0, 2).Draw(x.T, "how") {
	case 0:
		x.same("Cancel", x.l.Cancel(x.tickets[c]), x.m.cancel(c))
	case 1:
		x.same("Cancel", x.rt.Cancel(x.tickets[c]), x.m.cancel(c))
	case 2:
		ok, err := x.l.CancelWait(x.tickets[c])
		x.same("CancelWait", err, nil)
		x.same("CancelWait", ok, x.m.cancel(c))
	}
}

var errRapid = errors.New("rapid")

func (x *machine) result() error {
	return rapid.SampledFrom([]error{nil, errno(9), ErrFailed, ErrCanceled, errRapid, context.Canceled}).Draw(x.T, "result")
}

func (x *machine) signal(*rapid.T) {
	f, result := x.fence(), x.result()
	x.ran("Signal", x.l.Signal(x.issuers[f], result), x.m.signal(f, result, false))
}

func (x *machine) finish(*rapid.T) {
	f, result := x.fence(), x.result()
	x.ran("Finish", x.rt.Finish(x.issuers[f], result), x.m.signal(f, result, true))
}

func (x *machine) drop(*rapid.T) {
	f := x.fence()
	x.ran("Drop", x.l.Drop(x.issuers[f]), x.m.drop(f))
}

func (x *machine) hold(*rapid.T) {
	f := x.fence()
	h, err := x.l.Hold(x.issuers[f].Fence())
	if x.m.fences[f].ended {
		x.same("Hold", err, ErrStale)
		return
	}
	x.same("Hold", err, nil)
	x.m.fences[f].holds++
	x.holds[f] = append(x.holds[f], h)
}

func (x *machine) release(*rapid.T) {
	f := x.fence()
	if n := len(x.holds[f]); n > 0 {
		x.same("Err of a hold", x.holds[f][0].Err(), x.m.err(f))
		x.same("Release", x.l.Release(x.holds[f][n-1]), nil)
		x.holds[f] = x.holds[f][:n-1]
		x.m.fences[f].holds--
		x.m.settle(f)
	}
}

func (x *machine) newLine(*rapid.T) {
	if len(x.lines) == 4 {
		x.Skip("enough timelines")
	}
	start := rapid.SampledFrom([]uint64{0, 1<<32 - 3, 1<<39 - 2, MaxPoint - 9}).Draw(x.T, "start")
	x.lines = append(x.lines, must(x.rt.NewTimeline("", "", StartAt(start))))
	x.m.lines = append(x.m.lines, plainLine{value: start, issued: start})
}

func (x *machine) advance(*rapid.T) {
	k := x.line()
	n := x.point(k)
	if rapid.Bool().Draw(x.T, "implicit") {
		x.ran("Advance", x.lines[k].Advance(n), x.m.advance(k, n))
	} else {
		x.ran("Advance", x.l.Advance(x.lines[k], n), x.m.advance(k, n))
	}
}

func (x *machine) closeLine(*rapid.T) {
	k := x.line()
	x.ran("Close", x.lines[k].Close(errRapid), x.m.closeLine(k, errRapid))
}

func (x *machine) next(*rapid.T) {
	k := x.line()
	count := rapid.SampledFrom([]uint64{1, 0, 2, 7, 1 << 31, 1<<31 + 1, 1 << 62, ^uint64(0)}).Draw(x.T, "count")
	first, err := x.lines[k].NextN(count)
	want, wantErr := x.m.next(k, count)
	x.same("NextN", err, wantErr)
	x.same("NextN", first, want)
	x.same("LastIssued", x.lines[k].LastIssued(), x.m.lines[k].issued)
}

// over is a context that has ended: signaled wins over it, so it asks without waiting.
var over = func() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errRapid)
	return ctx
}()

// several draws some fences and points, and what each has.
func (x *machine) several() (fences []Fence, results []error) {
	for range rapid.IntRange(1, 4).Draw(x.T, "several") {
		c, f := x.target()
		fences = append(fences, f)
		if c.fence != none {
			results = append(results, x.m.err(c.fence))
		} else {
			results = append(results, x.m.pointErr(c.line, c.point))
		}
	}
	return fences, results
}

func (x *machine) waitAny(*rapid.T) {
	fences, results := x.several()
	want := slices.IndexFunc(results, func(err error) bool { return err != ErrPending })
	i, err := WaitAny(over, fences...)
	x.same("WaitAny", i, want)
	if want < 0 {
		x.same("WaitAny", err, context.Cause(over))
	} else {
		x.same("WaitAny", err, results[want])
	}
}

func (x *machine) waitAll(*rapid.T) {
	fences, results := x.several()
	err := WaitAll(over, fences...)
	if slices.Contains(results, ErrPending) {
		x.same("WaitAll", err, context.Cause(over))
		return
	}
	want := error(nil) // the lowest one that isn't nil
	for _, r := range slices.Backward(results) {
		if r != nil {
			want = r
		}
	}
	x.same("WaitAll", err, want)
}
