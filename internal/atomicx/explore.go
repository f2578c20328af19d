//go:build explore

package atomicx

import (
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"
)

// Exploring tells whether this is an explore build.
const Exploring = true

// A Kind says what an operation does to its word.
type Kind uint8

// The kinds of operations that a Scheduler is told about.
const (
	KindLoad Kind = iota
	KindStore
	KindSwap
	KindAdd
	KindCAS
	KindPause
	KindPark
	KindWake
)

func (k Kind) String() string {
	return [...]string{"load", "store", "swap", "add", "cas", "pause", "park", "wake"}[k]
}

// A Scheduler decides which thread goes next. It is called on the thread that is
// about to act, and returns when that thread may.
type Scheduler interface {
	// Step yields before an operation on the word at addr.
	Step(kind Kind, addr unsafe.Pointer)
	// Wrote is called after the word at addr was changed.
	Wrote(addr unsafe.Pointer)
	// Block yields until ready answers true.
	Block(kind Kind, addr unsafe.Pointer, ready func() bool)
	// Spin yields until another thread has written something.
	Spin()
	// Read and Write are told of plain accesses, which don't yield.
	Read(addr unsafe.Pointer)
	Write(addr unsafe.Pointer)
}

// current is nil outside an exploration: then every operation goes straight
// through. Explorations don't overlap in a process.
var current Scheduler

// SetScheduler installs s, or nothing when it is nil.
func SetScheduler(s Scheduler) { current = s }

// exploration is true from before the first schedule to after the last one.
var exploration atomic.Bool

// SetExploration tells that an exploration begins or has ended.
func SetExploration(begins bool) { exploration.Store(begins) }

// Outside returns when no exploration is under way. What waits here is in no hurry.
func Outside() {
	for exploration.Load() {
		time.Sleep(time.Millisecond)
	}
}

func step(k Kind, p unsafe.Pointer) {
	if current != nil {
		current.Step(k, p)
	}
}

func wrote(p unsafe.Pointer) {
	if current != nil {
		current.Wrote(p)
	}
}

// Uint64 is atomic.Uint64 with a yield before each operation.
type Uint64 struct{ v atomic.Uint64 }

func (x *Uint64) addr() unsafe.Pointer { return unsafe.Pointer(x) }

// Load is atomic.Uint64's.
func (x *Uint64) Load() uint64 { step(KindLoad, x.addr()); return x.v.Load() }

// Store is atomic.Uint64's.
func (x *Uint64) Store(v uint64) { step(KindStore, x.addr()); x.v.Store(v); wrote(x.addr()) }

// Swap is atomic.Uint64's.
func (x *Uint64) Swap(v uint64) uint64 {
	step(KindSwap, x.addr())
	defer wrote(x.addr())
	return x.v.Swap(v)
}

// Add is atomic.Uint64's.
func (x *Uint64) Add(d uint64) uint64 {
	step(KindAdd, x.addr())
	defer wrote(x.addr())
	return x.v.Add(d)
}

// CompareAndSwap is atomic.Uint64's.
func (x *Uint64) CompareAndSwap(o, n uint64) bool {
	step(KindCAS, x.addr())
	ok := x.v.CompareAndSwap(o, n)
	if ok {
		wrote(x.addr())
	}
	return ok
}

// Uint32 is atomic.Uint32 with a yield before each operation.
type Uint32 struct{ v atomic.Uint32 }

func (x *Uint32) addr() unsafe.Pointer { return unsafe.Pointer(x) }

// Load is atomic.Uint32's.
func (x *Uint32) Load() uint32 { step(KindLoad, x.addr()); return x.v.Load() }

// Store is atomic.Uint32's.
func (x *Uint32) Store(v uint32) { step(KindStore, x.addr()); x.v.Store(v); wrote(x.addr()) }

// Swap is atomic.Uint32's.
func (x *Uint32) Swap(v uint32) uint32 {
	step(KindSwap, x.addr())
	defer wrote(x.addr())
	return x.v.Swap(v)
}

// Add is atomic.Uint32's.
func (x *Uint32) Add(d uint32) uint32 {
	step(KindAdd, x.addr())
	defer wrote(x.addr())
	return x.v.Add(d)
}

// CompareAndSwap is atomic.Uint32's.
func (x *Uint32) CompareAndSwap(o, n uint32) bool {
	step(KindCAS, x.addr())
	ok := x.v.CompareAndSwap(o, n)
	if ok {
		wrote(x.addr())
	}
	return ok
}

// Int64 is atomic.Int64 with a yield before each operation.
type Int64 struct{ u Uint64 }

// Load is atomic.Int64's.
func (x *Int64) Load() int64 { return int64(x.u.Load()) }

// Store is atomic.Int64's.
func (x *Int64) Store(v int64) { x.u.Store(uint64(v)) }

// Swap is atomic.Int64's.
func (x *Int64) Swap(v int64) int64 { return int64(x.u.Swap(uint64(v))) }

// Add is atomic.Int64's.
func (x *Int64) Add(d int64) int64 { return int64(x.u.Add(uint64(d))) }

// CompareAndSwap is atomic.Int64's.
func (x *Int64) CompareAndSwap(o, n int64) bool { return x.u.CompareAndSwap(uint64(o), uint64(n)) }

// Int32 is atomic.Int32 with a yield before each operation.
type Int32 struct{ u Uint32 }

// Load is atomic.Int32's.
func (x *Int32) Load() int32 { return int32(x.u.Load()) }

// Store is atomic.Int32's.
func (x *Int32) Store(v int32) { x.u.Store(uint32(v)) }

// Swap is atomic.Int32's.
func (x *Int32) Swap(v int32) int32 { return int32(x.u.Swap(uint32(v))) }

// Add is atomic.Int32's.
func (x *Int32) Add(d int32) int32 { return int32(x.u.Add(uint32(d))) }

// CompareAndSwap is atomic.Int32's.
func (x *Int32) CompareAndSwap(o, n int32) bool { return x.u.CompareAndSwap(uint32(o), uint32(n)) }

// Bool is atomic.Bool with a yield before each operation.
type Bool struct{ u Uint32 }

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// Load is atomic.Bool's.
func (x *Bool) Load() bool { return x.u.Load() != 0 }

// Store is atomic.Bool's.
func (x *Bool) Store(v bool) { x.u.Store(bit(v)) }

// Swap is atomic.Bool's.
func (x *Bool) Swap(v bool) bool { return x.u.Swap(bit(v)) != 0 }

// CompareAndSwap is atomic.Bool's.
func (x *Bool) CompareAndSwap(o, n bool) bool { return x.u.CompareAndSwap(bit(o), bit(n)) }

// Pointer is atomic.Pointer with a yield before each operation.
type Pointer[T any] struct{ v atomic.Pointer[T] }

func (x *Pointer[T]) addr() unsafe.Pointer { return unsafe.Pointer(x) }

// Load is atomic.Pointer's.
func (x *Pointer[T]) Load() *T { step(KindLoad, x.addr()); return x.v.Load() }

// Store is atomic.Pointer's.
func (x *Pointer[T]) Store(v *T) { step(KindStore, x.addr()); x.v.Store(v); wrote(x.addr()) }

// Swap is atomic.Pointer's.
func (x *Pointer[T]) Swap(v *T) *T {
	step(KindSwap, x.addr())
	defer wrote(x.addr())
	return x.v.Swap(v)
}

// CompareAndSwap is atomic.Pointer's.
func (x *Pointer[T]) CompareAndSwap(o, n *T) bool {
	step(KindCAS, x.addr())
	ok := x.v.CompareAndSwap(o, n)
	if ok {
		wrote(x.addr())
	}
	return ok
}

// Pause yields until another thread has written something: nothing else can end
// the loop around it.
func Pause(uint32) {
	if current != nil {
		current.Spin()
		return
	}
	runtime.Gosched()
}

// A Cell is a plain variable whose accesses are checked for order.
type Cell[T any] struct{ v T }

// Get returns the value and reports a write that is unordered with it.
func (c *Cell[T]) Get() T {
	if current != nil {
		current.Read(unsafe.Pointer(c))
	}
	return c.v
}

// Set stores v and reports an access that is unordered with it.
func (c *Cell[T]) Set(v T) {
	if current != nil {
		current.Write(unsafe.Pointer(c))
	}
	c.v = v
}

// A Parker blocks one thread of an exploration until another wakes it.
type Parker struct{ token *Uint32 }

// NewParker returns a Parker without a pending wake-up.
func NewParker() Parker { return Parker{token: new(Uint32)} }

// Park blocks until Wake (true), or until canceled is closed or expired has a value (false).
func (p *Parker) Park(canceled <-chan struct{}, expired <-chan time.Time) bool {
	ended := false // a value is there only once
	ready := func() bool {
		select {
		case <-canceled:
			ended = true
		case <-expired:
			ended = true
		default:
		}
		return ended || p.token.v.Load() != 0
	}
	if current != nil {
		current.Block(KindPark, p.token.addr(), ready)
	}
	for !ready() { // outside an exploration only
		runtime.Gosched()
	}
	return p.token.v.Swap(0) != 0
}

// Wake lets one Park return.
func (p *Parker) Wake() { step(KindWake, p.token.addr()); p.token.v.Store(1); wrote(p.token.addr()) }

// Drain forgets a wake-up that came too late.
func (p *Parker) Drain() bool { return p.token.Swap(0) != 0 }

// Own32 reads a word that no other goroutine writes meanwhile.
func Own32(p *Uint32) uint32 { return p.v.Load() }
