package fencert

import (
	"fmt"
	"time"
	"unsafe"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/atomicseq"
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/epoch"
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
	"github.com/fencert/fencert/internal/wheel"
)

// A Runtime holds the fences, their callbacks and their results, all preallocated.
//
// Make one with New; the zero Runtime is not usable. It must not be copied. Any goroutine may call
// any method; the ones that take a Local belong to Local. It stays in memory until Close.
type Runtime struct {
	config Config

	// Read by every call, written at New only.
	base   uintptr          // of the arena's words
	fences uintptr          // as many as it may grow to
	words  []atomicx.Uint64 // the arena's
	slots  []slot
	arena  *arena.Arena
	pool   *cbqueue.Pool

	handlers atomicx.Pointer[[]func(*Local, uint64, error)]
	closed   atomicx.Bool

	_ pad.Line

	results    results
	waiters    waiters
	stripes    []stripe
	overflow   overflow
	domain     *epoch.Domain
	contextIDs atomicseq.IDs
	debug      debugRuntime
	contexts   *xsync.MapOf[uint64, *FenceContext]
	extras     atomicx.Pointer[[]extra]
	published  registry
	points     atomicx.Pointer[wheel.Pool] // made for the first timeline
	timelines  atomicx.Int64               // those that are open
	adopting   atomicx.Int64               // goroutines that deliver for timelines
	spawn      func(func())                // starts one
	funcs      atomicx.Pointer[funcs]

	start      time.Time                 // of New
	clock      func() uint64             // set by tests; nil: time since start
	userData   atomicx.Pointer[userData] // made for the first table
	forgetting forgetting

	locals         atomicx.Pointer[locals]
	reported       [numSums]atomicx.Uint64 // by Stats; raised only
	observerPanics atomicx.Uint64
	seen           atomicx.Pointer[map[Ref]time.Duration] // by the last Snapshot, see age
}

// New makes a runtime. It takes all the memory that its fences and callbacks will ever need, and touches next to none of
// it: what is never used costs address space, not memory. (Memory that the program has used before and the collector has
// freed since must be cleared, and so is touched.)
// Errors: ErrConfig.
func New(config Config) (*Runtime, error) {
	c, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	rt := &Runtime{
		config:   c,
		start:    time.Now(),
		fences:   uintptr(c.mostFences()),
		slots:    newSlots(c.mostFences()),
		results:  newResults(c.Errors),
		contexts: xsync.NewMapOf[uint64, *FenceContext](),

		published: newRegistry(),
		spawn:     func(f func()) { go f() },
	}
	if rt.arena, err = arena.NewGrowable(c.Fences, c.mostFences()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if rt.pool, err = cbqueue.NewGrowablePool(c.Callbacks, c.mostCallbacks()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if rt.domain, err = epoch.New(c.epochs()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if c.HugePages {
		rt.adviseHugePages()
	}
	// Safety: only compared with, see index.
	rt.words = rt.arena.Words()
	rt.base = uintptr(unsafe.Pointer(&rt.words[0]))
	rt.waiters.init(c.Waiters, c.Strategy)
	handlers := ownTable()
	rt.handlers.Store(&handlers)
	rt.locals.Store(new(locals))
	rt.stripes = newStripes(rt)
	rt.overflow = newOverflow(len(rt.stripes))
	register(rt)
	return rt, nil
}

// Fence turns a Ref of this runtime back into a Fence. A Ref of another runtime with as many fences
// can't be told apart. The zero Ref, and one out of range or of no life, gives the zero Fence.
func (rt *Runtime) Fence(r Ref) Fence {
	if i := r.Index(); i == 0 || uintptr(i) > rt.fences || r < slotNumbers {
		return slotless(r)
	}
	return Fence{word: rt.arena.Word(r.Index()), number: r.Life() | closedBit}
}

// Config is the configuration with its defaults filled in; Grow doesn't change it.
func (rt *Runtime) Config() Config { return rt.config }
