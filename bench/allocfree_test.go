package bench

import (
	"sync"
	"testing"

	"github.com/fencert/fencert/arena"
)

// burstSize is how many objects mode=burst takes before it gives them back.
const burstSize = 64

// objectsInUse is the capacity of the preallocated sources, per goroutine.
const objectsInUse = 1024

// A source is one line of the table of BenchmarkAllocFree.
type source interface {
	name() string
	private(burst int) opener
	cross() opener
	stress(t *testing.T)
}

// allocSource is a source with its handle type. open makes one source with room for
// n objects, and returns a function that opens a goroutine's Allocator of it.
type allocSource[H any] struct {
	label string
	duty  duty
	open  func(n int) func() Allocator[H]
}

func (s allocSource[H]) name() string { return s.label }

var sources = []source{
	allocSource[arena.Ref]{"lockfree", steady, newArenaSource},
	allocSource[*object]{"new", collected, func(int) func() Allocator[*object] {
		return func() Allocator[*object] { return newSource{} }
	}},
	allocSource[*object]{"syncpool", steady, func(int) func() Allocator[*object] {
		s := newPoolSource()
		return func() Allocator[*object] { return s }
	}},
	allocSource[*object]{"mpmc", steady, func(n int) func() Allocator[*object] {
		s := newQueueSource(n)
		return func() Allocator[*object] { return s }
	}},
	allocSource[uint32]{"treiber", steady, func(n int) func() Allocator[uint32] {
		s := newStackSource(n)
		return func() Allocator[uint32] { return s }
	}},
}

// BenchmarkAllocFree times taking an object, storing a word in it, reading the word
// and giving the object back. mode=pair does that one at a time and mode=burst 64
// at a time, on GOMAXPROCS goroutines with one source; mode=cross takes on one
// goroutine and gives back on another, with a queue of 256 between them that is
// part of the time. An operation is one object.
func BenchmarkAllocFree(b *testing.B) {
	for _, mode := range []struct {
		mode string
		open func(source) opener
	}{
		{"pair", func(s source) opener { return s.private(1) }},
		{"burst", func(s source) opener { return s.private(burstSize) }},
		{"cross", source.cross},
	} {
		for _, s := range sources {
			measure(b, "mode="+mode.mode, s.name(), mode.open(s))
		}
	}
}

func (s allocSource[H]) crew(n int) []Allocator[H] {
	open := s.open(n * objectsInUse)
	crew := make([]Allocator[H], n)
	for i := range crew {
		crew[i] = open()
	}
	return crew
}

func closeAllocators[H any](crew []Allocator[H]) error {
	for _, a := range crew {
		a.Close()
	}
	return nil
}

func (s allocSource[H]) private(burst int) opener {
	return func(procs int) rig {
		crew := s.crew(procs)
		body := allocBurst[H]
		if burst == 1 {
			body = allocPair[H]
		}
		return rig{func(b *testing.B) {
			good := parallel(b, procs, s.duty, func(id, lo, hi int) int {
				return body(crew[id], lo, hi)
			})
			if err := verify(good, b.N, count{}, count{}, count{}); err != nil {
				b.Fatal(err)
			}
		}, func() error { return closeAllocators(crew) }}
	}
}

// allocPair and allocBurst return how many objects still carried what was stored in
// them. Each value is used once in a run: i is, and nobody else has it.
func allocPair[H any](a Allocator[H], lo, hi int) (good int) {
	for i := lo; i < hi; i++ {
		if a.Free(a.Alloc(uint64(i))) == uint64(i) {
			good++
		}
	}
	return good
}

func allocBurst[H any](a Allocator[H], lo, hi int) (good int) {
	var held [burstSize]H
	for lo < hi {
		n := min(burstSize, hi-lo)
		for j := range n {
			held[j] = a.Alloc(uint64(lo + j))
		}
		for j := range n {
			if a.Free(held[j]) == uint64(lo+j) {
				good++
			}
		}
		lo += n
	}
	return good
}

func (s allocSource[H]) cross() opener {
	return func(int) rig {
		crew := s.crew(2)
		return rig{func(b *testing.B) {
			var (
				queue   = newRing[H]()
				good    int
				freeing sync.WaitGroup
			)
			m := startMeter(b)
			freeing.Go(func() {
				for i := range b.N {
					if crew[1].Free(queue.pop()) == uint64(i) {
						good++
					}
				}
			})
			for i := range b.N {
				queue.push(crew[0].Alloc(uint64(i)))
			}
			freeing.Wait()
			m.stop(b, 2, s.duty)
			if err := verify(good, b.N, count{}, count{}, count{}); err != nil {
				b.Fatal(err)
			}
		}, func() error { return closeAllocators(crew) }}
	}
}
