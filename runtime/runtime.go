package fencert

import (
	"fmt"
	"unsafe"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/atomicseq"
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/epoch"
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
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
	domain     *epoch.Domain
	contextIDs atomicseq.IDs
	contexts   *xsync.MapOf[uint64, *FenceContext]
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
		fences:   uintptr(c.mostFences()),
		slots:    newSlots(c.mostFences()),
		results:  newResults(c.Errors),
		waiters:  newWaiters(c.Waiters),
		contexts: xsync.NewMapOf[uint64, *FenceContext](),
	}
	if rt.arena, err = arena.NewGrowable(c.Fences, c.mostFences()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if rt.pool, err = cbqueue.NewGrowablePool(c.Callbacks, c.mostCallbacks()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if rt.domain, err = epoch.New(epoch.Config{MaxParticipants: c.Readers}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if c.HugePages {
		rt.adviseHugePages()
	}
	// Safety: only compared with, see index.
	rt.words = rt.arena.Words()
	rt.base = uintptr(unsafe.Pointer(&rt.words[0]))
	handlers := []func(*Local, uint64, error){wakeHandler: collectWaiter}
	rt.handlers.Store(&handlers)
	rt.stripes = newStripes(rt)
	register(rt)
	return rt, nil
}

// Fence turns a Ref of this runtime back into a Fence. A Ref of another runtime with as many fences
// can't be told apart. The zero Ref, and one out of range, gives the zero Fence.
func (rt *Runtime) Fence(r Ref) Fence {
	if i := r.Index(); i == 0 || uintptr(i) > rt.fences {
		return Fence{}
	}
	return Fence{word: rt.arena.Word(r.Index()), number: r.Life() | closedBit}
}

// Config is the configuration with its defaults filled in; Grow doesn't change it.
func (rt *Runtime) Config() Config { return rt.config }

// Counts are what a runtime has used up or lost since New. Each field was right at some moment during the call.
type Counts struct {
	RetiredFences    uint64 // slots whose generations are used up: that many fewer of Config.Fences are left
	RetiredCallbacks uint64 // likewise of Config.Callbacks
	LostErrors       uint64 // results that became ErrFailed, for the table of errors was full
}

// Counts returns the counts. Any goroutine may call it, also after Close. Wait-free; three loads.
func (rt *Runtime) Counts() Counts {
	return Counts{
		RetiredFences:    rt.arena.Retired(),
		RetiredCallbacks: rt.pool.Retired(),
		LostErrors:       rt.results.lost.Load(),
	}
}
