//go:build explore

package explore

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
)

// litmus collects the results of a small program: each thread returns what it read.
func litmus(o Options, bodies ...func(x, y *atomicx.Uint64) string) (Report, []string) {
	seen := map[string]bool{}
	r := Search(o, func(s *Scenario) {
		var x, y atomicx.Uint64
		got := make([]string, len(bodies))
		threads(s, len(bodies), func(i int) { got[i] = bodies[i](&x, &y) })
		s.Finally(func() { seen[strings.Join(got, "")] = true })
	})
	return r, slices.Sorted(maps.Keys(seen))
}

type body = func(x, y *atomicx.Uint64) string

func release(w *atomicx.Uint64) { atomicx.StoreRelease64(w, 1) }

// TestStoreBufferLitmus compares the outcomes with those of the x86-TSO paper.
func TestStoreBufferLitmus(t *testing.T) {
	read := func(w ...*atomicx.Uint64) (s string) {
		for _, w := range w {
			s += fmt.Sprint(w.Load())
		}
		return s
	}
	readers := []body{
		func(x, y *atomicx.Uint64) string { return read(x, y) },
		func(x, y *atomicx.Uint64) string { return read(y, x) },
	}
	for _, c := range []struct {
		name     string
		bodies   []body
		buffered string // outcomes, or "-" and one that must not be there
		without  string
	}{
		{"store buffering", []body{
			func(x, y *atomicx.Uint64) string { release(x); return read(y) },
			func(x, y *atomicx.Uint64) string { release(y); return read(x) },
		}, "00 01 10 11", "01 10 11"},
		{"store buffering, one a locked store", []body{
			func(x, y *atomicx.Uint64) string { x.Store(1); return read(y) },
			func(x, y *atomicx.Uint64) string { release(y); return read(x) },
		}, "00 01 10 11", "01 10 11"},
		{"store buffering, locked stores", []body{
			func(x, y *atomicx.Uint64) string { x.Store(1); return read(y) },
			func(x, y *atomicx.Uint64) string { y.Store(1); return read(x) },
		}, "01 10 11", "01 10 11"},
		{"store buffering, a failed CAS between", []body{
			func(x, y *atomicx.Uint64) string {
				release(x)
				new(atomicx.Uint64).CompareAndSwap(5, 6)
				return read(y)
			},
			func(x, y *atomicx.Uint64) string {
				release(y)
				new(atomicx.Uint64).CompareAndSwap(5, 6)
				return read(x)
			},
		}, "01 10 11", "01 10 11"},
		{"store buffering, membarrier on one side", []body{
			func(x, y *atomicx.Uint64) string { release(x); return read(y) },
			func(x, y *atomicx.Uint64) string { y.Store(1); atomicx.Membarrier(); return read(x) },
		}, "01 10 11", "01 10 11"},
		{"store buffering, membarrier too early", []body{
			func(x, y *atomicx.Uint64) string { release(x); return read(y) },
			func(x, y *atomicx.Uint64) string { atomicx.Membarrier(); y.Store(1); return read(x) },
		}, "00 01 10 11", "01 10 11"},
		{"message passing", []body{
			func(x, y *atomicx.Uint64) string { release(x); release(y); return "" },
			readers[1],
		}, "00 01 11", "00 01 11"},
		{"message passing, the flag by a locked store", []body{
			func(x, y *atomicx.Uint64) string { release(x); y.Store(1); return "" },
			readers[1],
		}, "00 01 11", "00 01 11"},
		{"load buffering", []body{
			func(x, y *atomicx.Uint64) string { s := read(y); release(x); return s },
			func(x, y *atomicx.Uint64) string { s := read(x); release(y); return s },
		}, "00 01 10", "00 01 10"},
		{"own stores are seen early (n6 without the third store)", []body{
			func(x, y *atomicx.Uint64) string { release(x); return read(x, y) },
			func(x, y *atomicx.Uint64) string { release(y); return read(y, x) },
		}, "1010 1011 1110 1111", "1011 1110 1111"},
		{"independent reads of independent writes", []body{
			func(x, _ *atomicx.Uint64) string { release(x); return "" },
			func(_, y *atomicx.Uint64) string { release(y); return "" },
			readers[0], readers[1],
		}, "- 1010", "- 1010"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for buffers, want := range map[bool]string{true: c.buffered, false: c.without} {
				r, got := litmus(Options{Mode: Exhaustive, StoreBuffers: buffers}, c.bodies...)
				not, isNot := strings.CutPrefix(want, "- ")
				if !r.Complete || isNot && (slices.Contains(got, not) || len(got) != 15) || !isNot && strings.Join(got, " ") != want {
					t.Errorf("buffers %v: %v, want %s (%v)", buffers, got, want, &r)
				}
			}
		})
	}
}

// TestBuffersAreEmptyInTheEnd: of two stores to one word either may be the last, and a store that nobody waits for
// arrives.
func TestBuffersAreEmptyInTheEnd(t *testing.T) {
	seen := map[uint64]bool{}
	r := Search(Options{Mode: Exhaustive, StoreBuffers: true}, func(s *Scenario) {
		var w atomicx.Uint64
		threads(s, 2, func(i int) { atomicx.StoreRelease64(&w, uint64(i+1)) })
		s.Finally(func() { seen[w.Load()] = true })
	})
	if !r.Complete || len(seen) != 2 || seen[0] {
		t.Errorf("%v, %v", seen, &r)
	}
}

// peterson is mutual exclusion for two, with loads and stores alone. It needs the store of want to come before the
// look at the other's: a locked store, or a full barrier behind it.
func peterson(store func(*atomicx.Uint32, uint32)) func(*Scenario) {
	return func(s *Scenario) {
		var want [2]atomicx.Uint32
		var turn atomicx.Uint32
		var inside atomicx.Cell[int]
		threads(s, 2, func(i int) {
			store(&want[i], 1)
			store(&turn, uint32(1-i))
			for want[1-i].Load() == 1 && turn.Load() == uint32(1-i) {
				atomicx.Pause(1)
			}
			inside.Set(inside.Get() + 1)
			store(&want[i], 0)
		})
		s.Finally(func() { Assert(inside.Get() == 2, "both were inside") })
	}
}

func TestPetersonNeedsAFence(t *testing.T) {
	for _, o := range []Options{{Mode: Exhaustive, StoreBuffers: true}, {Preemptions: 2, StoreBuffers: true}} {
		mustFail(t, o, "data race", peterson(atomicx.StoreRelease32))
		Test(t, o, peterson((*atomicx.Uint32).Store))
	}
	Test(t, Options{Mode: Exhaustive}, peterson(atomicx.StoreRelease32)) // sequentially consistent: it can't be seen
}

// TestReleaseStoreOrdersWhatCameBefore: and a load out of the own buffer orders nothing.
func TestReleaseStoreOrdersWhatCameBefore(t *testing.T) {
	Test(t, Options{Mode: Exhaustive, StoreBuffers: true}, func(s *Scenario) {
		var flag atomicx.Uint32
		var data atomicx.Cell[int]
		s.Thread("writer", func() { data.Set(1); atomicx.StoreRelease32(&flag, 1) })
		s.Thread("reader", func() {
			for flag.Load() == 0 {
				atomicx.Pause(1)
			}
			Assert(data.Get() == 1, "not seen")
		})
	})
	mustFail(t, Options{Mode: Exhaustive, StoreBuffers: true}, "data race", func(s *Scenario) {
		var flag atomicx.Uint32
		var data atomicx.Cell[int]
		s.Thread("writer", func() { atomicx.StoreRelease32(&flag, 1); data.Set(1) }) // stored too early
		s.Thread("reader", func() {
			if flag.Load() == 1 {
				data.Get()
			}
		})
	})
}

// TestFlushIsOnePreemption: whoever was interrupted by it need not go on.
func TestFlushIsOnePreemption(t *testing.T) {
	scenario := func(s *Scenario) {
		var x atomicx.Uint32
		through := false
		s.Thread("a", func() { atomicx.StoreRelease32(&x, 1); x.Load(); through = true })
		s.Thread("b", func() { Assert(x.Load() == 0 || through, "in the middle") })
	}
	Test(t, Options{Preemptions: 0, StoreBuffers: true}, scenario)
	mustFail(t, Options{Preemptions: 1, StoreBuffers: true}, "in the middle", scenario)
}

// TestOwnReadsTheOwnBuffer: Own32 is a plain load.
func TestOwnReadsTheOwnBuffer(t *testing.T) {
	Test(t, Options{Mode: Exhaustive, StoreBuffers: true}, func(s *Scenario) {
		var w atomicx.Uint32
		s.Thread("a", func() {
			for i := range uint32(3) {
				atomicx.StoreRelease32(&w, i)
				Assert(atomicx.Own32(&w) == i && w.Load() == i, "its own store isn't seen")
			}
		})
	})
}
