package fencert

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// The fuzz tests of this file give every public call that takes a number all numbers, and say what it answers. What the
// fuzzer has found worth keeping, and the edges of every range, lie in testdata/fuzz and run with every go test.

// FuzzTimeline: a timeline that starts anywhere, two points anywhere, and an advance to anywhere.
func FuzzTimeline(f *testing.F) {
	f.Add(uint64(0), uint64(1), uint64(2), uint64(1))
	f.Fuzz(func(t *testing.T, start, point, second, to uint64) {
		x := newFixture(t, small)
		line, err := x.rt.NewTimeline("", "", StartAt(start))
		if start > MaxPoint {
			x.want("NewTimeline", err, ErrRange)
			return
		}
		x.want("NewTimeline", err, nil)
		m := reference{lines: []plainLine{{value: start, issued: start}}}
		answer := func(n uint64) error {
			if err := m.pointErr(0, n); err == ErrPending {
				return nil
			} else if err == ErrRange {
				return err
			}
			return ErrSignaled
		}
		var due []uint64
		_, err = x.l.OnSignal(line.At(point), x.note, point)
		if x.want("OnSignal", err, answer(point)); err == nil {
			due = append(due, point)
		}
		each := answer(min(point, second))
		if max(point, second) > MaxPoint {
			each = ErrRange
		}
		if x.want("OnSignalEach", x.l.OnSignalEach(line, []uint64{point, second}, x.note, []uint64{point, second}, nil), each); each == nil {
			due = append(due, point, second)
		}
		slices.Sort(due)
		if n, ok := line.Oldest(); ok != (len(due) > 0) || ok && n != due[0] {
			t.Errorf("the oldest is %d, %v, of %v", n, ok, due)
		}
		x.want("Advance", line.Advance(to), m.advance(0, to))
		x.want("Flush", line.Flush(t.Context()), nil)
		k, _ := slices.BinarySearch(due, m.lines[0].value+1)
		x.wantRan(due[:k]...)
		for _, n := range []uint64{point, second, to} {
			p := line.At(n)
			x.want("Err", p.Err(), m.pointErr(0, n))
			x.want("TryWait", p.TryWait(), m.pointErr(0, n))
			done := false
			select {
			case <-line.Done(n):
				done = true
			default:
			}
			if done == (m.pointErr(0, n) == ErrPending) {
				t.Errorf("point %d: the channel is closed: %v", n, done)
			}
		}
		x.want("Close", line.Close(errRapid), nil)
		x.wantRan(due...)
		for k, err := range x.err {
			want := error(nil)
			if x.ran[k] > m.lines[0].value {
				want = errRapid
			}
			x.want("a result", err, want)
		}
	})
}

// FuzzNextN: blocks of any size, from any start, are within range and follow each other.
func FuzzNextN(f *testing.F) {
	f.Add(uint64(0), uint64(1), uint64(2), false)
	f.Fuzz(func(t *testing.T, start, first, second uint64, single bool) {
		x := newFixture(t, small)
		options := []ContextOption{StartAt(start & MaxPoint)}
		if single {
			options = append(options, SingleIssuer())
		}
		line := must(x.rt.NewTimeline("", "", options...))
		m := reference{lines: []plainLine{{issued: start & MaxPoint}}}
		for _, count := range []uint64{first, second, 1} {
			n, err := line.NextN(count)
			want, wantErr := m.next(0, count)
			if n != want || err != wantErr || line.LastIssued() != m.lines[0].issued {
				t.Errorf("NextN(%d): %d, %v, want %d, %v; last is %d, want %d", count, n, err, want, wantErr, line.LastIssued(), m.lines[0].issued)
			}
		}
	})
}

// FuzzRuntimeRef polls through any number as a Ref or an IssuerRef, and looks anything up by it. A number that names a
// fence gives that fence, another one of no fence or of one that is over.
func FuzzRuntimeRef(f *testing.F) {
	f.Add(uint64(0))
	f.Add(uint64(1<<63 | 1))
	f.Fuzz(func(t *testing.T, number uint64) {
		x := newFixture(t, Config{Fences: 4})
		pending, over := x.arm(), x.arm()
		x.want("Finish", x.l.Finish(over, nil), nil)
		got := x.rt.Fence(Ref(number))
		for _, i := range []Issuer{pending, over} {
			if x.rt.Issuer(i.Ref()) != i || (got == i.Fence()) != (Ref(number) == i.Fence().Ref()) {
				t.Errorf("%#x gives %v", number, got)
			}
		}
		err := got.Err()
		_, _, namesErr := got.Names()
		_, seqnoErr := got.Seqno()
		_, contextErr := got.Context()
		if got.Signaled() == (err == ErrPending) || errors.Is(seqnoErr, ErrStale) != errors.Is(namesErr, ErrStale) || (contextErr == nil) != (namesErr == nil) {
			t.Errorf("%#x: signaled %v, %v; %v, %v, %v", number, got.Signaled(), err, namesErr, seqnoErr, contextErr)
		}
		if got == (Fence{}) || got == over.Fence() {
			_, err := x.l.Hold(got)
			x.want("Hold", err, ErrStale)
			_, err = x.l.OnSignal(got, x.note, 1)
			x.want("OnSignal", err, ErrSignaled)
			x.want("Finish", x.l.Finish(x.rt.Issuer(IssuerRef(number)), nil), ErrStale)
		}
		published := must(x.rt.Publish("", pending.Fence()))
		found, err := x.rt.LookupNumber(number)
		if (err == nil) != (number == published) || (found == pending.Fence()) != (err == nil) {
			t.Errorf("LookupNumber(%d): %v, %v", number, found, err)
		}
		c, err := x.rt.Context(number)
		if (err == nil) != (number == 0 || number == x.c.ID()) || (c == x.c) != (number == x.c.ID()) {
			t.Errorf("Context(%d): %v", number, err)
		}
		if err := x.rt.UnpublishNumber(number); (err == nil) != (number == published) {
			t.Errorf("UnpublishNumber(%d): %v", number, err)
		}
		if number != published {
			x.want("UnpublishNumber", x.rt.UnpublishNumber(published), nil)
		}
		x.want("Finish", x.l.Finish(pending, nil), nil)
	})
}

// FuzzCounts: how many are to be reserved, or to be room for, may be any number; what is refused changes nothing.
func FuzzCounts(f *testing.F) {
	f.Add(0, 0, 0, 0)
	f.Fuzz(func(t *testing.T, callbacks, points, grow, growCallbacks int) {
		x := newFixture(t, Config{Fences: 4, GrowTo: 9, Callbacks: 16, GrowCallbacksTo: 30, Points: 8})
		_ = must(x.rt.NewTimeline("", ""))
		check := func(what string, err error, ok bool, want error) {
			t.Helper()
			if ok {
				want = nil
			}
			x.want(what, err, want)
		}
		check("ReserveCallbacks", x.l.ReserveCallbacks(callbacks), callbacks >= 0 && callbacks <= 16, ErrExhausted)
		check("ReservePoints", x.l.ReservePoints(points), points >= 0 && points <= 8, ErrExhausted)
		check("Grow", x.rt.Grow(grow), grow > 0 && grow <= 9, ErrConfig)
		check("GrowCallbacks", x.rt.GrowCallbacks(growCallbacks), growCallbacks > 0 && growCallbacks <= 30, ErrConfig)
		fences, nodes := 4, 16
		if grow > 0 && grow <= 9 {
			fences = max(fences, grow)
		}
		if growCallbacks > 0 && growCallbacks <= 30 {
			nodes = max(nodes, growCallbacks)
		}
		if x.rt.Fences() != fences || x.rt.Callbacks() != nodes {
			t.Errorf("%d fences, %d callbacks", x.rt.Fences(), x.rt.Callbacks())
		}
		if s := x.rt.SnapshotLimit(grow); len(s.String()) == 0 {
			t.Error("an empty snapshot")
		}
		x.rt.config.Fences, x.rt.config.Callbacks = fences, nodes // what settled counts
		x.want("ReserveCallbacks", x.l.ReserveCallbacks(0), nil)
		x.want("ReservePoints", x.l.ReservePoints(0), nil)
	})
}

// FuzzConfig: a Config of any numbers is refused as a whole, or completed within the limits.
func FuzzConfig(f *testing.F) {
	f.Add(0, 0, 0, 0, 0, 0, 0, 0, uint8(0))
	f.Fuzz(func(t *testing.T, fences, growTo, callbacks, growCallbacksTo, points, errorsKept, waiters, retired int, strategy uint8) {
		c, err := Config{
			Fences: fences, GrowTo: growTo, Callbacks: callbacks, GrowCallbacksTo: growCallbacksTo, Points: points,
			Errors: errorsKept, Waiters: waiters, Retired: retired, Strategy: Strategy(strategy),
		}.withDefaults()
		within := func(n, most int) bool { return n >= 0 && n <= most } // 0 takes the default
		ok := within(fences, MaxFences) && within(callbacks, MaxCallbacks) && within(points, MaxCallbacks) &&
			within(errorsKept, MaxErrors) && within(waiters, MaxWaiters) && within(retired, MaxRetired) &&
			(growTo == 0 || growTo >= c.Fences && growTo <= MaxFences) &&
			(growCallbacksTo == 0 || growCallbacksTo >= c.Callbacks && growCallbacksTo <= MaxCallbacks) && Strategy(strategy) <= Spin
		if ok != (err == nil) || err != nil && !errors.Is(err, ErrConfig) {
			t.Fatalf("%v", err)
		}
		if err == nil && (c.Fences < 1 || c.Callbacks < 1 || c.Points < 1 || c.Errors < 1 || c.Waiters < 1 || c.Retired < 1) {
			t.Fatalf("completed to %+v", c)
		}
		if err == nil && max(c.mostFences(), c.mostCallbacks(), c.Points, c.Errors, c.Waiters) <= 1<<12 {
			x := newFixture(t, c)
			x.want("Finish", x.l.Finish(x.arm(), nil), nil)
		}
	})
}

// FuzzTimes: waits of any length and deadlines at any time.
func FuzzTimes(f *testing.F) {
	f.Add(int64(0), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, wait, seconds, nanoseconds int64) {
		x := newFixture(t, small)
		i, over := x.arm(), x.arm()
		x.want("Signal", x.l.Signal(over, errno(3)), nil)
		d := time.Duration(wait)
		x.want("WaitTimeout", over.Fence().WaitTimeout(d), errno(3))
		x.want("WaitTimeout", i.Fence().WaitTimeout(min(d, 20*time.Microsecond)), ErrTimeout)
		at := time.Unix(seconds, nanoseconds)
		x.want("SetDeadline", x.l.SetDeadline(i.Fence(), at), nil)
		x.want("SetDeadline", x.l.SetDeadline(over.Fence(), at), ErrSignaled)
		signaled := make(chan error)
		go func() { signaled <- x.rt.Signal(i, nil) }()
		for d > 0 && i.Fence().WaitTimeout(d) != nil { // any length is waited for, and none returns late
		}
		x.want("Wait", i.Fence().Wait(t.Context()), nil)
		x.want("Signal", <-signaled, nil)
		x.want("Drop", x.l.Drop(i), nil)
		x.want("Drop", x.l.Drop(over), nil)
	})
}

// FuzzResult: any errno comes back as it was given.
func FuzzResult(f *testing.F) {
	f.Add(uint64(0))
	f.Fuzz(func(t *testing.T, number uint64) {
		x := newFixture(t, small)
		i := x.arm()
		x.add(i.Fence(), 1)
		h := must(x.l.Hold(i.Fence()))
		result := error(errnoType(number))
		x.want("Finish", x.l.Finish(i, result), nil)
		if h.Err() != result || x.err[0] != result {
			t.Errorf("%v and %v, want %v", h.Err(), x.err[0], result)
		}
		x.want("Release", x.l.Release(h), nil)
	})
}
