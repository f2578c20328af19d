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
	KindRelease    // into the store buffer
	KindFlush      // out of it
	KindMembarrier // its call
	KindBarred     // its return
	KindLock
	KindUnlock
	KindNow   // looks at the clock
	KindTimer // changes what the clock will do
	KindSleep
	KindTick
	KindPick
	KindStart
)

var kinds = [...]string{"load", "store", "swap", "add", "cas", "pause", "park", "wake", "release", "flush", "membarrier",
	"membarrier ends", "lock", "unlock", "now", "timer", "sleep", "tick", "pick", "start"}

func (k Kind) String() string { return kinds[k] }

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
func SetScheduler(s Scheduler) {
	current, extended, buffering, noting = s, nil, false, false
	if e, ok := s.(Extended); ok {
		extended = e
		buffering, noting = e.Modes()
	}
}

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

// wrote tells of a write; changed is false when a read-modify-write left the value that was there.
func wrote(p unsafe.Pointer, changed bool) {
	switch {
	case current == nil:
	case changed || extended == nil:
		current.Wrote(p)
	default:
		extended.Rewrote(p)
	}
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

// A Parker blocks one thread of an exploration until another wakes it. A tick of the clock arrives in its own time:
// see Timer.
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
func (p *Parker) Wake() {
	step(KindWake, p.token.addr())
	wrote(p.token.addr(), p.token.v.Swap(1) != 1)
}

// Drain forgets a wake-up that came too late.
func (p *Parker) Drain() bool { return p.token.Swap(0) != 0 }

// Own32 reads a word that no other goroutine writes meanwhile.
//
// It is no step of its own but where there are store buffers: a former owner's store may still be on its way.
func Own32(p *Uint32) uint32 {
	if buffering {
		step(KindLoad, p.addr())
	}
	return p.own()
}
