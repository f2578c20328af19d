package fencert

import (
	"context"
	"errors"
)

// A resultError is an error with a result code of its own, so that encode needs no comparing.
type resultError struct {
	text string
	code uint32
}

func (e *resultError) Error() string { return e.text }

// A timeoutError is the error of a wait that took too long.
type timeoutError struct{}

func (timeoutError) Error() string { return "fencert: the fence was not signaled in time" }

// Timeout is as in net.Error.
func (timeoutError) Timeout() bool { return true }

// Is makes errors.Is(err, context.DeadlineExceeded) true.
func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// Errors are compared with errors.Is. None of them leaves anything half done.
var (
	// ErrSignaled: the fence was signaled before; this call changed nothing. From OnSignal:
	// the callback was not and will not be called.
	ErrSignaled = errors.New("fencert: the fence is signaled already")
	// ErrStale: the handle's fence was signaled, dropped and recycled. Its result is no longer
	// known; take a hold to keep one.
	ErrStale = errors.New("fencert: stale handle: the fence was recycled")
	// ErrPending: the fence is not signaled yet.
	ErrPending = errors.New("fencert: the fence is not signaled")
	// ErrExhausted: no fence, callback or context is free. It works again after one was given
	// back; raise the number in Config if it comes too often.
	ErrExhausted = errors.New("fencert: exhausted")
	// ErrCanceled is the result of a fence that nobody signaled: its issuer was dropped, or
	// the runtime was closed.
	ErrCanceled = error(&resultError{"fencert: canceled: dropped without a signal", codeCanceled})
	// ErrFailed is the result in place of an error for which there was no room. Raise
	// Config.Errors.
	ErrFailed = error(&resultError{"fencert: failed, and there was no room for the error", codeFailed})
	// ErrForeign: the handle, handler or fence context belongs to another runtime.
	ErrForeign = errors.New("fencert: handle of another runtime")
	// ErrClosed: the runtime is closed.
	ErrClosed = error(&resultError{"fencert: the runtime is closed", codeClosed})
	// ErrNotHeld: a hold that was released before.
	ErrNotHeld = errors.New("fencert: not held")
	// ErrTimeout: WaitTimeout's time was up. errors.Is finds context.DeadlineExceeded in it too; the other
	// way round, a fence may have context.DeadlineExceeded as its result, but not by itself ErrTimeout.
	ErrTimeout error = timeoutError{}
	// ErrInCallback: the call may wait, and was made in a callback, which somebody may be waiting for, or which it would
	// itself wait for. Nothing was changed.
	ErrInCallback = errors.New("fencert: called in a callback, where nothing may wait")
	// ErrNoFences: WaitAny was given none, so none will ever be signaled.
	ErrNoFences = errors.New("fencert: no fences to wait for")
	// ErrNoTimestamps: the fence context was made without the option Timestamps, and Config.Timestamps isn't set.
	ErrNoTimestamps = errors.New("fencert: the fence context has no timestamps")
	// ErrConfig: a number in a Config is out of range, or a Strategy is none.
	ErrConfig = errors.New("fencert: bad configuration")

	// ErrConcurrentUse is what a call panics with that finds its Local in use on another
	// goroutine.
	ErrConcurrentUse = errors.New("fencert: a Local is used by two goroutines at once, or after Close")
	// ErrArmed is what Arm panics with for a reservation that was armed or returned before.
	ErrArmed = errors.New("fencert: the reservation was used already")
	// ErrNilContext is what a wait panics with that is given a nil context.Context.
	ErrNilContext = errors.New("fencert: nil context: pass context.Background() for a wait without end")
)
