package fencert

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// soakFor is how long TestSoak works: what FENCERT_SOAK says, else long enough to see that it does.
func soakFor(t *testing.T) time.Duration {
	s := os.Getenv("FENCERT_SOAK")
	if s == "" {
		if testing.Short() {
			return 300 * time.Millisecond
		}
		return time.Second
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		t.Fatalf("FENCERT_SOAK is %q: want a duration such as 30m", s)
	}
	return d
}

// TestSoak works on one runtime for as long as FENCERT_SOAK says: callbacks on fences and points, with a ledger, waits, channels,
// closures, user data, published fences, and Locals, timelines and fence contexts that come and go; other runtimes come and go
// beside it. After each round all is given back and each callback has run once or was canceled, and in the end memory is flat.
func TestSoak(t *testing.T) {
	samples := soak(t, soakFor(t), func() {})
	if err := flat(samples); err != nil {
		t.Error(err)
	}
	last := samples[len(samples)-1]
	t.Logf("%d samples; %d KiB in %d objects, %d KiB resident, %d goroutines", len(samples), last.heap>>10, last.objects, last.resident>>10, last.goroutines)
}

// TestSoakBites: what keeps a little in each round, or loses a goroutine now and then, isn't flat.
func TestSoakBites(t *testing.T) {
	var kept [][]byte
	if flat(soak(t, 300*time.Millisecond, func() { kept = append(kept, make([]byte, 1<<17)) })) == nil {
		t.Error("128 KiB in each round aren't noticed")
	}
	runtime.KeepAlive(kept)
	end := make(chan struct{})
	if flat(soak(t, 300*time.Millisecond, func() { go func() { <-end }() })) == nil {
		t.Error("goroutines that stay aren't noticed")
	}
	close(end)
}

// A soakSample is what the process holds after a round.
type soakSample struct{ heap, objects, resident, goroutines int }

// flat compares the middle of the second quarter with that of the last one: by then everything has been used once.
func flat(samples []soakSample) error {
	n := len(samples)
	if n < 8 {
		return fmt.Errorf("%d samples are too few to judge", n)
	}
	for _, c := range []struct {
		what  string
		of    func(soakSample) int
		bound int
	}{
		{"bytes of heap", func(s soakSample) int { return s.heap }, 256 << 10},
		{"objects", func(s soakSample) int { return s.objects }, 1000},
		{"bytes in memory", func(s soakSample) int { return s.resident }, 16 << 20},
		{"goroutines", func(s soakSample) int { return s.goroutines }, 0},
	} {
		middle := func(part []soakSample) int {
			var all []int
			for _, s := range part {
				all = append(all, c.of(s))
			}
			slices.Sort(all)
			return all[len(all)/2]
		}
		before, after := middle(samples[n/4:n/2]), middle(samples[n-n/4:])
		if after > before+c.bound {
			return fmt.Errorf("%s: %d in the second quarter, %d in the last", c.what, before, after)
		}
	}
	return nil
}

// soak works for some time, calls each after each round, and takes up to a thousand samples. It logs nothing, for a test keeps its log.
func soak(t *testing.T, d time.Duration, each func()) (samples []soakSample) {
	lasting := newSoaked(t)
	samples = make([]soakSample, 0, 1100) // so that it doesn't grow itself
	start := time.Now()
	for round := 0; len(samples) < 8 || time.Since(start) < d; round++ {
		lasting.round()
		if round%4 == 0 {
			other := newSoaked(t)
			other.round()
			other.close()
		}
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
		each()
		if time.Since(start) >= time.Duration(len(samples))*(d/1000) {
			samples = append(samples, takeSample(t))
		}
	}
	lasting.close()
	return samples
}

func takeSample(t *testing.T) soakSample {
	runtime.GC()
	runtime.GC() // what finalizers and cleanups let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return soakSample{int(m.HeapAlloc), int(m.HeapObjects), residentNow(t), runtime.NumGoroutine()}
}

// A soaked runtime has a ledger: what was added has run or was canceled when a round has ended.
type soaked struct {
	t     *testing.T
	rt    *Runtime
	users *Table[userRecord]
	run   Handler

	added, ran, canceled atomic.Int64
}

func newSoaked(t *testing.T) *soaked {
	x := &soaked{t: t}
	x.rt = must(New(Config{Fences: 1 << 12, Callbacks: 1 << 14, Points: 1 << 12, Errors: 64, Waiters: 256}))
	x.users = NewTable(x.rt, func(r *userRecord) { *r = userRecord{} })
	x.run = must(x.rt.Handler(func(*Local, uint64, error) { x.ran.Add(1) }))
	return x
}

func (x *soaked) close() {
	if err := x.rt.Close(); err != nil {
		x.t.Error(err)
	}
}

// round has some goroutines use everything that a runtime has for a while.
func (x *soaked) round() {
	c := must(x.rt.NewFenceContext("soak", "ring", UserData(x.users)))
	line := must(x.rt.NewTimeline("soak", "log", StartAt(1<<40)))
	var wg sync.WaitGroup
	for w := range 2 * runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			s := &soaker{soaked: x, l: x.rt.Local(), c: c, line: line, id: w, r: rand.New(rand.NewPCG(rand.Uint64(), 1))}
			defer s.l.Close()
			steps := 100
			if debugging {
				steps = 20
			}
			for range steps {
				s.step()
			}
		})
	}
	wg.Wait()
	if err := line.Close(nil); err != nil {
		x.t.Error(err)
	}
	if err := line.Flush(x.t.Context()); err != nil {
		x.t.Error(err)
	}
	if _, err := c.Close(nil); err != nil {
		x.t.Error(err)
	}
	if added, ran, canceled := x.added.Load(), x.ran.Load(), x.canceled.Load(); added != ran+canceled || ran == 0 || canceled == 0 {
		x.t.Errorf("%d callbacks were added, %d ran, %d were canceled", added, ran, canceled)
	}
	settled(x.t, x.rt)
}

type soaker struct {
	*soaked
	l    *Local
	c    *FenceContext
	line *Timeline
	id   int
	r    *rand.Rand
}

// note enters in the ledger what became of an add.
func (s *soaker) note(err error, cancel func() bool) {
	if err != nil {
		return
	}
	s.added.Add(1)
	if s.r.IntN(2) == 0 && cancel() {
		s.canceled.Add(1)
	}
}

// step makes one fence, and one point, and uses them in one of the ways.
func (s *soaker) step() {
	i, err := s.l.NewFence(s.c)
	if err != nil {
		s.l.Collect() // its user data waits for a grace period
		return
	}
	f, p := i.Fence(), s.line.At(beyond(s.line.Value(), s.r.Uint64N(100)))
	for _, f := range []Fence{f, p} {
		s.use(f)
	}
	switch s.r.IntN(4) {
	case 0:
		_ = s.l.Drop(i)
	case 1:
		_ = s.l.Signal(i, fmt.Errorf("result of %d", s.id))
		_ = s.l.Drop(i)
	default:
		_ = s.l.Finish(i, errno(1+s.r.IntN(100)))
	}
	_ = s.l.Advance(s.line, beyond(s.line.Value(), s.r.Uint64N(50)))
}

func (s *soaker) use(f Fence) {
	switch s.r.IntN(8) {
	case 0:
		ticket, err := s.l.OnSignal(f, s.run, 1)
		s.note(err, func() bool { return s.l.Cancel(ticket) })
	case 1:
		stop, err := s.l.OnSignalFunc(f, func(error) { s.ran.Add(1) })
		s.note(err, stop)
	case 2:
		if _, stop := f.Done(); s.r.IntN(2) == 0 {
			stop()
		}
	case 3:
		_ = f.WaitTimeout(time.Duration(s.r.IntN(20)) * time.Microsecond)
	case 4:
		_, _ = WaitAny(over, f, s.line.At(s.line.Value()+1))
	case 5:
		if h, err := s.l.Hold(f); err == nil {
			_ = s.l.Release(h)
		}
	case 6:
		if n, err := s.rt.Publish(fmt.Sprint("soak ", s.id), f); err == nil {
			_ = s.rt.UnpublishNumber(n)
		}
	case 7:
		if s.l.Pin() == nil {
			_, _ = s.users.Get(s.l, f)
			s.l.Unpin()
		}
		s.l.Collect()
	}
}
