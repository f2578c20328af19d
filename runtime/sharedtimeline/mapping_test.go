package sharedtimeline

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	fencert "github.com/fencert/fencert/runtime"
)

// TestSharedValue: what one Mapping's Writer advances, all others see.
func TestSharedValue(t *testing.T) {
	m, path := created(t, 40)
	w := must(m.Claim())
	other := opened(t, path)
	reader := must(OpenReadOnly(path))
	closing(t, reader)
	for _, x := range []*Mapping{m, other, reader} {
		if v, err := x.Value(); v != 40 || err != nil {
			t.Errorf("value %d, %v", v, err)
		}
		if !x.Signaled(40) || x.Signaled(41) {
			t.Error("40 is signaled, 41 isn't")
		}
	}
	if n := must(w.Next()); n != 41 {
		t.Errorf("the first number is %d", n)
	}
	if n := must(w.NextN(9)); n != 42 {
		t.Errorf("the next nine begin at %d", n)
	}
	wantErr(t, "Advance", w.Advance(1<<40), nil)
	wantErr(t, "Advance again", w.Advance(1<<40), fencert.ErrSignaled)
	wantErr(t, "Advance back", w.Advance(50), fencert.ErrSignaled)
	for _, x := range []*Mapping{m, other, reader} {
		if v, err := x.Value(); v != 1<<40 || err != nil || !x.Signaled(1<<40) || x.Signaled(1<<40+1) {
			t.Errorf("value %d, %v", v, err)
		}
	}
	if n := must(w.Next()); n != 51 {
		t.Errorf("numbers follow the value: %d", n)
	}
	wantErr(t, "beyond", w.Advance(fencert.MaxPoint+1), fencert.ErrRange)
	wantErr(t, "the end", w.Advance(fencert.MaxPoint), nil)
	_, err := w.NextN(0)
	wantErr(t, "NextN(0)", err, fencert.ErrRange)
	_, err = w.NextN(fencert.MaxPoint)
	wantErr(t, "too many", err, fencert.ErrRange)
}

// TestStartsAtTheEnd: the last value is one, and there is none above it.
func TestStartsAtTheEnd(t *testing.T) {
	needed(t)
	path := filepath.Join(t.TempDir(), "timeline")
	_, err := Create(path, 0o600, fencert.MaxPoint+1)
	wantErr(t, "Create", err, fencert.ErrRange)
	m, err := Create(path, 0o600, fencert.MaxPoint)
	wantErr(t, "Create", err, nil)
	made := []*Mapping{m}
	if _, err := New("end", fencert.MaxPoint+1); !errors.Is(err, fencert.ErrRange) {
		t.Errorf("New: %v", err)
	}
	switch m, err := New("end", fencert.MaxPoint); {
	case err == nil:
		made = append(made, m)
	case !errors.Is(err, ErrUnsupported): // not on every system
		t.Errorf("New: %v", err)
	}
	for _, m := range made {
		closing(t, m)
		if v, err := m.Value(); v != fencert.MaxPoint || err != nil {
			t.Errorf("value %d, %v", v, err)
		}
		_, err := must(m.Claim()).Next()
		wantErr(t, "Next", err, fencert.ErrRange)
	}
}

// TestOneWriter: there is one at a time, and the next one's numbers go on behind.
func TestOneWriter(t *testing.T) {
	m, path := created(t, 0)
	other := opened(t, path)
	w := must(m.Claim())
	for _, x := range []*Mapping{m, other} {
		if _, err := x.Claim(); !errors.Is(err, ErrHeld) {
			t.Fatal("the second one:", err)
		}
	}
	must(w.NextN(7))
	wantErr(t, "Advance", w.Advance(4), nil)
	if from, to := w.Abandoned(); from != 0 || to != 0 {
		t.Error("nothing was abandoned", from, to)
	}
	short, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	_, err := other.WaitClaim(short)
	wantErr(t, "WaitClaim", err, context.DeadlineExceeded)
	wantErr(t, "Close", w.Close(), nil)
	wantErr(t, "Close again", w.Close(), ErrClosed)
	wantErr(t, "Advance of a closed one", w.Advance(9), ErrClosed)
	_, err = w.Next()
	wantErr(t, "Next of a closed one", err, ErrClosed)
	next := must(other.WaitClaim(limited(t)))
	if from, to := next.Abandoned(); from != 5 || to != 7 {
		t.Error("5 to 7 were issued and not reached:", from, to)
	}
	if n := must(next.Next()); n != 8 {
		t.Error("it issues", n)
	}
	i := must(m.Info())
	if i.Value != 4 || i.Issued != 8 || i.Writers != 2 || i.Process != os.Getpid() || i.HeldKnown && !i.Held || time.Since(i.Claimed) > time.Hour {
		t.Errorf("%+v", i)
	}
	_ = other.Close() // and its Writer with it
	wantErr(t, "Advance", next.Advance(10), ErrClosed)
	must(m.Claim())
	reader := must(OpenReadOnly(path))
	closing(t, reader)
	_, err = reader.Claim()
	wantErr(t, "read only", err, ErrReadOnly)
}

// ways to wait for a file, by name.
var ways = map[string]struct {
	open     func(path string) (*Mapping, error)
	strategy fencert.Strategy
}{
	"parked":    {Open, fencert.Park},
	"adaptive":  {Open, fencert.SpinThenPark},
	"spinning":  {Open, fencert.Spin},
	"read only": {OpenReadOnly, fencert.SpinThenPark},
}

// TestSharedWait: a wait ends by its point, its context, or Close.
func TestSharedWait(t *testing.T) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			m, path := created(t, 0)
			w := must(m.Claim())
			x := must(way.open(path))
			closing(t, x)
			wait := func(ctx context.Context, n uint64) <-chan error {
				ended := make(chan error, 1)
				go func() { ended <- x.WaitWith(ctx, n, way.strategy) }()
				return ended
			}
			a, b := wait(limited(t), 5), wait(limited(t), 6)
			time.Sleep(3 * time.Millisecond)
			wantErr(t, "Advance", w.Advance(5), nil)
			wantErr(t, "reached", <-a, nil)
			select {
			case err := <-b:
				t.Error("6 isn't reached:", err)
			default:
			}
			ctx, cancel := context.WithCancelCause(context.Background())
			cause := errors.New("cause")
			c := wait(ctx, 7)
			time.Sleep(3 * time.Millisecond)
			cancel(cause)
			wantErr(t, "canceled", <-c, cause)
			wantErr(t, "signaled wins", <-wait(ctx, 5), nil)
			late, cancelLate := context.WithTimeout(context.Background(), 3*time.Millisecond)
			defer cancelLate()
			wantErr(t, "late", <-wait(late, 7), context.DeadlineExceeded)
			wantErr(t, "Advance", w.Advance(6), nil)
			wantErr(t, "reached", <-b, nil)
			d := wait(limited(t), 8)
			time.Sleep(3 * time.Millisecond)
			wantErr(t, "Close", x.Close(), nil)
			wantErr(t, "closed", <-d, ErrClosed)
			wantErr(t, "closed before", <-wait(limited(t), 8), ErrClosed)
			wantErr(t, "reached before", <-wait(limited(t), 5), nil)
			wantErr(t, "range", <-wait(limited(t), 1<<63), fencert.ErrRange)
			if !x.Signaled(6) || x.Signaled(8) {
				t.Error("what was reached stays so after Close, no more")
			}
			_, err := x.Value()
			wantErr(t, "Value", err, ErrClosed)
			_, err = x.Info()
			wantErr(t, "Info", err, ErrClosed)
			_, err = x.Claim()
			wantErr(t, "Claim", err, ErrClosed)
			wantErr(t, "Guard", x.Guard(func(View) error { return nil }), ErrClosed)
			wantErr(t, "Close", x.Close(), ErrClosed)
		})
	}
}

// TestLookerWaits: the way of systems without a futex works as well.
func TestLookerWaits(t *testing.T) {
	m, path := created(t, 0)
	w := must(m.Claim())
	x := opened(t, path)
	x.line.os = looker{}
	var waiting sync.WaitGroup
	for n := range uint64(4) {
		waiting.Go(func() { wantErr(t, "Wait", x.WaitWith(limited(t), 2*n+1, fencert.Park), nil) })
	}
	for n := range uint64(8) {
		time.Sleep(time.Millisecond)
		wantErr(t, "Advance", w.Advance(n+1), nil)
	}
	waiting.Wait()
	if late, err := (looker{}).sleep(&x.line.h.turn, x.line.h.turn.Load(), time.Millisecond); !late || err != nil {
		t.Error(late, err)
	}
}

// TestWakeOnlyWhoIsDue: an advance that reaches nobody's point costs no wake-up, and one that does takes the wish away.
func TestWakeOnlyWhoIsDue(t *testing.T) {
	m, _ := created(t, 0)
	w := must(m.Claim())
	turn := m.line.h.turn.Load()
	m.line.announce(10)
	for n := range uint64(9) {
		wantErr(t, "Advance", w.Advance(n+1), nil)
	}
	if got := m.line.h.turn.Load(); got != turn {
		t.Error("nobody was due, and", got-turn, "wake-ups were made")
	}
	// Who wished for 10 is dead.
	for n := range uint64(9) {
		wantErr(t, "Advance", w.Advance(n+10), nil)
	}
	if got := m.line.h.turn.Load(); got != turn+1 {
		t.Error("one was due, and", got-turn, "wake-ups were made")
	}
	if i := must(m.Info()); i.WantedKnown {
		t.Error("nobody waits", i.Wanted)
	}
}

// TestMemoryWithoutName can't be cut, and is shared by a descriptor.
func TestMemoryWithoutName(t *testing.T) {
	needed(t)
	m, err := New("line", 3)
	if errors.Is(err, ErrUnsupported) {
		t.Skip("only Linux has it, as ErrUnsupported says")
	}
	if err != nil {
		t.Fatal(err)
	}
	closing(t, m)
	f := must(m.File())
	defer f.Close()
	if err := f.Truncate(0); err == nil {
		t.Error("it was cut")
	}
	x := must(OpenFile(f, false))
	closing(t, x)
	w := must(m.Claim())
	_, err = x.Claim()
	wantErr(t, "Claim by the other", err, ErrHeld)
	wantErr(t, "Advance", w.Advance(4), nil)
	if !m.Steady() || !x.Steady() || !x.Signaled(4) || x.Signaled(5) {
		t.Error("steady", m.Steady(), x.Steady())
	}
	if n := testing.AllocsPerRun(100, func() { x.Signaled(4); x.Signaled(5); _, _ = x.Value() }); n != 0 {
		t.Error(n, "allocations in a poll")
	}
	next := uint64(4)
	if n := testing.AllocsPerRun(100, func() { next++; _ = w.Advance(next); _, _ = w.Next() }); n != 0 {
		t.Error(n, "allocations in an advance")
	}
	reader := must(OpenFile(f, true))
	closing(t, reader)
	if !reader.ReadOnly() || reader.Path() != f.Name() {
		t.Error(reader.Path())
	}
}

// TestGuard: a View polls, errors come out, other panics go on.
func TestGuard(t *testing.T) {
	m, _ := created(t, 7)
	some := errors.New("some")
	wantErr(t, "Guard", m.Guard(func(v View) error {
		if v.Value() != 7 || !v.Signaled(7) || v.Signaled(8) {
			t.Error(v.Value())
		}
		return some
	}), some)
	defer func() {
		if p := recover(); p != "mine" {
			t.Error("panic", p)
		}
	}()
	_ = m.Guard(func(View) error { panic("mine") })
}

// TestCreateIsWhole: what is there isn't replaced, and nothing is left behind.
func TestCreateIsWhole(t *testing.T) {
	m, path := created(t, 5)
	_, err := Create(path, 0o600, 9)
	wantErr(t, "Create", err, fs.ErrExist)
	if v := must(m.Value()); v != 5 {
		t.Error("it was replaced", v)
	}
	if all := must(os.ReadDir(filepath.Dir(path))); len(all) != 1 {
		t.Error("left behind:", all)
	}
	_, err = Create(path+"2", 0o600, 1<<63)
	wantErr(t, "Create", err, fencert.ErrRange)
	if mode := must(os.Stat(path)).Mode(); mode != 0o600 {
		t.Error("mode", mode)
	}
}
