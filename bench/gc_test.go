package bench

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"
)

var gc10m = flag.Bool("fencert.gc10m", os.Getenv("FENCERT_GC10M") == "1",
	"also run BenchmarkGC with ten million pending fences, which takes 2 GB, and BenchmarkMemory with as many of context (or FENCERT_GC10M=1)")

type gcCase struct{ pending int }

func (c gcCase) String() string { return fmt.Sprintf("pending=%d", c.pending) }

// BenchmarkGC times a whole collection while that many fences are pending, each kept
// by its handle, or by a word without pointers where the implementation has one.
// gc-ms is the median of the collections; B/fence is what the heap grew by when the
// fences and what keeps them were made.
func BenchmarkGC(b *testing.B) {
	cases := []gcCase{{1_000_000}}
	if *gc10m {
		cases = append(cases, gcCase{10_000_000})
	}
	for _, c := range cases {
		for _, s := range subjects {
			measure(b, c.String(), s.name(), s.gc(c.pending))
		}
	}
}

// kept is how the benchmark remembers its fences: by handle or by reference.
type kept[F comparable] struct {
	handles []F
	refs    []uint64
	by      Referrer[F] // of refs
}

// keepArmed arms n fences and keeps each by a reference where there are such, else by its handle.
func keepArmed[F comparable, T any](w Worker[F, T], n int) kept[F] {
	k := keep(w, n, false)
	for i := range n {
		k.put(i, w.Arm())
	}
	return k
}

// keep makes room for n fences.
func keep[F comparable, T any](w Worker[F, T], n int, handles bool) kept[F] {
	if r, ok := w.(Referrer[F]); ok && !handles {
		return kept[F]{refs: make([]uint64, n), by: r}
	}
	return kept[F]{handles: make([]F, n)}
}

func (k kept[F]) len() int { return max(len(k.handles), len(k.refs)) }

func (k kept[F]) at(i int) F {
	if k.refs != nil {
		return k.by.Fence(k.refs[i])
	}
	return k.handles[i]
}

func (k kept[F]) put(i int, f F) {
	if k.refs != nil {
		k.refs[i] = k.by.Ref(f)
		return
	}
	k.handles[i] = f
}

func (s subject[F, T]) gc(pending int) opener {
	return func(int) rig {
		before := heapBytes()
		c := s.crew(1, pending, 1)
		w := c.workers[0]
		k := keepArmed(w, pending)
		each := float64(heapBytes()-before) / float64(pending)
		run := func(b *testing.B) {
			m := startMeter(b)
			spent := collections(b.N)
			m.stop(b, 1, blocks)
			b.ReportMetric(float64(percentile(spent, 50))/1e6, "gc-ms")
			b.ReportMetric(each, "B/fence")
			good := 0
			for i := range k.len() {
				if !w.Signaled(k.at(i)) {
					good++
				}
			}
			c.check(b, good, pending, count{}, count{})
		}
		return rig{run, func() error {
			defer func() { _ = c.close() }()
			for i := range k.len() {
				if !w.Finish(k.at(i), nil) {
					return fmt.Errorf("%w: fence %d was signaled", errCount, i)
				}
			}
			return nil
		}}
	}
}

// heapBytes returns what is alive on the heap, and what goroutines have for their stacks.
func heapBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
