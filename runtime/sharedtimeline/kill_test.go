package sharedtimeline

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	fencert "github.com/fencert/fencert/runtime"

	"github.com/fencert/fencert/internal/atomicx"
)

// killsVariable says how many writers TestWriterIsKilled kills.
const killsVariable = "FENCERT_SHARED_KILLS"

// stride is between two values that a test's writer publishes: both halves of the word change, so a torn value shows.
const stride = 1<<32 + 7

// A journal is what a writer says of itself, in a file that outlives it: what it is about to publish, and what it has published.
type journal struct{ m *Mapping }

func openJournal(path string) journal { return journal{must(Open(path))} }

func (j journal) intends() *atomicx.Uint64 { return &j.m.line.h.value }
func (j journal) did() *atomicx.Uint64     { return &j.m.line.h.issued }

// writerRole writes until it is killed: "writer file journal".
func writerRole(a []string) error {
	m, err := Open(a[0])
	if err != nil {
		return err
	}
	j := openJournal(a[1])
	w, err := m.WaitClaim(context.Background())
	if err != nil {
		return err
	}
	v, err := m.Value()
	if err != nil {
		return err
	}
	// Where its predecessor died, it goes on.
	if did, intended := j.did().Load(), j.intends().Load(); v != did && v != intended {
		return fmt.Errorf("it begins at %d; %d was published, %d was about to be", v, did, intended)
	}
	from, to := w.Abandoned()
	n, err := w.Next()
	if err != nil || n <= v || n <= to || from != 0 && from != v+1 {
		return fmt.Errorf("it issues %d after %d, %d to %d: %w", n, v, from, to, err)
	}
	fmt.Println("writes")
	for {
		v += stride
		j.intends().Store(v)
		if err := w.Advance(v); err != nil {
			return err
		}
		j.did().Store(v)
	}
}

// TestWriterIsKilled at any moment of an advance: what waits here sees values that were published, in order, and the next
// writer goes on from the last one.
func TestWriterIsKilled(t *testing.T) {
	kills := 200
	if testing.Short() {
		kills = 40
	}
	if s := os.Getenv(killsVariable); s != "" {
		kills = int(number(s))
	}
	m, path := created(t, 0)
	journalPath := filepath.Join(t.TempDir(), "journal")
	closing(t, must(Create(journalPath, 0o600, 0)))
	j := openJournal(journalPath)
	closing(t, j.m)

	// Three that wait: one sleeps for the next value, again and again; a local timeline has a callback on each; one reads only.
	var seen, ran atomic.Uint64
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 2)
	watch := func(x *Mapping, s fencert.Strategy) {
		for last := uint64(0); ; {
			if err := x.WaitWith(ctx, last+1, s); err != nil {
				if ctx.Err() != nil {
					err = nil
				}
				ended <- err
				return
			}
			v, err := x.Value()
			if err != nil || v <= last || v%stride != 0 {
				ended <- fmt.Errorf("%d after %d, %w", v, last, err)
				return
			}
			last = v
			seen.Add(1)
		}
	}
	reader := must(OpenReadOnly(path))
	closing(t, reader)
	go watch(opened(t, path), fencert.Park)
	go watch(reader, fencert.Park)
	rt, line := localLine(t)
	var next func(l *fencert.Local, arg uint64, err error)
	handler := must(rt.Handler(func(l *fencert.Local, arg uint64, err error) { next(l, arg, err) }))
	next = func(l *fencert.Local, arg uint64, err error) {
		if err != nil {
			return // the end
		}
		ran.Add(1)
		if v := line.Value(); v < arg || v%stride != 0 {
			t.Errorf("the callback of %d ran at %d", arg, v)
		}
		_, _ = l.OnSignal(line.At(max(arg, line.Value())+1), handler, line.Value()+1)
	}
	must(rt.OnSignal(line.At(1), handler, 1))
	f := must(m.Follow(line, fencert.Park))

	var last uint64
	random := rand.New(rand.NewPCG(1, 2))
	for kill := range kills {
		p := start(t, nil, "writer", path, journalPath)
		if said := p.line(); said != "writes" {
			t.Fatal(said)
		}
		time.Sleep(time.Duration(random.IntN(500)) * time.Microsecond)
		p.kill()
		v, err := m.Value()
		did, intended := j.did().Load(), j.intends().Load()
		if err != nil || v < last || v%stride != 0 || v != did && v != intended {
			t.Fatalf("kill %d: at %d after %d; %d was published, %d was about to be; %v", kill, v, last, did, intended, err)
		}
		last = v
	}
	// All come to see the last value, though its writer may have died before it woke anybody.
	if err := line.Wait(limited(t), last); err != nil {
		t.Error(err)
	}
	f.Stop()
	if line.Value() != last || f.Err() != nil {
		t.Error(line.Value(), f.Err())
	}
	cancel()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	i := must(m.Info())
	if i.Writers != uint64(kills) || i.Held {
		t.Errorf("%+v", i)
	}
	t.Logf("%d kills at value %d; %d values were seen by two, %d callbacks ran", kills, last/stride, seen.Load(), ran.Load())
}

// TestNobodyComes after a writer that died between the value and the wake-up: who sleeps finds the value by itself.
func TestNobodyComes(t *testing.T) {
	m, path := created(t, 0)
	x := opened(t, path)
	for n := range uint64(3) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		ended := make(chan error, 1)
		go func() { ended <- x.WaitWith(ctx, n+1, fencert.Park) }()
		time.Sleep(2 * time.Millisecond)
		wantErr(t, "raise", m.line.raise(n+1), nil)
		if n == 2 {
			m.line.due(n + 1) // it died one step later
		}
		err := <-ended
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// sleeperRole sleeps for points that don't come, with several goroutines, until it is killed: "sleeper file first count".
func sleeperRole(a []string) error {
	m, err := Open(a[0])
	if err != nil {
		return err
	}
	first, count := number(a[1]), int(number(a[2]))
	for k := range count {
		go func() { fmt.Println(m.WaitWith(context.Background(), first+uint64(k), fencert.Park)) }()
	}
	for {
		if i, err := m.Info(); err != nil || i.Sleepers < 0 || i.Sleepers >= count {
			fmt.Println("sleeps")
			select {}
		}
		time.Sleep(time.Millisecond)
	}
}

// TestSleepersAreKilled: nothing is left of them but one wish, which costs one wake-up.
func TestSleepersAreKilled(t *testing.T) {
	m, path := created(t, 0)
	w := must(m.Claim())
	before := must(os.ReadFile(path))
	for round := range 5 {
		p := start(t, nil, "sleeper", path, strconv.Itoa(100+round), 3)
		if said := p.line(); said != "sleeps" {
			t.Fatal(said)
		}
		p.kill()
		if i := must(m.Info()); i.Sleepers > 0 {
			t.Error(i.Sleepers, "of the dead sleep")
		}
	}
	turn := m.line.h.turn.Load()
	for n := range uint64(200) {
		wantErr(t, "Advance", w.Advance(n+1), nil)
	}
	if got := m.line.h.turn.Load() - turn; got != 1 {
		t.Error(got, "wake-ups for those that died")
	}
	wantErr(t, "Close", w.Close(), nil)
	after := must(os.ReadFile(path))
	if len(after) != len(before) || string(after[256:264]) != string(before[256:264]) {
		t.Error("they left something")
	}
}

// TestTakeover: a process that waits for the writer's end gets the lock, its numbers go on behind, and who sleeps here is served.
func TestTakeover(t *testing.T) {
	m, path := created(t, 0)
	journalPath := filepath.Join(t.TempDir(), "journal")
	closing(t, must(Create(journalPath, 0o600, 0)))
	first := start(t, nil, "writer", path, journalPath)
	if said := first.line(); said != "writes" {
		t.Fatal(said)
	}
	_, err := m.Claim()
	wantErr(t, "Claim while it writes", err, ErrHeld)
	if i := must(m.Info()); i.HeldKnown && !i.Held || i.Process != first.c.Process.Pid {
		t.Errorf("%+v", i)
	}
	got := make(chan *Writer, 1)
	go func() { got <- must(m.WaitClaim(limited(t))) }()
	time.Sleep(2 * time.Millisecond)
	first.kill()
	w := <-got
	v := must(m.Value())
	if n := must(w.Next()); n <= v || n <= w.to {
		t.Error("it issues", n, "at", v)
	}
	x := opened(t, path)
	ended := make(chan error, 1)
	go func() { ended <- x.Wait(limited(t), v+1) }()
	wantErr(t, "Advance", w.Advance(v+1), nil)
	wantErr(t, "Wait", <-ended, nil)
}
