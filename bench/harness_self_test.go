package bench

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestVerify(t *testing.T) {
	for _, c := range []struct {
		name          string
		good, ops     int
		before, after count
		want          count
		ok            bool
	}{
		{"right", 3, 3, count{5, 50}, count{8, 53}, count{3, 3}, true},
		{"operation failed", 2, 3, count{}, count{3, 3}, count{3, 3}, false},
		{"callback lost", 3, 3, count{}, count{2, 3}, count{3, 3}, false},
		{"callback twice", 3, 3, count{}, count{4, 3}, count{3, 3}, false},
		{"wrong argument", 3, 3, count{}, count{3, 4}, count{3, 3}, false},
	} {
		err := verify(c.good, c.ops, c.before, c.after, c.want)
		if c.ok != (err == nil) || err != nil && !errors.Is(err, errCount) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if got := rising(4, 3); got != (count{12, 18}) {
		t.Errorf("rising(4, 3) = %v", got)
	}
}

// TestSplitCoversEveryOperation: the pieces that goroutines take are disjoint and
// leave nothing out.
func TestSplitCoversEveryOperation(t *testing.T) {
	for _, goroutines := range []int{1, 2, 3, 16} {
		for _, n := range []int{1, 2, 63, 100, 20_001} {
			done := make([]atomic.Int32, n)
			seen := make([]bool, goroutines)
			var arrived atomic.Int32
			begun, deadline := 0, time.Now().Add(10*time.Second)
			good := split(n, goroutines, func() { begun++ }, func(id, lo, hi int) int {
				for i := lo; i < hi; i++ {
					done[i].Add(1)
				}
				// With enough pieces for all, everybody gets one.
				if !seen[id] && n > 64*goroutines {
					seen[id] = true
					arrived.Add(1)
					for arrived.Load() < int32(goroutines) && time.Now().Before(deadline) {
						runtime.Gosched()
					}
				}
				return hi - lo
			})
			for i := range done {
				if done[i].Load() != 1 {
					t.Fatalf("%d goroutines did operation %d of %d %d times", goroutines, i, n, done[i].Load())
				}
			}
			if good != n || begun != 1 {
				t.Errorf("%d goroutines: sum %d, want %d; begun %d times", goroutines, good, n, begun)
			}
			if got := int(arrived.Load()); n > 64*goroutines && got != goroutines {
				t.Errorf("%d of %d goroutines worked", got, goroutines)
			}
		}
	}
}

func TestPercentile(t *testing.T) {
	var d []time.Duration
	for i := range 200 {
		d = append(d, time.Duration(i+1))
	}
	for _, c := range []struct {
		n, p int
		want time.Duration
	}{{200, 50, 100}, {200, 99, 198}, {1, 50, 1}, {1, 99, 1}, {3, 50, 2}, {100, 99, 99}} {
		if got := percentile(d[:c.n], c.p); got != c.want {
			t.Errorf("percentile %d of 1..%d = %d, want %d", c.p, c.n, got, c.want)
		}
	}
}

func TestRingKeepsOrder(t *testing.T) {
	const n = 20 * ringSlots
	r := newRing[int]()
	var popping sync.WaitGroup
	popping.Go(func() {
		for i := range n {
			if v := r.pop(); v != i {
				t.Errorf("popped %d, want %d", v, i)
				return
			}
		}
	})
	for i := range n {
		r.push(i)
	}
	popping.Wait()
}

// TestRingRefuses: a full ring takes nothing, an empty one gives nothing, and neither loses anything by that.
func TestRingRefuses(t *testing.T) {
	r, in, out := newRing[int](), 0, 0
	for range 3 {
		if v, ok := r.poll(); ok {
			t.Fatalf("an empty ring gave %d", v)
		}
		for r.offer(in) {
			in++
		}
		if in-out != ringSlots || r.offer(-1) {
			t.Fatalf("a ring of %d took %d", ringSlots, in-out)
		}
		for range ringSlots {
			if v, ok := r.poll(); v != out || !ok {
				t.Fatalf("polled %d (%v), want %d", v, ok, out)
			}
			out++
		}
	}
}

// TestSourcesHandOutOnce has goroutines hold objects of one source while others do,
// and checks that nobody else wrote into them.
func TestSourcesHandOutOnce(t *testing.T) {
	for _, s := range sources {
		t.Run("impl="+s.name(), func(t *testing.T) { s.stress(t) })
	}
}

func (s allocSource[H]) stress(t *testing.T) {
	const goroutines, rounds = 4, 200
	var running sync.WaitGroup
	for id, a := range s.crew(goroutines) {
		running.Go(func() {
			defer a.Close()
			if good, want := allocBurst(a, id<<20, id<<20+rounds*burstSize), rounds*burstSize; good != want {
				t.Errorf("%d of %d objects were held by one goroutine only", good, want)
			}
		})
	}
	running.Wait()
}

func TestStackSourceExhausts(t *testing.T) {
	s := newStackSource(2)
	a, b := s.Alloc(1), s.Alloc(2)
	func() {
		defer func() {
			if err, _ := recover().(error); !errors.Is(err, ErrExhausted) {
				t.Errorf("Alloc beyond the end: %v", err)
			}
		}()
		s.Alloc(3)
	}()
	if s.Free(a) != 1 || s.Free(b) != 2 || s.Alloc(4) != b {
		t.Errorf("the stack lost its order")
	}
}

// TestStackSourceTag: the same object on top is not the same head once it was away.
func TestStackSourceTag(t *testing.T) {
	s := newStackSource(3)
	head := s.head.Load()
	top, below := s.Alloc(1), s.Alloc(2)
	s.Free(top)
	if now := s.head.Load(); uint32(now) != uint32(head) || now == head {
		t.Errorf("head %#x after %#x: a pop that was under way would bring back %d, which is in use", now, head, below)
	}
}

func TestMutexPoolExhausts(t *testing.T) {
	w := NewMutexPool(Sizes{Workers: 1, Fences: 10}).NewWorker(nil)
	var armed []pooledFence
	func() {
		defer func() {
			if err, _ := recover().(error); !errors.Is(err, ErrExhausted) {
				t.Errorf("Arm beyond the end: %v", err)
			}
		}()
		for range 10 + 2*slotStock + 1 {
			armed = append(armed, w.Arm())
		}
	}()
	if len(armed) < 10 {
		t.Fatalf("room for %d fences, want 10", len(armed))
	}
	for _, f := range armed {
		if !w.Finish(f, nil) {
			t.Fatalf("Finish refused after exhaustion")
		}
	}
	w.Finish(w.Arm(), nil)
}

// TestCanceledAreUnlinked: lists don't grow with the callbacks canceled on a fence
// that stays pending.
func TestCanceledAreUnlinked(t *testing.T) {
	const pending, churn = 100, 20_000
	t.Run("slice", func(t *testing.T) {
		w := NewMutex(Sizes{}).NewWorker(nil)
		f := w.Arm()
		churnOld(w, f, pending, churn)
		if n := len(f.callbacks.items); n > 4*pending {
			t.Errorf("%d entries for %d callbacks", n, pending)
		}
	})
	t.Run("heap", func(t *testing.T) {
		w := NewHeap(Sizes{}).NewWorker(nil)
		f := w.Arm()
		churnOld(w, f, pending, churn)
		n := 0
		for at := f.callbacks.head.Load(); at != nil; at = at.older() {
			n++
		}
		if n > 4*pending {
			t.Errorf("%d nodes for %d callbacks", n, pending)
		}
	})
}

// churnOld keeps that many callbacks pending and again and again cancels the oldest
// and adds one.
func churnOld[F comparable, T any](w Worker[F, T], f F, pending, churn int) {
	var tickets []T
	for i := range churn {
		if i >= pending {
			w.Cancel(f, tickets[i-pending])
		}
		ticket, _ := w.Add(f, uint64(i))
		tickets = append(tickets, ticket)
	}
}

// TestDocTable compares the table in the package comment with the flags.
func TestDocTable(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	columns := regexp.MustCompile(` {2,}`)
	rows := map[string][]string{}
	for line := range strings.Lines(string(doc)) {
		if row, ok := strings.CutPrefix(strings.TrimSpace(line), "//\t"); ok {
			if cells := columns.Split(row, -1); len(cells) == 5 {
				rows[cells[0]] = cells[1:]
			}
		}
	}
	yes := map[bool]string{true: "yes", false: "no"}
	for _, s := range subjects {
		can := s.capability()
		if !can.Contract {
			continue
		}
		row := rows[s.name()]
		if row == nil {
			t.Errorf("%s isn't in the table", s.name())
			continue
		}
		var waits []string
		for _, w := range can.Waits {
			waits = append(waits, w.String())
		}
		stale := "kept alive"
		if can.StaleErr != nil {
			stale = "yes"
		}
		want := []string{yes[can.Ordered], yes[can.OnSignaler], stale, strings.Join(waits, ", ")}
		row[1], _, _ = strings.Cut(row[1], ":")
		if !slices.Equal(row, want) {
			t.Errorf("%s: the table says %q, the flags %q", s.name(), row, want)
		}
	}
}

// TestNames: labels end up in benchmark names, where a trailing -digits would read
// as a number of processors.
func TestNames(t *testing.T) {
	ok := regexp.MustCompile(`^[a-z]+$`)
	var names []string
	for _, s := range subjects {
		names = append(names, s.name())
	}
	for _, s := range sources {
		names = append(names, s.name())
	}
	for _, s := range lineSubjects {
		names = append(names, s.name())
	}
	for _, name := range names {
		if !ok.MatchString(name) {
			t.Errorf("%q can't stand in a benchmark name", name)
		}
	}
	var cases []fmt.Stringer
	for _, c := range advanceCases() {
		cases = append(cases, c)
	}
	for _, c := range append(cases,
		callbackCase{8}, pollCase{65536}, addCase{16}, cancelCase{1_000_000}, gcCase{1_000_000},
		seqnoCase{4}, wakeCase{Park, 100 * time.Microsecond}, batchCase{64}, strideCase{"window", 0, 256, 1},
		pendingCase{4096}, jumpCase{64}, waitCase{4096}, pipelineCase{1_000_000, true, true},
		memoryCase{1_000_000, 1, true},
	) {
		if regexp.MustCompile(`-[0-9]+$|[^a-z0-9=/]`).MatchString(c.String()) {
			t.Errorf("%q can't stand in a benchmark name", c)
		}
	}
}
