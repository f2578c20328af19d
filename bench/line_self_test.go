package bench

import (
	"errors"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	fencert "github.com/fencert/fencert/runtime"
)

// TestLineDocTable compares the table of timelines in the package comment with the flags.
func TestLineDocTable(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(doc), "# Timelines")
	section, _, _ = strings.Cut(section, "// # ")
	columns := regexp.MustCompile(` {2,}`)
	rows := map[string][]string{}
	for line := range strings.Lines(section) {
		if row, ok := strings.CutPrefix(strings.TrimSpace(line), "//\t"); ok {
			cells := columns.Split(row, -1)
			rows[cells[0]] = cells[1:]
		}
	}
	yes := map[bool]string{true: "yes", false: "no"}
	for _, s := range lineSubjects {
		can := s.capability()
		want := []string{yes[can.Callbacks], yes[can.Done], yes[can.Waits]}
		if can.Contract && !slices.Equal(rows[s.name()], want) {
			t.Errorf("%s: the table says %q, the flags %q", s.name(), rows[s.name()], want)
		}
	}
}

// TestLineVerify: a row fails when a count, a sum, the order or the value is wrong.
func TestLineVerify(t *testing.T) {
	s := lineSubject[*heapLine, pointTicket]{"mutexheap", LineCapability{Contract: true, Callbacks: true}, NewMutexHeap}
	for _, c := range []struct {
		name  string
		wrong func(*lineCrew[*heapLine, pointTicket])
		good  int
		ok    bool
	}{
		{"right", func(*lineCrew[*heapLine, pointTicket]) {}, 1, true},
		{"operation failed", func(*lineCrew[*heapLine, pointTicket]) {}, 0, false},
		{"callback lost", func(c *lineCrew[*heapLine, pointTicket]) { c.courses[0].due.ran++ }, 1, false},
		{"wrong argument", func(c *lineCrew[*heapLine, pointTicket]) { c.courses[0].due.sum++ }, 1, false},
		{"wrong value", func(c *lineCrew[*heapLine, pointTicket]) { c.courses[0].n++ }, 1, false},
		{"wrong order", func(c *lineCrew[*heapLine, pointTicket]) {
			c.workers[0].(*heapLineWorker).run(1, nil)
			c.courses[0].due.add(1)
		}, 1, false},
	} {
		crew := s.crew(1, 0, 0)
		w, l, at := crew.workers[0], crew.lines[0], &crew.courses[0]
		w.OnReach(l, 3, 3)
		w.Advance(l, 4)
		at.n = 4
		at.due.add(3)
		c.wrong(crew)
		err := crew.verify(c.good, 1)
		if c.ok != (err == nil) || err != nil && !errors.Is(err, errCount) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	measuring := lineSubject[*noopLine, uint64]{"noop", LineCapability{Callbacks: true}, NewNoopLines}.crew(1, 0, 0)
	measuring.workers[0].OnReach(measuring.lines[0], 1, 1)
	if err := measuring.verify(1, 1); !errors.Is(err, errCount) {
		t.Errorf("a callback that nobody added: %v", err)
	}
}

// TestLineAllocations runs the rows of impl=lockfree and counts allocations: one for each channel, none elsewhere. Waits
// are left out: parking them takes goroutines.
func TestLineAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	s := lineSubject[*fencert.Timeline, fencert.Ticket]{"lockfree", LineCapability{
		Contract: true, Callbacks: true, Done: true,
	}, NewLockfreeLines}
	const times = 2000
	setBenchTime(t, "2000x")
	for _, c := range []struct {
		name string
		row  opener
		want uint64
	}{
		{"Advance/armed=none", s.advance(advanceCase{64, 0, 0}), 0},
		{"Advance/far=500", s.advance(advanceCase{4096, 0, 500}), 0},
		{"Advance/armed=1pct", s.advance(advanceCase{4096, 100, 0}), 0},
		{"Advance/armed=all", s.advance(advanceCase{64, 1, 0}), 0},
		{"AdvanceTwo/armed=all", s.advanceTwo(true), 0},
		{"AdvanceBatch", s.advanceBatch(64), 0},
		{"AddAdvance/pending=4096", s.addAdvance(strideCase{"pending", 4096, 0, 1}), 0},
		{"AddAdvance/window=256", s.addAdvance(strideCase{"window", 0, 256, 1}), 0},
		{"Sparse", s.addAdvance(strideCase{"step", 0, 500, 4096}), 0},
		{"DoneAdvance", s.doneAdvance(256), 1},
		{"TimelineCancel", s.cancel(4096), 0},
		{"TimelinePoll", s.poll(), 0},
		{"Jump", s.jump(64), 0},
	} {
		rig := c.row(1)
		r := testing.Benchmark(func(b *testing.B) { rig.run(b) })
		if err := rig.close(); err != nil || r.N != times {
			t.Errorf("%s: ran %d times, %v", c.name, r.N, err)
		}
		// What the harness and a timer's flush allocate once is no part of the operations.
		if got := r.MemAllocs; got < c.want*times || got > c.want*times+times/20 {
			t.Errorf("%s: %d allocations in %d operations, want %d each", c.name, got, times, c.want)
		}
	}
}

// setBenchTime sets how often testing.Benchmark runs its function, for the time of a test.
func setBenchTime(t *testing.T, to string) {
	t.Helper()
	value := flag.Lookup("test.benchtime").Value
	before := value.String()
	if err := value.Set(to); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = value.Set(before) })
}
