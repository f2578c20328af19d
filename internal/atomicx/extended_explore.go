//go:build explore

package atomicx

import (
	"sync/atomic"
	"time"
	"unsafe"
)

// An Extended scheduler knows more than the order of operations. SetScheduler finds out whether its scheduler does.
type Extended interface {
	Scheduler
	// Modes tells whether release stores go to Release, and whether operations tell Saw what they found.
	Modes() (buffering, noting bool)
	// Rewrote is called instead of Wrote when a read-modify-write or a wake-up left the value that was there.
	Rewrote(addr unsafe.Pointer)
	// Release yields, then puts a store into the thread's buffer; Newest is the latest one there for the word.
	Release(s BufferedStore)
	Newest(addr unsafe.Pointer) (v uint64, ok bool)
	// Membarrier returns when the buffers of all threads have been empty, each at some time since its call.
	Membarrier()
	// Now is the time, Set sets a timer off after d, Unset tells whether it was set.
	Now() time.Time
	Set(t *Timer, d time.Duration)
	Unset(t *Timer) bool
	// Pick answers with each number below n, one schedule each.
	Pick(n uint32) uint32
	// Saw is told, where Modes wants it, what the operation found and left.
	Saw(f Finding, a, b uint64)
}

// A Finding says what the numbers are that Saw is told of.
type Finding uint8

const (
	number  Finding = iota // the value
	change                 // from, to
	refused                // it was, not
	pointer
	pointers
	refusedPointers
)

// Changes tells that the word was one value and is another.
func (f Finding) Changes() bool { return f == change || f == pointers }

// Refuses tells that a CAS failed.
func (f Finding) Refuses() bool { return f == refused || f == refusedPointers }

// Pointers tells that the values are addresses.
func (f Finding) Pointers() bool { return f >= pointer }

var (
	extended          Extended
	buffering, noting bool
)

func saw(f Finding, v ...uint64) {
	if noting {
		extended.Saw(f, v[0], v[len(v)-1])
	}
}

// A BufferedStore is a release store on its way to its word.
type BufferedStore struct {
	Addr  unsafe.Pointer
	Value uint64
	wide  bool
}

// Commit stores the value.
//
// Safety: Addr is that of a Uint64 where wide, else of a Uint32; each begins with its atomic word.
func (s BufferedStore) Commit() {
	if s.wide {
		(*atomic.Uint64)(s.Addr).Store(s.Value)
		return
	}
	(*atomic.Uint32)(s.Addr).Store(uint32(s.Value))
}

// StoreRelease64 stores v so that everything this goroutine did before is visible to whoever sees v: some time, where
// the exploration has store buffers.
func StoreRelease64(p *Uint64, v uint64) {
	if buffering {
		extended.Release(BufferedStore{Addr: p.addr(), Value: v, wide: true})
		return
	}
	p.Store(v)
}

// StoreRelease32 is StoreRelease64 for a 32-bit word.
func StoreRelease32(p *Uint32, v uint32) {
	if buffering {
		extended.Release(BufferedStore{Addr: p.addr(), Value: uint64(v)})
		return
	}
	p.Store(v)
}

// Membarrier is a full barrier on each processor, some time between its call and its return, as membarrier(2) makes.
// Only explore builds have it, to stand for the system's.
func Membarrier() {
	if extended != nil {
		extended.Membarrier()
	}
}
