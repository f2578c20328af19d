package linear

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// A reading is one call of a counter: the value that an add made, or a look saw.
type reading struct {
	add  bool
	made int
}

func (r reading) String() string {
	if r.add {
		return fmt.Sprintf("add -> %d", r.made)
	}
	return fmt.Sprintf("look -> %d", r.made)
}

var counter = Spec[int, reading]{Step: func(s int, r reading) (int, bool) {
	if r.add {
		s++
	}
	return s, s == r.made
}}

// TestRealTimeCounts: overlapping calls may come in any order, others in one; and steps of a call keep theirs.
func TestRealTimeCounts(t *testing.T) {
	c := NewChecker(t, counter)
	for _, x := range []struct {
		name    string
		refuted bool
		history func(h *History[reading])
	}{
		{"overlapping", false, func(h *History[reading]) {
			h.Wrote(0, 1, 3, reading{true, 1})
			h.Wrote(1, 2, 4, reading{false, 0})
		}},
		{"the look came later", true, func(h *History[reading]) {
			h.Wrote(0, 1, 2, reading{true, 1})
			h.Wrote(1, 3, 4, reading{false, 0})
		}},
		{"steps in order", false, func(h *History[reading]) { h.Wrote(0, 1, 2, reading{false, 0}, reading{true, 1}) }},
		{"steps out of order", true, func(h *History[reading]) { h.Wrote(0, 1, 2, reading{false, 1}, reading{true, 1}) }},
		{"an add lost", true, func(h *History[reading]) {
			h.Wrote(0, 1, 4, reading{true, 1})
			h.Wrote(1, 2, 3, reading{true, 1})
		}},
	} {
		h := NewHistory[reading](2)
		x.history(h)
		if c.Refutes(h) != x.refuted {
			t.Errorf("%s: refuted %v", x.name, !x.refuted)
		}
	}
}

// TestPartsHaveTheirOwnState: two counters in one history.
func TestPartsHaveTheirOwnState(t *testing.T) {
	two := Spec[int, keyed]{
		Step: func(s int, o keyed) (int, bool) { return counter.Step(s, o.reading) },
		Key:  func(o keyed) int { return o.key },
	}
	c := NewChecker(t, two)
	if c.Refutes(Sequence(keyed{reading{true, 1}, 0}, keyed{reading{true, 1}, 1}, keyed{reading{false, 1}, 0})) {
		t.Error("refuted")
	}
	if !c.Refutes(Sequence(keyed{reading{true, 1}, 0}, keyed{reading{true, 1}, 1}, keyed{reading{false, 2}, 0})) {
		t.Error("not refuted")
	}
}

type keyed struct {
	reading
	key int
}

// TestRefutationLeavesAPicture: a counter that reads and then writes loses adds when it is made to.
func TestRefutationLeavesAPicture(t *testing.T) {
	c := NewChecker(t, counter)
	var n atomic.Int64
	h := NewHistory[reading](2)
	var both atomic.Int32
	Together(2, 1, func(_, k int) {
		h.Thread(k).Do(func() reading {
			v := n.Load()
			for both.Add(1); both.Load() < 2; {
				runtime.Gosched()
			}
			n.Store(v + 1)
			return reading{true, int(v + 1)}
		})
	})
	err := c.Check(h)
	if c.met != 1 {
		t.Errorf("%v, although the adds waited for each other", c)
	}
	if !errors.Is(err, ErrRefuted) || !errors.Is(c.Check(h), ErrRefuted) || len(c.known) != 1 || c.checked != 2 {
		t.Fatal(err, c)
	}
	path := regexp.MustCompile(`see (.*history\.html)\n`).FindStringSubmatch(err.Error())
	if path == nil {
		t.Fatalf("no path in %q", err)
	}
	page, problem := os.ReadFile(path[1])
	if problem != nil || !strings.Contains(string(page), "add -\\u003e 1") && !strings.Contains(string(page), "add -> 1") {
		t.Errorf("the picture %s: %v", path[1], problem)
	}
	if err := os.RemoveAll(strings.TrimSuffix(path[1], "/history.html")); err != nil {
		t.Error(err)
	}
}

// TestRightCounterPasses: goroutines that really run at once, and meet.
func TestRightCounterPasses(t *testing.T) {
	c := NewChecker(t, counter)
	const rounds, threads, calls = 200, 3, 6
	n := make([]atomic.Int64, rounds)
	histories := make([]*History[reading], rounds)
	for round := range rounds {
		histories[round] = NewHistory[reading](threads)
	}
	Together(threads, rounds, func(round, k int) {
		for range calls {
			histories[round].Thread(k).Do(func() reading { return reading{true, int(n[round].Add(1))} })
			histories[round].Thread(k).Do(func() reading { return reading{false, int(n[round].Load())} })
		}
	})
	for round, h := range histories {
		if err := c.Check(h); err != nil || n[round].Load() != threads*calls {
			t.Fatalf("%d adds: %v", n[round].Load(), err)
		}
	}
	t.Log(c)
}

func TestBatches(t *testing.T) {
	var got []int
	Batches(7, 3, func(n int) { got = append(got, n) })
	if fmt.Sprint(got) != "[3 3 1]" {
		t.Error(got)
	}
}
