package fencert

import (
	"runtime"
	"weak"

	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/epoch"
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
	"github.com/fencert/fencert/internal/wheel"
)

// A Local is one goroutine's share of a runtime: free fences, free callbacks, its epoch participant.
// All hot calls are methods of it.
//
// Get one with Runtime.Local, one per worker, and Close it; the zero Local is not usable. It must not
// be copied. One goroutine at a time may use it; handing it to another needs synchronization. Use by
// two at once panics with ErrConcurrentUse where it is seen, as does use after Close. A callback may
// use the Local that it is given until it returns.
type Local struct {
	_        pad.Line // the neighbour in memory is another goroutine's
	runtime  *Runtime
	state    uint8 // idle, busy, ended
	depth    uint8 // callbacks under way on this Local's stack
	looping  bool  // the queue of put-off runs is being worked on
	returned bool  // all callbacks of the run that ends now have returned, see guard

	puttingOff uint32          // 1: queue or undelivered may hold something
	queue      queue           // put-off runs
	frames     [maxDepth]frame // by depth; a power of two saves a check

	place   uint32  // a free place in the table of errors, or 0
	channel *waiter // a free record for a channel of Done, or nil

	counts      counts
	slots       arena.Owner
	nodes       cbqueue.Owner
	points      wheel.Owner   // not Ready before its first use
	undelivered timelineQueue // timelines that are this Local's, and whose delivery was put off

	first       panicked    // of the runs that were put off, while looping
	hooks       uint32      // calls of a backend's hooks under way on this Local's stack
	enables     enableQueue // calls of EnableSignaling that were put off
	participant *epoch.Participant
	writes      spareWrites
	guest       *guest // this Local's, when it runs callbacks for calls without one, see overflow
	debug       debugLocal
	listed      weak.Pointer[Local] // this one, in the list of Locals
	_           pad.Line
}

// The states of a Local. Plain on purpose, as in Go's maps: it finds misuse, it doesn't prevent it.
const (
	idle = iota
	busy
	ended
)

// Local returns a new Local. It allocates about 5 KiB, and 8 bytes more for each Local that there is: the list of them is
// replaced as a whole. A Local that was forgotten without Close gives
// back what it holds when the garbage collector finds it.
func (rt *Runtime) Local() *Local {
	if debugging {
		debugCall("Runtime.Local", allocates)
	}
	l := rt.newLocal()
	if debugging {
		l.debugMade()
	}
	rt.enlist(l)
	// A finalizer and not a cleanup: a cleanup could not reach what is to be given back without
	// another pointer to follow in every call.
	runtime.SetFinalizer(l, func(l *Local) { atomicx.Outside(); l.forgotten() })
	return l
}

func (rt *Runtime) newLocal() *Local {
	l := &Local{runtime: rt}
	l.slots.Init(rt.arena)
	l.nodes.Init(rt.pool)
	return l
}

// Runtime is the runtime that this Local belongs to.
func (l *Local) Runtime() *Runtime { return l.runtime }

// Close gives the free fences and callbacks back, and what was retired to the others' care. Not in a
// callback or hook, nor while pinned: that panics. Closing twice does nothing. Lock-free.
func (l *Local) Close() {
	if l.state == ended {
		return
	}
	l.enter()
	if l.depth > 0 || l.hooks > 0 || l.participant != nil && l.participant.Pinned() {
		l.leave()
		panic(ErrConcurrentUse)
	}
	if debugging {
		l.debugClosed()
	}
	runtime.SetFinalizer(l, nil)
	l.giveBack()
}

// forgotten is what the collector calls for a Local that was not closed.
func (l *Local) forgotten() {
	if debugging {
		l.debugForgotten()
	}
	l.giveBack()
}

func (l *Local) giveBack() {
	if l.state == ended {
		return
	}
	l.state = ended
	l.slots.Close()
	l.nodes.Close()
	l.flushPoints()
	l.flushChannel()
	l.flushWrites()
	if l.place != 0 {
		l.runtime.results.depot.Put([]uint32{l.place})
		l.place = 0
	}
	l.runtime.delist(l)
	if p := l.participant; p != nil {
		for p.Pinned() { // only when the collector found a forgotten Local: nobody reads any more
			p.Unpin()
		}
		_ = p.Unregister() // not pinned; within a reclaim function the slot stays taken
	}
}

// enter and leave bracket every use of the Local's plain fields.
func (l *Local) enter() {
	if l.state != idle {
		l.misused()
	}
	if debugging {
		l.debugEnter()
	}
	l.state = busy
}

func (l *Local) leave() {
	l.state = idle
	if debugging {
		l.debugLeave()
	}
}

// check is enter and leave, before a change of a word that must not be left half done.
func (l *Local) check() {
	if l.state != idle {
		l.misused()
	}
	if debugging {
		l.debugCheck()
	}
}

//go:noinline
func (l *Local) misused() {
	if debugging {
		l.debugMisused()
	}
	panic(ErrConcurrentUse)
}
