package fencert

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/fencert/fencert/epoch"
)

// A Pinning is how Pin is seen by who reclaims. PinAuto: by a plain store where the system has what it takes (Linux's
// membarrier), which makes Collect, Synchronize and Barrier dearer. PinPortable: by a full barrier in each Pin.
type Pinning = epoch.Pinning

// See Pinning.
const (
	PinAuto     = epoch.PinAuto
	PinPortable = epoch.PinPortable
)

// A Stall is a read section that keeps everything from being reclaimed, as Config.OnStall is told. Its Reader is the ID of
// a Local's Participant. The hook may call anything but Close of that Local; a panic of it comes out of the call that
// it was told by.
type Stall = epoch.Stall

var (
	// ErrGarbageFull: the Local has retired as much as Config.Retired allows and nothing of it could be reclaimed
	// yet. Nothing was retired. It is also ErrExhausted.
	ErrGarbageFull = fmt.Errorf("%w: too much is retired and not reclaimed: call Collect, and see Config.OnStall", ErrExhausted)
	// ErrPinned: the Local has a read section open, for whose end the call would wait.
	ErrPinned = errors.New("fencert: the Local is pinned: Unpin before waiting for readers")
)

// Synchronize waits for a grace period: it returns nil once every read section that was open when it was called has
// ended, and what those sections did happens before. Instead of Retire, where waiting is cheap. It reclaims nothing
// but calls Config.OnStall.
//
// Any goroutine may call it, also after Close; not in a signaling section. It must have no section open and not be in a callback, whose
// signaler may be pinned: it would wait for itself until ctx ends. That can't be seen here; see Local.Synchronize. It
// blocks while a section is in the way: it spins, then polls with pauses of up to a millisecond. Errors: context.Cause(ctx).
func (rt *Runtime) Synchronize(ctx context.Context) error { return rt.domain.Synchronize(ctx) }

// Synchronize is Runtime.Synchronize on this Local's goroutine, and answers ErrPinned or ErrInCallback where it must not
// be called.
func (l *Local) Synchronize(ctx context.Context) error {
	if debugging {
		debugBlocking("Local.Synchronize")
	}
	if err := l.mayWait(); err != nil {
		return err
	}
	return l.runtime.domain.Synchronize(ctx)
}

// Barrier waits until all that this Local has retired is reclaimed. It runs the reclaimers itself, here, also what
// Locals that were closed have left. Before Close it makes sure that nothing is left to others.
//
// Where it may be called and how it waits: as Synchronize, of the same Local. Errors: ErrPinned; ErrInCallback, also in a
// reclaimer that this Local runs; context.Cause(ctx), and what is left stays retired. A panic of a reclaimer comes out
// of it, with the rest left likewise.
func (l *Local) Barrier(ctx context.Context) error {
	if debugging {
		debugBlocking("Local.Barrier")
	}
	if err := l.mayWait(); err != nil || l.participant == nil {
		return err
	}
	err := l.participant.Barrier(ctx)
	runtime.KeepAlive(l)
	if errors.Is(err, epoch.ErrInReclaim) {
		return ErrInCallback
	}
	return err
}

// mayWait tells what speaks against waiting for readers.
func (l *Local) mayWait() error {
	l.check()
	if l.depth > 0 {
		return ErrInCallback
	}
	if l.participant != nil && l.participant.Pinned() {
		return ErrPinned
	}
	return nil
}

// epochs is the part of a complete Config that package epoch wants.
func (c Config) epochs() epoch.Config {
	return epoch.Config{
		MaxParticipants: c.Readers, MaxRetired: c.Retired, Pinning: c.Pinning, OnStall: c.OnStall, StallAfter: c.StallAfter,
	}
}
