package bench

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/internal/pad"
	"github.com/puzpuzpuz/xsync/v3"
)

// An Allocator is one goroutine's view of where objects come from. H names an
// object in use. The value that an object carries tells the benchmark that no
// object was in two hands.
//
// Callers: one goroutine at a time; an object may be freed on another Allocator of
// the same source.
type Allocator[H any] interface {
	// Alloc takes an object and stores v in it. There must be one.
	Alloc(v uint64) H
	// Free gives it back and returns what it carried.
	Free(h H) uint64
	Close()
}

// An object is as large as a fence of the mutex kind without its slices.
type object struct {
	value uint64
	_     [pad.Size/2 - 8]byte
}

// newSource is impl=new: the collector.
type newSource struct{}

func (newSource) Alloc(v uint64) *object {
	o := new(object)
	o.value = v
	return o
}

func (newSource) Free(o *object) uint64 { return o.value }

func (newSource) Close() {}

// poolSource is impl=syncpool: one sync.Pool for all.
type poolSource struct{ pool *sync.Pool }

func newPoolSource() poolSource {
	return poolSource{&sync.Pool{New: func() any { return new(object) }}}
}

func (s poolSource) Alloc(v uint64) *object {
	o := s.pool.Get().(*object)
	o.value = v
	return o
}

func (s poolSource) Free(o *object) uint64 {
	v := o.value
	s.pool.Put(o)
	return v
}

func (poolSource) Close() {}

// queueSource is impl=mpmc: preallocated objects in one bounded queue for all.
type queueSource struct{ free *xsync.MPMCQueueOf[*object] }

func newQueueSource(n int) queueSource {
	s := queueSource{xsync.NewMPMCQueueOf[*object](n)}
	objects := make([]object, n)
	for i := range objects {
		s.free.TryEnqueue(&objects[i])
	}
	return s
}

func (s queueSource) Alloc(v uint64) *object {
	// TryDequeue also fails while another goroutine is between its two steps, so a
	// failure doesn't say that there is none. The benchmarks never take more.
	for {
		if o, ok := s.free.TryDequeue(); ok {
			o.value = v
			return o
		}
		runtime.Gosched()
	}
}

func (s queueSource) Free(o *object) uint64 {
	v := o.value
	for !s.free.TryEnqueue(o) {
		runtime.Gosched()
	}
	return v
}

func (queueSource) Close() {}

// stackSource is impl=treiber: preallocated objects on one Treiber stack for all.
//
// head is tag<<32 | index+1. ABA: every pop raises the tag, so a head that
// compares equal had no pop in between, unless 2^32 of them.
type stackSource struct {
	_       pad.Line
	head    atomic.Uint64
	_       pad.Line
	objects []object
	next    []atomic.Uint32 // index+1 of the object below; 0 at the bottom
}

const stackTag = 1 << 32

func newStackSource(n int) *stackSource {
	s := &stackSource{objects: make([]object, n), next: make([]atomic.Uint32, n)}
	for i := range s.next {
		s.next[i].Store(uint32(i))
	}
	s.head.Store(uint64(n))
	return s
}

func (s *stackSource) Alloc(v uint64) uint32 {
	for {
		head := s.head.Load()
		if uint32(head) == 0 {
			panic(ErrExhausted)
		}
		i := uint32(head) - 1
		// May be stale when somebody else took i in the meantime: then the CAS fails.
		below := uint64(s.next[i].Load())
		if s.head.CompareAndSwap(head, head&^(stackTag-1)+stackTag+below) {
			s.objects[i].value = v
			return i
		}
	}
}

func (s *stackSource) Free(i uint32) uint64 {
	v := s.objects[i].value
	for {
		head := s.head.Load()
		s.next[i].Store(uint32(head))
		if s.head.CompareAndSwap(head, head&^(stackTag-1)+uint64(i)+1) {
			return v
		}
	}
}

func (*stackSource) Close() {}

// arenaSource is impl=lockfree: the runtime's arena, an Owner for each goroutine, and a table of values under
// the slot's index.
type arenaSource struct {
	slots  *arena.Arena
	owner  *arena.Owner
	values []uint64
}

// newArenaSource returns a function that opens a goroutine's Allocator of n slots and its magazine.
func newArenaSource(n int) func() Allocator[arena.Ref] {
	slots, err := arena.New(n + 64*magazine)
	if err != nil {
		panic(err)
	}
	values := make([]uint64, slots.Slots()+1)
	return func() Allocator[arena.Ref] { return &arenaSource{slots, slots.NewOwner(), values} }
}

func (s *arenaSource) Alloc(v uint64) arena.Ref {
	r, err := s.owner.Reserve()
	if err != nil {
		panic(err)
	}
	s.values[r.Index()] = v
	return r
}

// Free ends the life by a store: nobody else has the handle.
func (s *arenaSource) Free(r arena.Ref) uint64 {
	v := s.values[r.Index()]
	s.owner.End(r)
	return v
}

func (s *arenaSource) Close() { s.owner.Close() }
