//go:build explore

package explore

import (
	"strings"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
)

// mustFail searches a scenario that is known to be bad, and replays what it found.
func mustFail(t *testing.T, o Options, reason string, scenario func(*Scenario)) {
	t.Helper()
	r := Search(o, scenario)
	if r.Failure == nil {
		t.Fatalf("%d schedules, and the fault was not found", r.Schedules)
	}
	if !strings.Contains(r.Failure.Reason, reason) {
		t.Fatalf("found %q, not %q", r.Failure.Reason, reason)
	}
	o.Replay = r.Failure.Trace
	again := Search(o, scenario)
	if again.Failure == nil || again.Schedules != 1 || again.Failure.Trace != r.Failure.Trace {
		t.Fatalf("replay of %s: %+v", r.Failure.Trace, again)
	}
	t.Logf("found after %d schedules: %s", r.Schedules, r.Failure.Trace)
}

func increments(s *Scenario, threads int, add func(*atomicx.Uint64)) {
	var n atomicx.Uint64
	for i := range threads {
		s.Thread(string(rune('a'+i)), func() { add(&n) })
	}
	s.Finally(func() { Assert(n.Load() == uint64(threads), "lost update: %d", n.Load()) })
}

func TestLostUpdateIsFound(t *testing.T) {
	mustFail(t, Options{Preemptions: 1}, "lost update", func(s *Scenario) {
		increments(s, 2, func(n *atomicx.Uint64) { n.Store(n.Load() + 1) })
	})
}

func TestCorrectIncrementPasses(t *testing.T) {
	Test(t, Options{Preemptions: -1}, func(s *Scenario) {
		increments(s, 3, func(n *atomicx.Uint64) {
			for {
				v := n.Load()
				if n.CompareAndSwap(v, v+1) {
					return
				}
			}
		})
	})
}

// freeList is a stack of the indices 1 to 3; tagged says whether its head counts
// pops, which is what makes pop safe.
type freeList struct {
	head   atomicx.Uint64
	next   [4]atomicx.Uint64
	tagged bool
}

func (f *freeList) pop() uint64 {
	for {
		h := f.head.Load()
		i := h & 0xff
		if i == 0 {
			return 0
		}
		n := f.next[i].Load()
		if f.tagged {
			n |= h&^0xff + 0x100
		}
		if f.head.CompareAndSwap(h, n) {
			return i
		}
	}
}

func (f *freeList) push(i uint64) {
	for {
		h := f.head.Load()
		f.next[i].Store(h & 0xff)
		if f.head.CompareAndSwap(h, h&^0xff|i) {
			return
		}
	}
}

func abaScenario(tagged bool) func(*Scenario) {
	return func(s *Scenario) {
		f := &freeList{tagged: tagged}
		for i := uint64(1); i <= 3; i++ {
			f.push(i)
		}
		var owner [4]atomicx.Uint64
		take := func() uint64 {
			i := f.pop()
			if i != 0 {
				Assert(owner[i].Add(1) == 1, "index %d has two owners", i)
			}
			return i
		}
		put := func(i uint64) {
			if i != 0 {
				owner[i].Add(^uint64(0))
				f.push(i)
			}
		}
		s.Thread("slow", func() { take() })
		s.Thread("fast", func() { a := take(); take(); put(a); take() })
	}
}

func TestABAIsFound(t *testing.T) {
	mustFail(t, Options{Preemptions: 2}, "two owners", abaScenario(false))
}

func TestTaggedFreeListPasses(t *testing.T) {
	Test(t, Options{Preemptions: 3}, abaScenario(true))
}

func publication(s *Scenario, dataFirst bool) {
	var ready atomicx.Uint32
	var data atomicx.Cell[int]
	s.Thread("writer", func() {
		if dataFirst {
			data.Set(42)
		}
		ready.Store(1)
		if !dataFirst {
			data.Set(42)
		}
	})
	s.Thread("reader", func() {
		if ready.Load() == 1 {
			Assert(data.Get() == 42, "read before it was written")
		}
	})
}

func TestPublicationBeforeInitialisationIsFound(t *testing.T) {
	mustFail(t, Options{Preemptions: 0}, "data race", func(s *Scenario) { publication(s, false) })
}

func TestPublicationAfterInitialisationPasses(t *testing.T) {
	Test(t, Options{Preemptions: -1}, func(s *Scenario) { publication(s, true) })
}

// wakeUp parks a waiter that either looks again after it has said that it waits, or
// doesn't.
func wakeUp(s *Scenario, lookAgain bool) {
	var flag, waiting atomicx.Uint32
	p := atomicx.NewParker()
	s.Thread("waiter", func() {
		if flag.Load() == 1 {
			return
		}
		waiting.Store(1)
		if lookAgain && flag.Load() == 1 {
			return
		}
		p.Park(nil, nil)
	})
	s.Thread("waker", func() {
		flag.Store(1)
		if waiting.Load() == 1 {
			p.Wake()
		}
	})
}

func TestMissedWakeUpIsFound(t *testing.T) {
	mustFail(t, Options{Preemptions: 2}, "wake-up was lost", func(s *Scenario) { wakeUp(s, false) })
}

func TestWakeUpWithSecondLookPasses(t *testing.T) {
	Test(t, Options{Preemptions: -1}, func(s *Scenario) { wakeUp(s, true) })
}

func TestSpinEndsByAnotherThreadsWrite(t *testing.T) {
	Test(t, Options{Preemptions: -1}, func(s *Scenario) {
		var flag atomicx.Uint32
		s.Thread("spinner", func() {
			for flag.Load() == 0 {
				atomicx.Pause(1)
			}
		})
		s.Thread("writer", func() { flag.Store(1) })
	})
}

func TestSpinForeverIsADeadlock(t *testing.T) {
	mustFail(t, Options{Preemptions: 2}, "no thread can go on", func(s *Scenario) {
		var flag, other atomicx.Uint32
		s.Thread("spinner", func() {
			for flag.Load() == 0 {
				atomicx.Pause(1)
			}
		})
		s.Thread("writer", func() { other.Store(1) })
	})
}

func TestLivelockIsFound(t *testing.T) {
	mustFail(t, Options{MaxSteps: 100}, "livelock", func(s *Scenario) {
		var flag atomicx.Uint32
		s.Thread("loop", func() {
			for flag.Load() == 0 {
			}
		})
	})
}

func TestPanicIsAFailure(t *testing.T) {
	mustFail(t, Options{}, "a panics: boom", func(s *Scenario) {
		s.Thread("a", func() { panic("boom") })
	})
}

// TestCodeThatRecoversIsUnwound fails one thread while another is in code that tries again after every panic.
func TestCodeThatRecoversIsUnwound(t *testing.T) {
	mustFail(t, Options{Preemptions: 1}, "at once", func(s *Scenario) {
		var n atomicx.Uint64
		var try func()
		try = func() {
			done := false
			defer func() {
				if recover(); !done {
					try()
				}
			}()
			n.Add(1)
			n.Add(1)
			done = true
		}
		s.Thread("stubborn", try)
		s.Thread("failing", func() { Assert(n.Load() != 1, "at once") })
	})
}

// TestCodeThatRecoversForeverIsLeft: it can't be unwound, and its failure is told all the same.
func TestCodeThatRecoversForeverIsLeft(t *testing.T) {
	mustFail(t, Options{MaxSteps: 100}, "livelock", func(s *Scenario) {
		var n atomicx.Uint64
		try := func() {
			defer func() { _ = recover() }()
			n.Add(1)
		}
		s.Thread("stubborn", func() {
			for {
				try()
			}
		})
	})
}

func TestFinalCheckThatLoopsIsAFailure(t *testing.T) {
	mustFail(t, Options{}, "doesn't end", func(s *Scenario) {
		var n atomicx.Uint64
		s.Thread("a", func() { n.Store(1) })
		s.Finally(func() {
			for n.Load() != 0 {
			}
		})
	})
}

// TestCount knows how many schedules there are: two threads of n steps each can be
// merged in C(2n, n) ways, and with no preemption in two.
func TestCount(t *testing.T) {
	scenario := func(s *Scenario) {
		var words [2]atomicx.Uint64
		for i := range words {
			s.Thread(string(rune('a'+i)), func() { words[i].Load(); words[i].Load(); words[i].Load() })
		}
	}
	for _, c := range []struct{ preemptions, want int }{{-1, 70}, {0, 2}} { // 4 steps each, the start counts
		r := Search(Options{Preemptions: c.preemptions}, scenario)
		if r.Schedules != c.want || !r.Complete {
			t.Errorf("bound %d: %d schedules (complete %v), want %d", c.preemptions, r.Schedules, r.Complete, c.want)
		}
	}
}

func TestTruncatedIsNeverComplete(t *testing.T) {
	r := Search(Options{Preemptions: -1, MaxSchedules: 3}, func(s *Scenario) {
		increments(s, 3, func(n *atomicx.Uint64) { n.Add(1) })
	})
	if r.Complete || r.Schedules != 3 {
		t.Errorf("%+v", r)
	}
}

func TestBadTraces(t *testing.T) {
	for _, s := range []string{"x", "1", "9x1", "0x", "0x1..", "-1x2", "0x99999999", "b9x1", "bx1", "=256", "=", "t1", "xx1", ""} {
		if _, err := parseTrace(s); err == nil {
			t.Errorf("%q was taken for a trace", s)
		}
	}
	for _, s := range []string{"1x40", "0x2", "=1", "0x1.tx1"} {
		r := Search(Options{Replay: s}, func(s *Scenario) { s.Thread("a", func() {}) })
		if r.Failure == nil || !strings.Contains(r.Failure.Reason, "doesn't fit") {
			t.Errorf("a foreign trace, %s: %v", s, r.Failure)
		}
	}
}
