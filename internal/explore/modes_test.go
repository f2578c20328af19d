//go:build explore

package explore

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
)

// full is how many schedules of a search were not given up.
func full(r Report) int { return r.Schedules - r.Pruned }

// threads adds one that runs body with its number, n times.
func threads(s *Scenario, n int, body func(i int)) {
	for i := range n {
		s.Thread(string(rune('a'+i)), func() { body(i) })
	}
}

func pauseAndWrites(writer int) func(*Scenario) {
	return func(s *Scenario) {
		var w atomicx.Uint64
		threads(s, 2, func(i int) {
			if i == writer {
				w.Store(1)
				w.Store(1)
			} else {
				w.Load()
				atomicx.Pause(1)
			}
		})
	}
}

// TestCounts knows how many schedules there are, and how many that differ.
func TestCounts(t *testing.T) {
	for _, c := range []struct {
		name           string
		all, different int
		scenario       func(*Scenario)
	}{
		{"words of their own", 70, 1, func(s *Scenario) { // 8!/(4! 4!), the start is a step
			var w [2]atomicx.Uint64
			threads(s, 2, func(i int) { w[i].Store(1); w[i].Load(); w[i].Add(1) })
		}},
		{"readers of one word", 70, 1, func(s *Scenario) {
			var w atomicx.Uint64
			threads(s, 2, func(int) { w.Load(); w.Load(); w.Load() })
		}},
		{"writers of one word", 20, 6, func(s *Scenario) { // 6!/(3! 3!); 4!/(2! 2!)
			var w atomicx.Uint64
			threads(s, 2, func(int) { w.Store(1); w.Store(1) })
		}},
		{"compare and swap counts as a write", 6, 2, func(s *Scenario) {
			var w atomicx.Uint64
			threads(s, 2, func(int) { w.CompareAndSwap(7, 8) })
		}},
		{"two writes and a pause", 16, 5, pauseAndWrites(0)}, // 6!/(3! 3!), less 4 with the pause before both
		{"a pause and two writes", 16, 5, pauseAndWrites(1)},
		{"a writer and two readers", 90, 4, func(s *Scenario) { // 6!/(2! 2! 2!); each reader before or after
			var w atomicx.Uint64
			threads(s, 3, func(i int) {
				if i == 0 {
					w.Store(1)
				} else {
					w.Load()
				}
			})
		}},
		{"message passing", 20, 3, func(s *Scenario) { // to see the flag and then not the data can't be
			var data, flag atomicx.Uint64
			threads(s, 2, func(i int) {
				if i == 0 {
					data.Store(1)
					flag.Store(1)
				} else {
					flag.Load()
					data.Load()
				}
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Search(Options{Preemptions: -1}, c.scenario)
			if want := c.different; !r.Complete || r.Schedules != c.all || r.Behaviours != want {
				t.Errorf("all: %v, want %d schedules, %d behaviours", &r, c.all, want)
			}
			x := Search(Options{Mode: Exhaustive}, c.scenario)
			if !x.Complete || full(x) != r.Behaviours || x.Behaviours != r.Behaviours {
				t.Errorf("with sleep sets: %v, want %d", &x, r.Behaviours)
			}
		})
	}
}

// A program is a few operations for each of a few threads, drawn at random.
type program [][]func(w []atomicx.Uint64) uint64

func randomProgram(d *rand.Rand, buffered bool) program {
	p := make(program, 2+d.IntN(2))
	for i := range p {
		for range 2 + d.IntN(5-len(p)) {
			k, v, kind := d.IntN(2), d.Uint64N(3), d.IntN(8)
			p[i] = append(p[i], func(w []atomicx.Uint64) uint64 {
				switch x := &w[k]; {
				case kind <= 2:
					return x.Load()
				case kind == 3 && !buffered:
					x.Store(v)
				case kind <= 4:
					atomicx.StoreRelease64(x, v)
				case kind == 5:
					return x.Add(v)
				case kind == 6 && buffered && k == 0:
					atomicx.Membarrier()
				default:
					if x.CompareAndSwap(v, v+1) {
						return 1
					}
				}
				return 0
			})
		}
	}
	return p
}

// outcomes searches and collects what the program's operations answered, and what it left.
func outcomes(o Options, p program) (Report, []string) {
	seen := map[string]bool{}
	r := Search(o, func(s *Scenario) {
		w := make([]atomicx.Uint64, 2)
		answers := make([]string, len(p))
		threads(s, len(p), func(i int) {
			for _, f := range p[i] {
				answers[i] += fmt.Sprint(f(w), " ")
			}
		})
		s.Finally(func() { seen[fmt.Sprint(answers, w[0].Load(), w[1].Load())] = true })
	})
	return r, slices.Sorted(maps.Keys(seen))
}

// TestSleepSetsLoseNothing compares with all schedules, for random programs: the same outcomes, the same behaviours,
// each of them once.
func TestSleepSetsLoseNothing(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	const programs = 80
	compared, fewer := 0, 0
	for range programs {
		buffered := d.IntN(2) == 0
		p := randomProgram(d, buffered)
		all, want := outcomes(Options{Preemptions: -1, StoreBuffers: buffered, MaxSchedules: 4_000}, p)
		if !all.Complete {
			continue
		}
		compared++
		some, got := outcomes(Options{Mode: Exhaustive, StoreBuffers: buffered}, p)
		if !some.Complete || full(some) != some.Behaviours || some.Behaviours != all.Behaviours || !slices.Equal(got, want) {
			t.Fatalf("all: %v\n%v\nwith sleep sets: %v\n%v", &all, want, &some, got)
		}
		if some.Schedules < all.Schedules/2 {
			fewer++
		}
	}
	t.Logf("%d of %d programs compared; with less than half of the schedules: %d", compared, programs, fewer)
	if compared < programs/3 || fewer < programs/3 {
		t.Error("too few to say anything")
	}
}

func TestBoundAndSleepSetsAreRefused(t *testing.T) {
	r := Search(Options{Mode: Exhaustive, Preemptions: 2}, func(s *Scenario) { s.Thread("a", func() {}) })
	if r.Failure == nil || r.Complete || !strings.Contains(r.Failure.Reason, "Exhaustive") {
		t.Errorf("%+v", r)
	}
	if r := Search(Options{Mode: 99}, func(*Scenario) {}); r.Failure == nil {
		t.Error("a mode that there isn't")
	}
}

// TestPlainVariablesNeedBounded is rule S3: sleep sets don't see a plain variable, and see a Cell.
func TestPlainVariablesNeedBounded(t *testing.T) {
	plain := func(s *Scenario) {
		var words [2]atomicx.Uint64
		first := -1
		threads(s, 2, func(i int) {
			words[i].Store(1)
			if first < 0 {
				first = i
			}
		})
		s.Finally(func() { Assert(first == 0, "b was first") })
	}
	mustFail(t, Options{}, "b was first", plain)
	if r := Search(Options{Mode: Exhaustive}, plain); r.Failure != nil {
		t.Errorf("rule S3 can be dropped: %v", r.Failure)
	}
	mustFail(t, Options{Mode: Exhaustive}, "data race", func(s *Scenario) {
		var words [2]atomicx.Uint64
		var first atomicx.Cell[int]
		threads(s, 2, func(i int) { words[i].Store(1); first.Set(i) })
	})
}

// TestKnownFaultsInEachMode: what Bounded finds, the others find.
func TestKnownFaultsInEachMode(t *testing.T) {
	for _, o := range []Options{
		{Preemptions: 2}, {Mode: Exhaustive}, {Mode: Random},
		{Mode: Exhaustive, StoreBuffers: true}, {Mode: Random, StoreBuffers: true},
	} {
		mustFail(t, o, "lost update", func(s *Scenario) {
			increments(s, 2, func(n *atomicx.Uint64) { n.Store(n.Load() + 1) })
		})
		mustFail(t, o, "two owners", abaScenario(false))
		mustFail(t, o, "data race", func(s *Scenario) { publication(s, false) })
		mustFail(t, o, "wake-up was lost", func(s *Scenario) { wakeUp(s, false) })
		mustFail(t, o, "no thread can go on", func(s *Scenario) {
			var flag, other atomicx.Uint32
			s.Thread("spinner", func() {
				for flag.Load() == 0 {
					atomicx.Pause(1)
				}
			})
			s.Thread("writer", func() { other.Store(1) })
		})
	}
}

// TestGoodCodeInEachMode: and none finds what isn't there.
func TestGoodCodeInEachMode(t *testing.T) {
	for _, o := range []Options{{Mode: Exhaustive}, {Mode: Random, MaxSchedules: 2_000}, {Mode: Exhaustive, StoreBuffers: true}} {
		Test(t, o, abaScenario(true))
		Test(t, o, func(s *Scenario) { publication(s, true) })
		Test(t, o, func(s *Scenario) { wakeUp(s, true) })
	}
}

func TestRandomIsASample(t *testing.T) {
	scenario := func(s *Scenario) {
		var w atomicx.Uint64
		threads(s, 3, func(int) { w.Add(1); w.Add(1) })
	}
	a := Search(Options{Mode: Random, MaxSchedules: 500, Seed: 3}, scenario)
	b := Search(Options{Mode: Random, MaxSchedules: 500, Seed: 3}, scenario)
	c := Search(Options{Mode: Random, MaxSchedules: 500, Seed: 4}, scenario)
	if a.Complete || a.Schedules != 500 || a.Behaviours > 90 || a.Behaviours < 60 { // there are 6!/(2! 2! 2!) = 90
		t.Errorf("%v", &a)
	}
	if a.Behaviours != b.Behaviours || a.Once != b.Once {
		t.Errorf("one seed, two samples: %v, %v", &a, &b)
	}
	if a.Once == c.Once && a.Behaviours == c.Behaviours {
		t.Errorf("two seeds, one sample: %v, %v", &a, &c)
	}
	few := Search(Options{Mode: Random, MaxSchedules: 20}, scenario)
	many := Search(Options{Mode: Random, MaxSchedules: 20_000}, scenario)
	if few.Unseen() < 0.3 || many.Unseen() > 0.001 || many.Behaviours != 90 {
		t.Errorf("after 20: %v\nafter 20,000: %v", &few, &many)
	}
}

// TestPrioritiesFindTheRare: one thread does much between two steps of the other. A walk would toss forty times the
// same side.
func TestPrioritiesFindTheRare(t *testing.T) {
	mustFail(t, Options{Mode: Random}, "in between", func(s *Scenario) {
		var begun, ended atomicx.Uint32
		s.Thread("quick", func() { begun.Store(1); Assert(ended.Load() == 0, "in between") })
		s.Thread("slow", func() {
			if begun.Load() == 1 {
				for range 40 {
					begun.Load()
				}
				ended.Store(1)
			}
		})
	})
}

// TestCovered: the estimate rises from 0 to 1, and a search that was cut short is no complete one.
func TestCovered(t *testing.T) {
	last := 0.0
	for n := 1; n < 70; n += 4 {
		r := Search(Options{Preemptions: -1, MaxSchedules: n}, func(s *Scenario) {
			var w [2]atomicx.Uint64
			threads(s, 2, func(i int) { w[i].Load(); w[i].Load(); w[i].Load() })
		})
		if r.Complete || r.Covered <= last || r.Covered >= 1 || !strings.Contains(r.String(), "truncated") {
			t.Fatalf("%d of 70: %v, after %v", n, &r, last)
		}
		last = r.Covered
	}
	if last < 0.9 {
		t.Errorf("69 of 70 are estimated to be %v", last)
	}
}
