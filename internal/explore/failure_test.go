//go:build explore

package explore

import (
	"slices"
	"strings"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
)

// lossy loses an add, among much that has nothing to do with it.
func lossy(s *Scenario) {
	var n atomicx.Uint64
	var noise [3]atomicx.Uint64
	for i := range noise {
		s.Thread("noise", func() { noise[i].Add(1); noise[i].Add(1); noise[i].Add(1) })
	}
	for _, name := range []string{"d", "e"} {
		s.Thread(name, func() { n.Store(n.Load() + 1) })
	}
	Name(s, &n, "n")
	s.Finally(func() { Assert(n.Load() == 2, "lost: %d", n.Load()) })
}

// TestFailureIsShortened: what a random schedule found becomes the fewest switches, with one thread interrupted once.
func TestFailureIsShortened(t *testing.T) {
	for seed := range uint64(20) {
		o := Options{Mode: Random, Seed: seed}
		f := Search(o, lossy).Failure
		if f == nil {
			t.Fatalf("seed %d: not found", seed)
		}
		schedule, err := parseTrace(f.Trace)
		if stays := len(split(schedule)); err != nil || stays != 6 { // each thread's, and one of d and e twice
			t.Errorf("seed %d: %s, from %s", seed, f.Trace, f.Found)
		}
		o.KeepSchedule = true
		if kept := Search(o, lossy).Failure; kept.Trace != f.Found || kept.Found != kept.Trace {
			t.Errorf("seed %d: found %s, kept as %s", seed, f.Found, kept.Trace)
		}
		if again := Search(Options{Replay: f.Found}, lossy).Failure; again == nil || again.Trace != f.Found {
			t.Errorf("seed %d: %s replayed: %v", seed, f.Found, again)
		}
	}
}

// TestShorteningKeepsTheReason: a shorter schedule that fails otherwise is another failure.
func TestShorteningKeepsTheReason(t *testing.T) {
	found := map[string]bool{}
	for seed := range uint64(30) {
		f := Search(Options{Mode: Random, Seed: seed}, func(s *Scenario) {
			var n, m atomicx.Uint32
			threads(s, 2, func(i int) {
				n.Add(1)
				Assert(i == 0 || n.Load() != 1, "b was first")
				m.Add(1)
				Assert(i == 1 || m.Load() != 2 || n.Load() != 2, "a was last")
			})
		}).Failure
		found[f.Reason] = true
	}
	if len(found) != 2 {
		t.Errorf("found %v", found)
	}
}

// TestTable is what a failure looks like.
func TestTable(t *testing.T) {
	f := Search(Options{Preemptions: 1}, func(s *Scenario) {
		var n, flag atomicx.Uint64
		var p atomicx.Pointer[int]
		s.Thread("one", func() { n.CompareAndSwap(0, 7); n.CompareAndSwap(0, 1<<40); p.Store(new(int)); flag.Load() })
		s.Thread("two", func() {
			atomicx.StoreRelease64(&n, ^uint64(0))
			Assert(p.CompareAndSwap(nil, nil) || Choose(2) == 0, "no")
		})
		Name(s, &n, "count")
	}).Failure
	want := `
      one                    two
   1  start
   2  cas count 0 > 7
   3  cas count is 7, not 0
   4  store w0 = p0
   5  load w1 = 0
   6                         start
   7                         store count = -1
   8                         cas w0 is p0, not nil
   9                         pick = 1
`
	var got strings.Builder
	for line := range strings.Lines(f.Log) {
		line, _, _ = strings.Cut(line, "  explore/failure_test.go:")
		got.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	if "\n"+got.String() != want || strings.Count(f.Log, "explore/failure_test.go:") != 7 {
		t.Errorf("%s\n%s", f.Log, f.Trace)
	}
}

// TestTableOfBuffersAndClock: their steps stand in the column of their thread, and in one of its own.
func TestTableOfBuffersAndClock(t *testing.T) {
	f := Search(Options{StoreBuffers: true}, func(s *Scenario) {
		var x atomicx.Uint64
		s.Thread("one", func() {
			atomicx.StoreRelease64(&x, 5)
			atomicx.Sleep(1)
			Assert(x.Load() != 5, "five")
		})
	}).Failure
	for _, want := range []string{"one             clock", "release w0 = 5", "[flush w0 = 5]", "tick", "sleep", "load w0 = 5"} {
		if !strings.Contains(f.Log, want) {
			t.Errorf("no %q in\n%s", want, f.Log)
		}
	}
}

func TestTraces(t *testing.T) {
	schedule := []step{0, 0, firstBuffer, firstBuffer + 1, firstBuffer + 1, agents + 3, agents + 3, agents, theClock, 7}
	s := trace(schedule)
	if want := "0x2.b0x1.b1x2.=3.=3.=0.tx1.7x1"; s != want {
		t.Errorf("%s, want %s", s, want)
	}
	if back, err := parseTrace(s); err != nil || !slices.Equal(back, schedule) {
		t.Errorf("%v, %v", back, err)
	}
}

// TestFailureThatDoesNotRepeat is reported as such.
func TestFailureThatDoesNotRepeat(t *testing.T) {
	runs := 0
	f := Search(Options{Preemptions: 1}, func(s *Scenario) {
		runs++
		bad := runs == 3
		threads(s, 2, func(int) {
			var w atomicx.Uint32
			w.Load()
			Assert(!bad, "only once")
		})
	}).Failure
	if f == nil || !strings.Contains(f.Reason, "isn't deterministic") {
		t.Errorf("%v", f)
	}
}

func TestFlags(t *testing.T) {
	*replayFlag, *seedFlag = "0x1", 7
	defer func() { *replayFlag, *seedFlag, *randomFlag = "", 0, 0 }()
	if o := (Options{Preemptions: 2}).asked(); o.Replay != "0x1" || o.Seed != 7 || o.Preemptions != 2 || o.Mode != Bounded {
		t.Errorf("%+v", o)
	}
	*randomFlag = 55
	if o := (Options{Mode: Exhaustive}).asked(); o.Mode != Random || o.MaxSchedules != 55 {
		t.Errorf("%+v", o)
	}
	t.Setenv(ReplayVariable, "1x1")
	*replayFlag = ""
	if o := (Options{}).asked(); o.Replay != "1x1" {
		t.Errorf("%+v", o)
	}
}
