package epoch

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// stallDomain has a clock that the test moves, and notes what the hook is told.
func stallDomain(t *testing.T, c Config) (d *Domain, id ReclaimerID, now *time.Duration, told *[]Stall) {
	t.Helper()
	now, told = new(time.Duration), new([]Stall)
	c.OnStall = func(s Stall) { *told = append(*told, s) }
	d, id, _ = newDomain(t, c)
	d.stalls.clock = func() time.Duration { return *now }
	return d, id, now, told
}

func wantTold(t *testing.T, told *[]Stall, want ...Stall) {
	t.Helper()
	if len(*told) != len(want) {
		t.Fatalf("told of %+v, want %+v", *told, want)
	}
	for i := range want {
		if (*told)[i] != want[i] {
			t.Fatalf("told of %+v, want %+v", *told, want)
		}
	}
	*told = nil
}

// TestStallIsToldOnce: after StallAfter in the way, by Collect or by a Retire that finds its ring full; again for
// another section; each of several.
func TestStallIsToldOnce(t *testing.T) {
	const bound = 3
	d, id, now, told := stallDomain(t, Config{MaxRetired: bound, StallAfter: time.Second})
	writer, other, reader, second := register(t, d), register(t, d), register(t, d), register(t, d)
	retire(t, other, id, 1, 2)
	reader.Pin()
	retire(t, writer, id, 1, 2, 3)
	collect(writer, 2) // the first step is free; the second finds the reader in the way
	*now = time.Second - 1
	writer.Collect()
	wantTold(t, told)
	*now = time.Second
	if err := writer.Retire(id, 9); !errors.Is(err, ErrGarbageFull) {
		t.Fatal(err)
	}
	wantTold(t, told, Stall{Reader: reader.ID(), Epoch: firstEpoch, For: time.Second, Garbage: bound + 2})
	for range 3 {
		*now += time.Hour
		collect(writer, 2)
		if err := writer.Retire(id, 9); !errors.Is(err, ErrGarbageFull) {
			t.Fatal(err)
		}
	}
	wantTold(t, told)

	reader.Unpin()
	reader.Pin()
	second.Pin()
	if n := collect(writer, 1); n != bound {
		t.Fatalf("%d reclaimed", n)
	}
	retire(t, writer, id, 9) // and it works again
	collect(writer, 3)
	*now += 2 * time.Second
	collect(writer, 3)
	at := uint64(firstEpoch + 1)
	wantTold(t, told,
		Stall{Reader: reader.ID(), Epoch: at, For: 2 * time.Second, Garbage: 1 + 2},
		Stall{Reader: second.ID(), Epoch: at, For: 2 * time.Second, Garbage: 1 + 2})
	reader.Unpin()
	second.Unpin()
	collect(writer, 2)
	*now += time.Hour
	collect(writer, 2)
	wantTold(t, told)
}

// TestStallByWhoWaits: Synchronize and Barrier tell it too, on their goroutine; Elapsed doesn't.
func TestStallByWhoWaits(t *testing.T) {
	var told []Stall // plain: the race detector checks whose goroutine it is
	var reader *Participant
	d, id, _ := newDomain(t, Config{StallAfter: time.Millisecond, OnStall: func(s Stall) {
		told = append(told, s)
		reader.Unpin()
	}})
	reader = register(t, d)
	p := register(t, d)
	for name, wait := range map[string]func() error{
		"Synchronize": func() error { return p.Synchronize(t.Context()) },
		"Barrier":     func() error { retire(t, p, id, 1); return p.Barrier(t.Context()) },
	} {
		reader.Pin()
		s := d.Stamp()
		for end := time.Now().Add(5 * time.Millisecond); time.Now().Before(end); {
			d.Elapsed(s)
		}
		if told != nil {
			t.Fatalf("Elapsed tells of %+v", told)
		}
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		if len(told) != 1 || told[0].Reader != reader.ID() || told[0].For < time.Millisecond {
			t.Errorf("%s: %+v", name, told)
		}
		told = nil
	}
}

// TestStallHookMayCallBack: the participant whose Collect it is told by; and a panic of it loses nothing.
func TestStallHookMayCallBack(t *testing.T) {
	d, id, now, _ := stallDomain(t, Config{})
	p, reader := register(t, d), register(t, d)
	calls := 0
	d.stalls.hook = func(Stall) {
		calls++
		p.Collect()
		retire(t, p, id, 2)
		panic("told")
	}
	reader.Pin()
	retire(t, p, id, 1)
	collect(p, 2)
	*now = time.Hour
	if v := panicOf(func() { p.Collect() }); v != "told" || calls != 1 {
		t.Fatalf("%v came out of Collect, %d calls", v, calls)
	}
	reader.Unpin()
	if n := collect(p, 3); n != 2 {
		t.Fatalf("%d of 2 reclaimed", n)
	}
}

// TestStressStalls: many look at once while readers stall; each section is told of at most once, and each that lasts is.
func TestStressStalls(t *testing.T) {
	type section struct {
		reader int
		epoch  uint64
	}
	var mu sync.Mutex
	told := map[section]int{}
	d, _, _ := newDomain(t, Config{StallAfter: time.Nanosecond, OnStall: func(s Stall) {
		mu.Lock()
		defer mu.Unlock()
		told[section{s.Reader, s.Epoch}]++
	}})
	id := reclaimer(t, d, func(uint64) {})
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			p := register(t, d)
			for !stop.Load() {
				_ = p.Retire(id, 1)
				p.Collect()
			}
		})
	}
	reader := register(t, d)
	const rounds = 5
	for range rounds {
		reader.Pin()
		at := reader.s.word.Load() >> 1
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Microsecond) {
			mu.Lock()
			n := told[section{reader.ID(), at}]
			mu.Unlock()
			if n > 0 {
				break
			}
			if time.Now().After(end) {
				t.Fatal("nobody was told")
			}
		}
		reader.Unpin()
	}
	stop.Store(true)
	wg.Wait()
	for s, n := range told {
		if n != 1 || s.reader != reader.ID() {
			t.Errorf("told %d times of %+v", n, s)
		}
	}
	if len(told) != rounds {
		t.Errorf("told of %d sections, want %d", len(told), rounds)
	}
}
