package bench

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/fencert/fencert/internal/pad"
	fencert "github.com/fencert/fencert/runtime"
)

// A writer is one goroutine's part of BenchmarkSeqWrite.
type writer struct {
	_       pad.Line
	word    atomic.Uint64 // that is written
	written uint64        // the sum of what was seen in it
	local   *fencert.Local
	line    *fencert.Timeline
	context *fencert.FenceContext
	_       pad.Line
}

// address is the word as devices and mappings have it. Safety: an atomic.Uint64 is a uint64, and aligned.
func (w *writer) address() *uint64 { return (*uint64)(unsafe.Pointer(&w.word)) }

// A writeWay does one operation of BenchmarkSeqWrite: word becomes n when something is signaled, which it is.
type writeWay struct {
	on, name string
	do       func(w *writer, s *fencert.SeqWrites, n uint64) error
}

var writeWays = []writeWay{
	{"fence", "lockfree", func(w *writer, s *fencert.SeqWrites, n uint64) error {
		i, err := w.local.NewFence(w.context)
		if err != nil {
			return err
		}
		if _, err := w.local.AttachWrite64(s, i.Fence(), w.address(), n); err != nil {
			return err
		}
		return w.local.Finish(i, nil)
	}},
	{"fence", "closure", func(w *writer, _ *fencert.SeqWrites, n uint64) error {
		i, err := w.local.NewFence(w.context)
		if err != nil {
			return err
		}
		if _, err := w.local.OnSignalFunc(i.Fence(), func(error) { w.word.Store(n) }); err != nil {
			return err
		}
		return w.local.Finish(i, nil)
	}},
	{"point", "lockfree", func(w *writer, s *fencert.SeqWrites, n uint64) error {
		if _, err := w.local.AttachWrite64(s, w.line.At(n), w.address(), n); err != nil {
			return err
		}
		return w.local.Advance(w.line, n)
	}},
	{"point", "closure", func(w *writer, _ *fencert.SeqWrites, n uint64) error {
		if _, err := w.local.OnSignalFunc(w.line.At(n), func(error) { w.word.Store(n) }); err != nil {
			return err
		}
		return w.local.Advance(w.line, n)
	}},
}

// BenchmarkSeqWrite times a fence that is made, given a write, and signaled, or a point of a timeline likewise, and a look at
// the word. impl=closure is a closure that writes. GOMAXPROCS workers, each with fences and words of its own.
func BenchmarkSeqWrite(b *testing.B) {
	for _, way := range writeWays {
		measure(b, "on="+way.on, way.name, func(procs int) rig { return openWriters(b, way, procs) })
	}
}

func openWriters(b *testing.B, way writeWay, procs int) rig {
	rt, err := fencert.New(fencert.Config{Fences: large})
	if err != nil {
		b.Fatal(err)
	}
	writes, err := rt.NewSeqWrites(large)
	if err != nil {
		b.Fatal(err)
	}
	all := make([]writer, procs)
	for k := range all {
		w := &all[k]
		w.local = rt.Local()
		w.context, err = rt.NewFenceContext("bench", "write", fencert.SingleIssuer())
		if err != nil {
			b.Fatal(err)
		}
		if w.line, err = rt.NewTimeline("bench", "write"); err != nil {
			b.Fatal(err)
		}
	}
	run := func(b *testing.B) {
		before, sum := total(all)
		duty := steady
		if way.name == "closure" {
			duty = collected
		}
		good := parallel(b, procs, duty, func(id, lo, hi int) (good int) {
			w := &all[id]
			for ; lo < hi; lo++ {
				n := w.word.Load() + 1
				if way.do(w, writes, n) != nil {
					continue
				}
				if v := w.word.Load(); v == n {
					good++
					w.written += v
				}
			}
			return good
		})
		if err := checkWriters(all, good, b.N, before, sum); err != nil {
			b.Fatal(err)
		}
	}
	return rig{run, func() error {
		for k := range all {
			all[k].local.Close()
		}
		return rt.Close()
	}}
}

// total is the sum of the words, and of all that was seen in them.
func total(all []writer) (words, written uint64) {
	for k := range all {
		words += all[k].word.Load()
		written += all[k].written
	}
	return words, written
}

// checkWriters: the words have gone up by one with each operation, and each value was seen once.
func checkWriters(all []writer, good, ops int, before, sum uint64) error {
	words, written := total(all)
	want := uint64(0)
	for k := range all {
		n := all[k].word.Load()
		want += n * (n + 1) / 2
	}
	if good != ops || words-before != uint64(ops) || written != want || written < sum {
		return fmt.Errorf("%w: %d of %d operations, words from %d to %d, %d seen, want %d", errCount, good, ops, before, words, written, want)
	}
	return nil
}

// BenchmarkSourceSync times a look of a source at its word: moves=all: which was raised just before, by one, and so is the
// timeline; moves=none: which stands still. impl=limit does the same loads, stores and the compare-and-swap, and nothing else.
func BenchmarkSourceSync(b *testing.B) {
	for _, moves := range []bool{true, false} {
		for _, bits := range []int{64, 32} {
			name := fmt.Sprintf("moves=%s/bits=%d", map[bool]string{true: "all", false: "none"}[moves], bits)
			measure(b, name, "lockfree", func(int) rig { return openSource(b, moves, bits) })
			measure(b, name, "limit", func(int) rig { return openSourceLimit(moves) })
		}
	}
}

func openSource(b *testing.B, moves bool, bits int) rig {
	rt, err := fencert.New(fencert.Config{Fences: large})
	if err != nil {
		b.Fatal(err)
	}
	const start = 1<<32 - 1000 // 32 bits wrap
	line, err := rt.NewTimeline("bench", "source", fencert.StartAt(start))
	if err != nil {
		b.Fatal(err)
	}
	var wide atomic.Uint64
	var narrow atomic.Uint32
	wide.Store(line.Value())
	narrow.Store(uint32(line.Value() & (1<<32 - 1)))
	// Safety: atomics are what they are named after, and aligned.
	source, err := fencert.NewSource(line, (*uint64)(unsafe.Pointer(&wide)), 0)
	raise := func() { wide.Add(1) }
	if bits == 32 {
		source, err = fencert.NewSource(line, (*uint32)(unsafe.Pointer(&narrow)), 0)
		raise = func() { narrow.Add(1) }
	}
	if err != nil {
		b.Fatal(err)
	}
	l := rt.Local()
	run := func(b *testing.B) {
		before, good := line.Value(), 0
		m := startMeter(b)
		for range b.N {
			if moves {
				raise()
			}
			if moved, err := l.Sync(source); err == nil && moved == moves {
				good++
			}
		}
		m.stop(b, 1, steady)
		want := before
		if moves {
			want += uint64(b.N)
		}
		if good != b.N || line.Value() != want {
			b.Fatalf("%v: %d of %d syncs, value %d, want %d", errCount, good, b.N, line.Value(), want)
		}
	}
	return rig{run, func() error { l.Close(); return rt.Close() }}
}

func openSourceLimit(moves bool) rig {
	words := new(struct {
		_     pad.Line
		word  atomic.Uint64
		_     pad.Line
		value atomic.Uint64
		_     pad.Line
	})
	raise := func() { words.word.Add(1) }
	run := func(b *testing.B) {
		before, good := words.value.Load(), 0
		m := startMeter(b)
		for range b.N {
			if moves {
				raise()
			}
			v, n := words.value.Load(), words.word.Load()
			if n == v && !moves || n != v && moves && words.value.CompareAndSwap(v, n) {
				good++
			}
		}
		m.stop(b, 1, steady)
		if good != b.N || moves && words.value.Load()-before != uint64(b.N) {
			b.Fatalf("%v: %d of %d, value %d", errCount, good, b.N, words.value.Load())
		}
	}
	return rig{run, func() error { return nil }}
}

// TestSeqWriteChecks: a row fails when a write is lost or another's.
func TestSeqWriteChecks(t *testing.T) {
	for name, c := range map[string]struct {
		wrong func(all []writer)
		good  int
		ok    bool
	}{
		"right":            {func([]writer) {}, 3, true},
		"operation failed": {func([]writer) {}, 2, false},
		"not written":      {func(all []writer) { all[0].word.Store(2) }, 3, false},
		"seen twice":       {func(all []writer) { all[0].written++ }, 3, false},
	} {
		all := make([]writer, runtime.GOMAXPROCS(0))
		all[0].word.Store(3)
		all[0].written = 6
		c.wrong(all)
		if err := checkWriters(all, c.good, 3, 0, 0); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
