package bench

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/fencert/fencert/bench/internal/memory"
)

// A memoryCase is so many pending fences, each with so many callbacks.
type memoryCase struct {
	pending   int
	callbacks int
	handles   bool // kept by handle, although there are references
}

func (c memoryCase) String() string {
	return fmt.Sprintf("pending=%d/callbacks=%d", c.pending, c.callbacks)
}

var memoryCases = []memoryCase{{pending: 100_000}, {pending: 1_000_000}, {pending: 10_000_000}, {pending: 100_000, callbacks: 1}}

// remembered are the implementations that BenchmarkMemory compares.
var remembered = map[string]bool{"lockfree": true, "mutex": true, "mutexpool": true, "channel": true, "context": true}

const (
	// garbagePerOp is what an operation of BenchmarkMemory allocates.
	garbagePerOp = 32 << 20
	// headroom is how much may become garbage between two collections: less, so that each operation sees one.
	headroom = garbagePerOp / 2
	// garbagePiece is what it allocates at a time.
	garbagePiece = 4 << 10
	// contextPending is the most that context takes part with unless asked for: to make ten million of them takes as
	// long as to make all the others'.
	contextPending = 1_000_000
	// forced is how many collections are timed alone.
	forced = 3
)

// BenchmarkMemory measures what pending fences cost a program that goes on allocating for other reasons. That many
// fences are pending, each with so many callbacks, kept by a word without pointers where there is one (impl=handles is
// lockfree kept by its handles, which have pointers), else by handle. An operation allocates 32 MB of garbage, 4 KB at
// a time, on GOMAXPROCS goroutines; with each piece the fence that has been pending longest is finished, and another
// takes its place. GOGC is set so that every implementation is collected after 16 MB of garbage, however large its own
// heap is: as if memory were scarce.
//
// B/fence is what heap and stacks grew by when the fences were made, what keeps them included. gc-ms is the time of a
// whole collection with nothing else going on, the median of three. gc-cpu-ms is processor time of the collector in one
// collection beside the allocating goroutines, assist-ms the part of it that those goroutines had to do themselves:
// time that their own work waited. ns/op says what comes of it all.
//
// A row that needs more than half of the memory that is free is skipped and says so. Ten million of context, which take
// seconds to make, are measured with -fencert.gc10m only.
func BenchmarkMemory(b *testing.B) {
	for _, c := range memoryCases {
		for _, s := range subjects {
			if !remembered[s.name()] || s.name() == "context" && c.pending > contextPending && !*gc10m {
				continue
			}
			measure(b, c.String(), s.name(), s.memory(c))
			if s.name() == "lockfree" {
				c := c
				c.handles = true
				measure(b, c.String(), "handles", s.memory(c))
			}
		}
	}
}

func (s subject[F, T]) memory(c memoryCase) opener {
	return func(procs int) rig {
		return s.memoryIn(memory.Find(os.DirFS("/")), c)(procs)
	}
}

// memoryIn is memory where so much is free.
func (s subject[F, T]) memoryIn(free memory.Room, c memoryCase) opener {
	return func(procs int) rig {
		if err := s.room(c, free); err != nil {
			return rig{func(b *testing.B) { b.Skip(err) }, func() error { return nil }}
		}
		h := s.herd(procs, c)
		return rig{h.measure, h.close}
	}
}

// room tells whether so many fences fit into the memory that is free, with a quarter to spare.
func (s subject[F, T]) room(c memoryCase, free memory.Room) error {
	each := s.estimate(c)
	if err := free.Fits(int64(1.25*each*float64(c.pending)) + 2*garbagePerOp); err != nil {
		return fmt.Errorf("%d fences of %.0f bytes: %w", c.pending, each, err)
	}
	return nil
}

// estimate finds out with few fences how many bytes one more takes.
func (s subject[F, T]) estimate(c memoryCase) float64 {
	const few, more = 1 << 13, 1 << 15
	small, large := c, c
	small.pending, large.pending = few, more
	return float64(s.bytes(large)-s.bytes(small)) / (more - few)
}

// bytes returns what a herd takes.
func (s subject[F, T]) bytes(c memoryCase) int64 {
	before := heapBytes()
	h := s.herd(1, c)
	grown := heapBytes() - before
	if err := h.close(); err != nil {
		panic(err)
	}
	return grown
}

func (h *herd[F, T]) measure(b *testing.B) {
	// Sets it now, and back at the end.
	defer debug.SetGCPercent(debug.SetGCPercent(percentFor(heapBytes(), headroom)))
	pieces := b.N * (garbagePerOp / garbagePiece)
	before := h.crew.total()
	var (
		m     meter
		spent memory.Spent
	)
	good := split(pieces, len(h.parts), func() {
		spent = memory.Read()
		m = startMeter(b)
	}, func(id, lo, hi int) int { return h.graze(h.parts[id], hi-lo) })
	m.stop(b, len(h.parts), blocks)
	reportSpent(b, memory.Read().Since(spent))
	b.ReportMetric(float64(percentile(collections(forced), 50))/1e6, "gc-ms")
	b.ReportMetric(h.each, "B/fence")
	// Each replaced fence ran its callbacks, and none of the others is signaled.
	n := uint64(pieces * h.callbacks)
	h.crew.check(b, good, pieces, before, count{n, n})
	if got := h.pendingNow(); got != h.pending {
		b.Fatalf("%v: %d of %d fences are pending", errCount, got, h.pending)
	}
}

// percentFor returns the GOGC at which so much may become garbage beside what is alive.
func percentFor(alive, garbage int64) int { return int(max(1, garbage*100/max(1, alive))) }

// reportSpent hands on what a collection cost, if there was one.
func reportSpent(b interface{ ReportMetric(float64, string) }, s memory.Spent) {
	if s.Collections == 0 {
		return
	}
	b.ReportMetric(s.GC*1e3/float64(s.Collections), "gc-cpu-ms")
	b.ReportMetric(s.Assist*1e3/float64(s.Collections), "assist-ms")
}

// collections times that many, and returns them sorted.
func collections(n int) []time.Duration {
	spent := make([]time.Duration, n)
	for i := range spent {
		start := time.Now()
		runtime.GC()
		spent[i] = time.Since(start)
	}
	slices.Sort(spent)
	return spent
}
