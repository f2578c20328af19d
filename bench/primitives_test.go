package bench

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fencert/fencert/internal/pad"
	fencert "github.com/fencert/fencert/runtime"
	"github.com/puzpuzpuz/xsync/v3"
)

// BenchmarkAtomicAdd times R, the unit that the other rows are compared with: one
// atomic add to a word that no other core touches. GOMAXPROCS goroutines, each
// with its own word.
func BenchmarkAtomicAdd(b *testing.B) {
	type word struct {
		_ pad.Line
		n atomic.Uint64
		_ pad.Line
	}
	measure(b, "", "limit", func(procs int) rig {
		words := make([]word, procs)
		run := func(b *testing.B) {
			before := uint64(0)
			for i := range words {
				before += words[i].n.Load()
			}
			parallel(b, procs, steady, func(id, lo, hi int) int {
				for n := &words[id].n; lo < hi; lo++ {
					n.Add(1)
				}
				return 0
			})
			after := uint64(0)
			for i := range words {
				after += words[i].n.Load()
			}
			if after-before != uint64(b.N) {
				b.Fatalf("%v: %d adds, want %d", errCount, after-before, b.N)
			}
		}
		return rig{run, func() error { return nil }}
	})
}

// counters is the table of BenchmarkSeqno.
var counters = []struct {
	impl   string
	blocks bool
	make   func() Counter
}{
	{"lockfree", false, func() Counter { return new(contextCounter) }},
	{"mutex", true, func() Counter { return new(mutexCounter) }},
	{"limit", false, func() Counter { return new(atomicCounter) }},
}

type seqnoCase struct{ goroutines int }

func (c seqnoCase) String() string { return fmt.Sprintf("goroutines=%d", c.goroutines) }

// BenchmarkSeqno times the issue of one seqno from a fence context that that many
// goroutines share.
func BenchmarkSeqno(b *testing.B) {
	for _, c := range []seqnoCase{{1}, {2}, {4}} {
		for _, impl := range counters {
			measure(b, c.String(), impl.impl, func(int) rig {
				d := steady
				if impl.blocks && c.goroutines > 1 {
					d = blocks
				}
				return rig{func(b *testing.B) { issue(b, impl.make(), c.goroutines, d) },
					func() error { return nil }}
			})
		}
	}
}

// issue takes b.N seqnos and checks that each was issued once: those of one
// goroutine rise, and all of them add up.
func issue(b *testing.B, c Counter, goroutines int, d duty) {
	type issued struct {
		_         pad.Line
		sum, last uint64
		_         pad.Line
	}
	all := make([]issued, goroutines)
	good := parallel(b, goroutines, d, func(id, lo, hi int) (good int) {
		sum, last := all[id].sum, all[id].last
		for ; lo < hi; lo++ {
			n := c.Next()
			if n > last {
				good++
			}
			sum, last = sum+n, n
		}
		all[id].sum, all[id].last = sum, last
		return good
	})
	sum := uint64(0)
	for i := range all {
		sum += all[i].sum
	}
	if err := verify(good, b.N, count{}, count{0, sum}, count{0, rising(b.N+1, 1).sum}); err != nil {
		b.Fatal(err)
	}
}

// readers is the table of BenchmarkPin. make returns a function that opens one
// Reader for each goroutine, all of the same value.
var readers = []struct {
	impl string
	make func(value uint64) func() Reader
}{
	{"lockfree", newRuntimeReaders(fencert.PinAuto, openParticipant)},
	{"portable", newRuntimeReaders(fencert.PinPortable, openParticipant)},
	{"local", newRuntimeReaders(fencert.PinAuto, openLocal)},
	{"rwmutex", func(v uint64) func() Reader {
		r := rwReader{newShared(v), new(sync.RWMutex)}
		return func() Reader { return r }
	}},
	{"rbmutex", func(v uint64) func() Reader {
		r := rbReader{newShared(v), xsync.NewRBMutex()}
		return func() Reader { return r }
	}},
	{"bare", func(v uint64) func() Reader {
		r := bareReader{newShared(v)}
		return func() Reader { return r }
	}},
}

// BenchmarkPin times one read of a shared value under protection: enter the read
// side, load the pointer and the value, leave. GOMAXPROCS goroutines read the same
// value; nobody writes.
func BenchmarkPin(b *testing.B) {
	const value = 3
	for _, impl := range readers {
		measure(b, "", impl.impl, func(procs int) rig {
			open := impl.make(value)
			pinned := make([]Reader, procs)
			for id := range pinned {
				pinned[id] = open()
			}
			run := func(b *testing.B) {
				good := parallel(b, procs, steady, func(id, lo, hi int) int {
					return int(pinned[id].Read(hi-lo) / value)
				})
				if err := verify(good, b.N, count{}, count{}, count{}); err != nil {
					b.Fatal(err)
				}
			}
			return rig{run, func() error {
				for _, r := range pinned {
					r.Close()
				}
				return nil
			}}
		})
	}
}
