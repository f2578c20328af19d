package bench

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// windowSubjects are the implementations of windows.
var windowSubjects = []struct {
	name     string
	contract bool
	blocks   bool
	open     func(size int) Window
}{
	{"lockfree", true, true, NewLockfreeWindow},
	{"mutexheap", true, true, NewMutexHeapWindow},
	{"channel", true, true, NewChannelWindow},
	{"noop", false, false, NewNoopWindow},
}

type windowCase struct{ issuers, completers int }

func (c windowCase) String() string {
	return fmt.Sprintf("issuers=%d/completers=%d", c.issuers, c.completers)
}

const (
	windowSize  = 1024
	windowBatch = 32 // numbers handed over at a time
	batchesKept = 4  // between an issuer and a completer
	outOfOrder  = 13 // each number is completed that far behind the one before, in its batch: prime to the batch
)

// A numbers is a batch of numbers that were issued.
type numbers struct {
	n   int
	all [windowBatch]uint64
}

// BenchmarkCommitWindow times a commit: a number is issued, handed to another goroutine, and completed there. They are handed over
// by a channel in batches of 32, for handing over is the same for all and dearer than a commit, and completed out of order: one in
// 13 of a batch, round and round. With 0 completers, who issues a number completes it at once. ns/op is wall time per commit
// of all together. The window has room for 1024.
func BenchmarkCommitWindow(b *testing.B) {
	for _, c := range []windowCase{{1, 0}, {1, 1}, {2, 2}} {
		for _, s := range windowSubjects {
			measure(b, c.String(), s.name, func(int) rig {
				w := s.open(windowSize)
				run := func(b *testing.B) {
					goroutines, before := c.issuers+c.completers, w.Value()
					m := startMeter(b)
					sum := c.commit(w, b.N)
					w.Settle()
					m.stop(b, goroutines, blocks)
					if err := checkWindow(before, w.Value(), uint64(b.N), sum); err != nil {
						b.Fatal(err)
					}
				}
				return rig{run, func() error { w.Close(); return nil }}
			})
		}
	}
}

// checkWindow: each number was completed once, and the value is behind the last one.
func checkWindow(before, after, commits, sum uint64) error {
	last := before + commits
	if want := last*(last+1)/2 - before*(before+1)/2; after != last || sum != want {
		return fmt.Errorf("%w: the value went from %d to %d by %d commits with the sum %d, want %d", errCount, before, after, commits, sum, want)
	}
	return nil
}

// commit makes commits and returns the sum of the numbers that were completed.
func (c windowCase) commit(w Window, commits int) uint64 {
	var sum atomic.Uint64
	var all sync.WaitGroup
	for k := range c.issuers {
		mine := commits / c.issuers
		if k == 0 {
			mine = commits - mine*(c.issuers-1)
		}
		if c.completers == 0 {
			all.Go(func() { sum.Add(commitAlone(w, mine)) })
			continue
		}
		hand := make(chan numbers, batchesKept)
		all.Go(func() { issueFor(w, mine, hand) })
		all.Go(func() { sum.Add(completeFrom(w, hand)) })
	}
	all.Wait()
	return sum.Load()
}

func commitAlone(w Window, commits int) (sum uint64) {
	x := w.NewWorker()
	defer x.Close()
	for range commits {
		n := x.Issue()
		x.Complete(n)
		sum += n
	}
	return sum
}

// issueFor issues and hands over. Numbers that it keeps are below all that others complete meanwhile: before it waits for room
// it hands them over, or it would wait for itself.
func issueFor(w Window, commits int, hand chan<- numbers) {
	x := w.NewWorker()
	defer x.Close()
	defer close(hand)
	var batch numbers
	for ; commits > 0; commits-- {
		n, ok := x.TryIssue()
		if !ok {
			if batch.n > 0 {
				hand <- batch
				batch.n = 0
			}
			n = x.Issue()
		}
		batch.all[batch.n] = n
		if batch.n++; batch.n == windowBatch {
			hand <- batch
			batch.n = 0
		}
	}
	if batch.n > 0 {
		hand <- batch
	}
}

func completeFrom(w Window, hand <-chan numbers) (sum uint64) {
	x := w.NewWorker()
	defer x.Close()
	for batch := range hand {
		if batch.n < windowBatch { // the last one, or the window was full
			for _, n := range batch.all[:batch.n] {
				x.Complete(n)
				sum += n
			}
			continue
		}
		for k := range windowBatch {
			n := batch.all[k*outOfOrder%windowBatch]
			x.Complete(n)
			sum += n
		}
	}
	return sum
}

// TestWindowConformance: what each window must do before it is timed.
func TestWindowConformance(t *testing.T) {
	for _, s := range windowSubjects {
		if !s.contract {
			continue
		}
		t.Run("impl="+s.name, func(t *testing.T) {
			for name, check := range map[string]func(Window) error{"order": windowOrder, "full": windowFull, "ledger": windowLedger} {
				if err := check(s.open(8)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// TestWindowChecksBite: broken windows.
func TestWindowChecksBite(t *testing.T) {
	for name, c := range map[string]struct {
		broken func(*brokenWindow)
		check  func(Window) error
	}{
		"moves over a gap":     {func(w *brokenWindow) { w.overGaps = true }, windowOrder},
		"stays behind":         {func(w *brokenWindow) { w.oneByOne = true }, windowOrder},
		"issues without bound": {func(w *brokenWindow) { w.heapWindow.size = 1 << 40 }, windowFull},
		"loses a completion":   {func(w *brokenWindow) { w.loses = 5 }, windowOrder},
	} {
		w := &brokenWindow{heapWindow: NewMutexHeapWindow(8).(*heapWindow)}
		c.broken(w)
		if c.check(w) == nil {
			t.Errorf("a window that %s passes", name)
		}
	}
	for _, c := range []struct {
		after, commits, sum uint64
		ok                  bool
	}{{7, 3, 5 + 6 + 7, true}, {6, 3, 18, false}, {7, 3, 17, false}, {7, 2, 18, false}} {
		if err := checkWindow(4, c.after, c.commits, c.sum); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

type brokenWindow struct {
	*heapWindow
	overGaps, oneByOne bool
	loses              uint64
}

func (w *brokenWindow) NewWorker() WindowWorker { return w }

func (w *brokenWindow) Complete(n uint64) {
	switch {
	case n == w.loses:
		return
	case w.overGaps:
		w.value.Store(max(n, w.value.Load()))
		return
	}
	w.heapWindow.Complete(n)
	if w.oneByOne {
		w.value.Store(min(n, w.value.Load()))
	}
}

// windowOrder completes windows in random orders.
func windowOrder(w Window) error {
	defer w.Close()
	x := w.NewWorker()
	defer x.Close()
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		first := w.Value()
		for k := range uint64(8) {
			if n := x.Issue(); n != first+k+1 {
				return fmt.Errorf("issued %d at value %d, want %d", n, first, first+k+1)
			}
		}
		done := [9]bool{true}
		for _, k := range r.Perm(8) {
			x.Complete(first + uint64(k) + 1)
			done[k+1] = true
			want := first
			for int(want-first) < 8 && done[want-first+1] {
				want++
			}
			w.Settle()
			if v := w.Value(); v != want {
				return fmt.Errorf("value %d, want %d: %v", v, want, done)
			}
		}
	}
	return nil
}

// windowFull: no more is issued than there is room, and again when there is.
func windowFull(w Window) error {
	defer w.Close()
	x := w.NewWorker()
	defer x.Close()
	for range 8 {
		if _, ok := x.TryIssue(); !ok {
			return fmt.Errorf("%w: no room", errCount)
		}
	}
	if n, ok := x.TryIssue(); ok {
		return fmt.Errorf("%w: %d was issued by a full window", errCount, n)
	}
	issued := make(chan uint64)
	go func() {
		y := w.NewWorker()
		defer y.Close()
		issued <- y.Issue()
	}()
	for range 1000 {
		runtime.Gosched()
	}
	select {
	case n := <-issued:
		return fmt.Errorf("%w: %d was issued by a full window", errCount, n)
	default:
	}
	x.Complete(1)
	if n := <-issued; n != 9 {
		return fmt.Errorf("%w: %d was issued in place of 9", errCount, n)
	}
	for n := uint64(2); n <= 9; n++ {
		x.Complete(n)
	}
	return nil
}

// windowLedger: the value is never beyond what is complete, and each number is issued once.
func windowLedger(w Window) error {
	defer w.Close()
	const commits = 4000
	var issued, done [commits + 1]atomic.Uint32
	var wrong atomic.Pointer[error]
	var all sync.WaitGroup
	for k := range 4 {
		all.Go(func() {
			x := w.NewWorker()
			defer x.Close()
			r := rand.New(rand.NewPCG(1, uint64(k)))
			for range commits / 4 {
				n := x.Issue()
				if issued[n].Add(1) != 1 {
					err := fmt.Errorf("%w: %d was issued twice", errCount, n)
					wrong.Store(&err)
				}
				if r.IntN(2) == 0 {
					runtime.Gosched()
				}
				done[n].Store(1)
				x.Complete(n)
				if v := w.Value(); v > 0 && done[v].Load() == 0 {
					err := fmt.Errorf("%w: the value is %d, which isn't complete", errCount, v)
					wrong.Store(&err)
				}
			}
		})
	}
	all.Wait()
	w.Settle()
	if err := wrong.Load(); err != nil {
		return *err
	}
	if v := w.Value(); v != commits {
		return fmt.Errorf("%w: the value is %d after %d commits", errCount, v, commits)
	}
	return nil
}
