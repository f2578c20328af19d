package bench

import (
	"context"
	"errors"
)

var (
	// ErrPending is Err's answer for a fence that isn't signaled yet.
	ErrPending = errors.New("bench: fence not signaled")
	// ErrStale is a pooled implementation's answer for a fence that was recycled.
	ErrStale = errors.New("bench: fence no longer known")
	// ErrExhausted is what Arm panics with when more fences are in use than the
	// world was made for.
	ErrExhausted = errors.New("bench: fences exhausted")
	// ErrUnsupported is what implementations panic with when called for what their
	// capability says they haven't.
	ErrUnsupported = errors.New("bench: not supported")
)

// A Handler is a callback: it is given the argument of the add and the result of
// the fence.
type Handler func(arg uint64, err error)

// A Strategy says how Wait spends its time.
type Strategy uint8

// The strategies of Wait.
const (
	Park     Strategy = iota // give up the processor at once
	Spin                     // never give up the processor, except to runnable goroutines
	Adaptive                 // spin for a while, then park
)

// String returns the strategy's name as it stands in benchmark names.
func (s Strategy) String() string {
	switch s {
	case Park:
		return "park"
	case Spin:
		return "spin"
	case Adaptive:
		return "adaptive"
	}
	return "unknown"
}

// Sizes is what a World is made for, in all and not per worker. Implementations
// that allocate on demand ignore it.
type Sizes struct {
	Workers   int // workers open at one time
	Fences    int // fences armed at one time
	Callbacks int // callbacks pending at one time
}

// A World is what the workers of one implementation share.
//
// Callers: any goroutine may call NewWorker; Close comes after every worker is
// closed, and every fence must be signaled by then.
type World[F comparable, T any] interface {
	// NewWorker returns a worker whose callbacks run h; with a nil h they count,
	// and Ran tells what.
	NewWorker(h Handler) Worker[F, T]
	Close()
}

// A Worker is one goroutine's view of an implementation. F is a fence handle, T a
// ticket that names one added callback.
//
// Callers: one goroutine at a time uses a Worker; fence handles may cross to
// other workers of the same World. Callbacks count into the worker that added
// them, without synchronization: who counts sees to it that no two goroutines
// signal fences with callbacks of the same worker at the same time.
// Progress and cost: the implementation's; they are what is measured.
type Worker[F comparable, T any] interface {
	// Arm reserves a fence and arms it with the next seqno of the worker's own
	// fence context. It panics with ErrExhausted beyond Sizes.Fences.
	Arm() F
	// Add attaches the worker's callback; false: f is signaled already, and the
	// callback neither ran nor will. Otherwise it runs exactly once, in the order
	// of adding, on the signaler's goroutine and before Signal returns, unless it
	// is canceled.
	Add(f F, arg uint64) (T, bool)
	// AddMany is Add for each of args, in one operation where the implementation
	// has one. It returns how many were attached: all or none.
	AddMany(f F, args []uint64) int
	// Cancel takes a callback back. True: it was pending and will never run.
	// It never blocks for a callback.
	Cancel(f F, t T) bool
	// Signal moves f to signaled with the result err, runs the callbacks and wakes
	// the waiters. False: somebody else signaled it before, and nothing changed.
	// A panic of a callback doesn't keep the others from running; the first one
	// goes on to the caller after them.
	Signal(f F, err error) bool
	// Drop gives up the issuer's right to f, which must be signaled. A pooled
	// fence is reused from then on, once no hold is left.
	Drop(f F)
	// Finish is Signal and Drop in one. When it returns false it dropped nothing.
	Finish(f F, err error) bool
	// Signaled is a pure load. True for a stale handle.
	Signaled(f F) bool
	// Hold keeps f and its result until Release; false: f was recycled already.
	Hold(f F) bool
	// Err returns the result of a signaled fence, or ErrPending, or the stale error.
	Err(f F) error
	// Release ends a Hold.
	Release(f F)
	// Wait blocks until f is signaled and returns its result, or the cause of ctx,
	// if that is done first; signaled wins. A goroutine that was parked when f was
	// signaled is woken after the callbacks have run; a spinning one may return
	// before, as a poll does.
	Wait(ctx context.Context, f F, s Strategy) error
	// Seqno returns the seqno that f was armed with. f must not be stale.
	Seqno(f F) uint64
	// Ran returns how many counting callbacks of this worker ran, and the sum of
	// their arguments. Call it when no fence with such a callback is being signaled.
	Ran() (count, sum uint64)
	// Close gives back what the worker keeps for itself.
	Close()
}

// A Referrer is a Worker that can keep a pending fence in a word without pointers
// for those who keep millions.
type Referrer[F comparable] interface {
	// Ref packs f; Fence is its inverse.
	Ref(f F) uint64
	Fence(ref uint64) F
}
