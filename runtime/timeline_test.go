package fencert

import (
	"errors"
	"slices"
	"testing"
	"unsafe"
)

// A lined is a fixture with a timeline.
type lined struct {
	*fixture
	t *Timeline
}

func newLined(t *testing.T, options ...ContextOption) *lined {
	x := newFixture(t, small)
	return &lined{x, must(x.rt.NewTimeline("disk", "durable", options...))}
}

// on adds note at point n with n as its argument.
func (x *lined) on(n uint64) Ticket { x.Helper(); return x.add(x.t.At(n), n) }

func (x *lined) advance(n uint64) { x.Helper(); x.want("Advance", x.l.Advance(x.t, n), nil) }

func TestTimelineLayout(t *testing.T) {
	if unsafe.Offsetof(Timeline{}.wheel) != 0 || unsafe.Pointer(stub.wheel.Word()) != unsafe.Pointer(stub) {
		t.Error("the word of a point isn't the first of its timeline")
	}
	if size := unsafe.Sizeof(Timeline{}); size > 4096 {
		t.Errorf("a timeline takes %d bytes", size)
	}
}

func TestTimelineSignalsUpToItsValue(t *testing.T) {
	x := newLined(t)
	for _, n := range []uint64{1, 5, 6, 1 << 40, MaxPoint} {
		x.want("Err", x.t.At(n).Err(), ErrPending)
	}
	for _, n := range []uint64{7, 5, 3, 9} {
		x.on(n)
	}
	x.advance(6)
	x.wantRan(3, 5)
	if x.t.Value() != 6 || !x.t.At(6).Signaled() || x.t.At(7).Signaled() || x.t.At(6).Err() != nil || !x.t.At(6).CallbacksDone() {
		t.Error("value 6")
	}
	x.want("Advance back", x.l.Advance(x.t, 6), ErrSignaled)
	x.want("Advance back", x.t.Advance(2), ErrSignaled)
	x.want("Advance", x.t.Advance(1<<50), nil)
	x.wantRan(3, 5, 7, 9)
	x.advance(MaxPoint)
	x.want("Advance", x.l.Advance(x.t, MaxPoint+1), ErrRange)
	x.want("Advance", x.t.Advance(^uint64(0)), ErrRange)
}

// TestPointsAreFences asks everything of a point that can be asked of a Fence.
func TestPointsAreFences(t *testing.T) {
	x := newLined(t)
	f := x.t.At(5)
	if f != x.t.At(5) || f == x.t.At(6) || f == must(x.rt.NewTimeline("", "")).At(5) {
		t.Error("points aren't compared by timeline and number")
	}
	driver, timeline, err := f.Names()
	c, contextError := f.Context()
	n, seqnoError := f.Seqno()
	if driver != "disk" || timeline != "durable" || c != x.t.Context() || n != 5 || errors.Join(err, contextError, seqnoError) != nil {
		t.Error(driver, timeline, c, n, err, contextError, seqnoError)
	}
	if f.Ref() != 0 || x.rt.Fence(f.Ref()) != (Fence{}) {
		t.Error("a point has no Ref")
	}
	_, err = f.ArmedAt()
	x.want("ArmedAt", err, ErrNoTimestamps)
	_, err = f.SignaledAt()
	x.want("SignaledAt", err, ErrNoTimestamps)
	x.want("Check", f.Check(), ErrPending)
	x.want("Check", x.l.Check(f), ErrPending)
	x.want("SetDeadline", x.rt.SetDeadline(f, x.rt.start), nil)
	x.want("TryWait", f.TryWait(), ErrPending)
	h := must(x.l.Hold(f))
	x.want("Hold.Err", h.Err(), ErrPending)
	_, err = h.ArmedAt()
	x.want("Hold.ArmedAt", err, ErrNoTimestamps)
	x.want("Store", new(SharedFence).Store(x.l, f), ErrPoint)
	x.want("Store", new(SharedFence).Store(nil, f), ErrPoint)
	number := must(x.rt.Publish("durable", f))
	if found := must(x.rt.LookupNumber(number)); found != f {
		t.Error("published", found)
	}
	x.want("Unpublish", x.rt.Unpublish("durable"), nil)
	x.advance(5)
	x.want("Hold.Err", h.Err(), nil)
	x.want("Release", x.l.Release(h), nil)
	x.want("Check", f.Check(), nil)
	x.want("SetDeadline", x.rt.SetDeadline(f, x.rt.start), ErrSignaled)
	_, err = x.l.OnSignal(f, x.note, 0)
	x.want("OnSignal", err, ErrSignaled)
}

func TestPointOutOfRange(t *testing.T) {
	x := newLined(t)
	for _, n := range []uint64{MaxPoint + 1, ^uint64(0)} {
		f := x.t.At(n)
		_, err := x.l.OnSignal(f, x.note, 0)
		x.want("OnSignal", err, ErrRange)
		x.want("OnSignalMany", x.l.OnSignalMany(f, x.note, []uint64{1}), ErrRange)
		_, err = x.l.OnSignalFunc(f, func(error) {})
		x.want("OnSignalFunc", err, ErrRange)
		_, err = OnSignalFunc(f, func(error) {})
		x.want("OnSignalFunc", err, ErrRange)
		x.want("OnSignalEach", x.l.OnSignalEach(x.t, []uint64{1, n}, x.note, []uint64{1, 2}, nil), ErrRange)
		x.want("Err", f.Err(), ErrRange)
		x.want("Check", f.Check(), ErrRange)
		x.want("Check", x.l.Check(f), ErrRange)
		x.want("Wait", f.Wait(t.Context()), ErrRange)
		x.want("WaitTimeout", f.WaitTimeout(-1), ErrRange)
		x.want("TryWait", f.TryWait(), ErrRange)
		x.want("WaitAll", WaitAll(t.Context(), x.t.At(0), f), ErrRange)
		_, err = WaitAny(t.Context(), x.t.At(3), f)
		x.want("WaitAny", err, ErrRange)
		_, err = f.Seqno()
		x.want("Seqno", err, ErrRange)
		_, err = x.l.Hold(f)
		x.want("Hold", err, ErrRange)
		if f.Signaled() {
			t.Error("a point out of range is reached")
		}
		<-x.t.Done(n)
		<-first(f.Done())
	}
	x.advance(MaxPoint)
	if x.t.At(MaxPoint + 1).Signaled() {
		t.Error("a point out of range is reached")
	}
	x.wantRan()
}

func first[A, B any](a A, _ B) A { return a }

func TestPointsOfOtherRuntimes(t *testing.T) {
	x, y := newLined(t), newLined(t)
	ticket := y.on(3)
	_, err := x.l.OnSignal(y.t.At(3), x.note, 1)
	x.want("OnSignal", err, ErrForeign)
	_, err = x.l.OnSignal(x.t.At(3), y.note, 1)
	x.want("OnSignal", err, ErrForeign)
	x.want("OnSignalMany", x.l.OnSignalMany(y.t.At(3), x.note, []uint64{1}), ErrForeign)
	x.want("OnSignalEach", x.l.OnSignalEach(y.t, []uint64{1}, x.note, []uint64{1}, nil), ErrForeign)
	x.want("OnSignalEach", x.l.OnSignalEach(x.t, []uint64{1}, y.note, []uint64{1}, nil), ErrForeign)
	x.want("Advance", x.l.Advance(y.t, 7), ErrForeign)
	_, err = x.l.Hold(y.t.At(3))
	x.want("Hold", err, ErrForeign)
	x.want("Release", x.l.Release(must(y.l.Hold(y.t.At(3)))), nil) // it costs nothing, and isn't counted
	x.want("Check", x.l.Check(y.t.At(3)), ErrForeign)
	x.want("SetDeadline", x.l.SetDeadline(y.t.At(3), x.rt.start), ErrForeign)
	if x.l.Cancel(ticket) {
		t.Error("canceled")
	}
	if ok, err := x.l.CancelWait(ticket); ok || err != nil {
		t.Error("canceled", err)
	}
	y.advance(3)
	y.wantRan(3)
}

func TestCancelOnATimeline(t *testing.T) {
	x := newLined(t)
	a, b := x.on(5), x.on(6)
	other := must(x.rt.NewTimeline("", ""))
	if x.l.Cancel(Ticket{other.At(5), a.node}) {
		t.Error("canceled on another timeline")
	}
	if !x.l.Cancel(a) || x.l.Cancel(a) {
		t.Error("Cancel is true once")
	}
	x.advance(6)
	x.wantRan(6)
	if x.l.Cancel(b) {
		t.Error("canceled what has run")
	}
	if ok, err := x.l.CancelWait(b); ok || err != nil {
		t.Error("CancelWait", ok, err)
	}
	s := x.rt.Stats()
	if s.PointsAdded != 2 || s.PointsRun != 1 || s.PointsCanceled != 1 || s.PendingPoints() != 0 || s.Timelines != 2 || s.Contexts != 1 {
		t.Errorf("%+v", s)
	}
}

// TestPointsAreCounted: with enough callbacks for Locals to keep some, so that most adds take the quick way.
func TestPointsAreCounted(t *testing.T) {
	x := newFixture(t, Config{Fences: 2, Points: 4096})
	line := must(x.rt.NewTimeline("", ""))
	const n = 100
	for k := range uint64(n) {
		_ = must(x.l.OnSignal(line.At(k+1), x.note, k))
	}
	if s := x.rt.Stats(); s.PointsAdded != n || s.PendingPoints() != n {
		t.Errorf("added %d, pending %d", s.PointsAdded, s.PendingPoints())
	}
	x.want("Advance", x.l.Advance(line, n), nil)
	if s := x.rt.Stats(); s.PointsRun != n || s.PendingPoints() != 0 {
		t.Errorf("run %d, pending %d", s.PointsRun, s.PendingPoints())
	}
}

func TestManyOnATimeline(t *testing.T) {
	x := newLined(t)
	tickets := make([]Ticket, 3)
	x.want("OnSignalEach", x.l.OnSignalEach(x.t, []uint64{9, 4, 7}, x.note, []uint64{9, 4, 7}, tickets), nil)
	x.want("OnSignalMany", x.l.OnSignalMany(x.t.At(5), x.note, []uint64{51, 52}), nil)
	x.want("none", x.rt.OnSignalEach(x.t, nil, x.note, nil, nil), nil)
	for _, bad := range []error{
		x.l.OnSignalEach(x.t, []uint64{1, 2}, x.note, []uint64{1}, nil),
		x.l.OnSignalEach(x.t, []uint64{1}, x.note, []uint64{1, 2}, nil),
		x.l.OnSignalEach(x.t, []uint64{1}, x.note, []uint64{1}, make([]Ticket, 2)),
	} {
		x.want("OnSignalEach", bad, ErrRange)
	}
	if !x.l.Cancel(tickets[2]) {
		t.Error("not canceled")
	}
	if n := x.t.Pending(); n < 4 {
		t.Errorf("%d are pending", n)
	}
	if n, ok := x.t.Oldest(); n != 4 || !ok {
		t.Errorf("the oldest is %d, %v", n, ok)
	}
	x.advance(10)
	slices.Sort(x.ran[1:3]) // one point has no order
	x.wantRan(4, 51, 52, 9)
	x.want("OnSignalEach", x.l.OnSignalEach(x.t, []uint64{20, 10}, x.note, []uint64{1, 2}, nil), ErrSignaled)
}

func TestPointsAreExhausted(t *testing.T) {
	config := small
	config.Points = 8
	x := newFixture(t, config)
	x.want("ReservePoints", x.l.ReservePoints(1), ErrExhausted) // no timeline yet
	line := must(x.rt.NewTimeline("", ""))
	x.want("ReservePoints", x.l.ReservePoints(8), nil)
	x.want("ReservePoints", x.l.ReservePoints(9), ErrExhausted)
	x.want("ReservePoints", x.l.ReservePoints(-1), ErrExhausted)
	for n := range uint64(8) {
		x.add(line.At(n+1), n)
	}
	_, err := x.rt.OnSignal(line.At(3), x.note, 0)
	x.want("OnSignal", err, ErrExhausted)
	x.want("OnSignalMany", x.l.OnSignalMany(line.At(3), x.note, []uint64{1}), ErrExhausted)
	if got := x.rt.Stats().ExhaustedPoints; got != 5 {
		t.Errorf("%d times exhausted", got)
	}
	x.want("Advance", line.Advance(1), nil)
	// What the borrowed Local keeps is asked for.
	x.add(line.At(9), 9)
	x.want("Advance", x.l.Advance(line, 9), nil)
	x.wantRan(0, 1, 2, 3, 4, 5, 6, 7, 9)
}

func TestTimelineOptions(t *testing.T) {
	x := newLined(t, StartAt(100), SingleIssuer())
	if x.t.Value() != 100 || !x.t.At(100).Signaled() || x.t.At(101).Signaled() || x.t.LastIssued() != 100 {
		t.Error("it doesn't start at 100")
	}
	if n := must(x.t.Next()); n != 101 {
		t.Error(n)
	}
	if n := must(x.t.NextN(5)); n != 102 {
		t.Error(n)
	}
	if n := must(x.t.Next()); n != 107 || x.t.LastIssued() != 107 {
		t.Error(n)
	}
	_, err := x.t.NextN(0)
	x.want("NextN", err, ErrRange)
	end := must(x.rt.NewTimeline("", "", StartAt(MaxPoint-1)))
	if n := must(end.Next()); n != MaxPoint {
		t.Error(n)
	}
	for _, start := range []uint64{MaxPoint - 1, MaxPoint} {
		for _, options := range [][]ContextOption{{StartAt(start)}, {StartAt(start), SingleIssuer()}} {
			end := must(x.rt.NewTimeline("", "", options...))
			for range MaxPoint - start {
				must(end.Next())
			}
			_, err = end.Next()
			x.want("Next", err, ErrRange)
			_, err = end.NextN(1)
			x.want("NextN", err, ErrRange)
		}
	}
	for _, o := range []ContextOption{nil, Timestamps(), WithBackend(Backend{}), UserData(NewTable(x.rt, func(*int) {}))} {
		_, err := x.rt.NewTimeline("", "", o)
		x.want("NewTimeline", err, ErrConfig)
	}
	_, err = x.rt.NewTimeline("", "", StartAt(MaxPoint+1))
	x.want("NewTimeline", err, ErrRange)
	c := must(x.rt.NewFenceContext("", "", StartAt(41), SingleIssuer()))
	i := must(x.l.NewFence(c))
	if n := must(i.Fence().Seqno()); n != 42 {
		t.Error(n)
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
	if v, _ := panicOf(func() { _, _ = x.l.NewFence(x.t.Context()) }); v != ErrForeign {
		t.Error("armed in a timeline's context:", v)
	}
}

// TestCanceledPointsMakeRoom: they aren't swept yet, but when nothing else is free they are.
func TestCanceledPointsMakeRoom(t *testing.T) {
	config := small
	config.Points = 64
	x := newFixture(t, config)
	line := must(x.rt.NewTimeline("", ""))
	x.add(line.At(1000), 7)
	for n := uint64(1); n < 1000; n++ {
		if !x.l.Cancel(x.add(line.At(n), n)) {
			t.Fatal("not canceled")
		}
	}
	var tickets [40]Ticket
	for range 10 {
		var args [40]uint64
		x.want("OnSignalMany", x.l.OnSignalMany(line.At(2000), x.note, args[:2]), nil)
		points := make([]uint64, len(args))
		for k := range points {
			points[k] = 3000
		}
		x.want("OnSignalEach", x.l.OnSignalEach(line, points, x.note, args[:], tickets[:]), nil)
		for _, ticket := range tickets {
			if !x.l.Cancel(ticket) {
				t.Fatal("not canceled")
			}
		}
	}
	x.want("Advance", x.l.Advance(line, 30_000), nil)
	if len(x.ran) != 1+10*2 || x.ran[0] != 7 {
		t.Errorf("ran %v", x.ran)
	}
}
