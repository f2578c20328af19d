package fencert

import (
	"runtime"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// A stripe is a Local for calls that have none of their own. Not a sync.Pool: that drops its entries when the
// collector runs, and some always under the race detector.
type stripe struct {
	taken atomicx.Uint32
	local *Local
	_     pad.Line
}

func newStripes(rt *Runtime) []stripe {
	n := 4
	for n < 4*runtime.GOMAXPROCS(0) && !atomicx.Exploring {
		n *= 2
	}
	s := make([]stripe, n)
	for i := range s {
		s[i].local = rt.newLocal()
	}
	return s
}

// borrow returns a Local for one call, and its stripe. It never waits: when all stripes are taken, it makes a
// Local for this call, which allocates, or finds one of this goroutine's (see overflow).
func (rt *Runtime) borrow() (*Local, *stripe) {
	mask := uintptr(len(rt.stripes) - 1)
	at := stackHash()
	for k := range rt.stripes {
		s := &rt.stripes[(at+uintptr(k))&mask]
		// Owns: local. Pairs with: the release store in giveBack. ABA: harmless. Progress: it is
		// a try, over a fixed number of stripes.
		if s.taken.Load() == 0 && s.taken.CompareAndSwap(0, 1) {
			if debugging {
				s.local.debugLend()
			}
			return s.local, s
		}
	}
	if debugging {
		debugCall("a call that borrows a Local when all are lent", allocates)
	}
	return rt.overflow.borrow(rt), nil
}

// giveBack ends a borrow.
func (rt *Runtime) giveBack(l *Local, s *stripe) {
	if debugging {
		l.debugReturn()
	}
	if s == nil {
		rt.overflow.giveBack(l)
		return
	}
	held := l.slots.Held()
	// Publishes: local's plain fields. One writer: who took it; seen late, it only looks taken longer.
	atomicx.StoreRelease32(&s.taken, 0)
	if held > 0 && rt.arena.Scarce() { // whoever made slots scarce may have found this stripe taken
		s.ask((*Local).flushSlots)
	}
}

// ask has a stripe give back what it keeps, unless it is taken: then it tells.
func (s *stripe) ask(flush func(*Local)) (taken bool) {
	// Owns: local. Pairs with: as in borrow. ABA: harmless. No loop.
	if s.taken.Load() != 0 || !s.taken.CompareAndSwap(0, 1) {
		return true
	}
	flush(s.local)
	// Publishes: as in giveBack.
	atomicx.StoreRelease32(&s.taken, 0)
	return false
}

// askStripes has all stripes give back what they keep, and tells whether one was taken. Lock-free.
func (rt *Runtime) askStripes(flush func(*Local)) (taken bool) {
	for i := range rt.stripes {
		if rt.stripes[i].ask(flush) {
			taken = true
		}
	}
	return taken
}

// stackHash spreads goroutines over stripes: their stacks lie apart.
//
// Safety: the address is used as a number only.
func stackHash() uintptr {
	if atomicx.Exploring {
		return 0 // addresses differ from run to run
	}
	var x byte
	a := uintptr(unsafe.Pointer(&x)) >> 11
	return a ^ a>>7
}
