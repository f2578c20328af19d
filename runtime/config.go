package fencert

import (
	"cmp"
	"fmt"
	"time"

	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/cbqueue"
	"github.com/fencert/fencert/epoch"
)

// Limits of a Config.
const (
	MaxFences    = arena.MaxSlots   // 2^28 - 1
	MaxCallbacks = cbqueue.MaxNodes // 2^24 - 1
	MaxErrors    = 1 << 20
	MaxWaiters   = 1 << 20
	MaxContexts  = 1<<arena.IndexBits - 1
	MaxRetired   = epoch.LimitRetired
)

// A Config sizes a runtime. All memory is taken at New and touched as it is used; a field that
// is zero takes its default.
type Config struct {
	// Fences is how many can be reserved or armed at a time, 1 to MaxFences, by default
	// 65,536: 44 bytes each. Each Local keeps free ones to itself, up to one in 16 of all and at most 256, none of less
	// than 32 fences; so does each Local that calls without one borrow. Once a Reserve finds none, the borrowed ones
	// give theirs back at once, the others when a fence next ends on them, or on Local.Flush: what idle Locals keep is
	// all that can be missing when Reserve answers ErrExhausted.
	Fences int
	// GrowTo is how many fences Runtime.Grow can make room for, 0 for no growth, else Fences to MaxFences. Their
	// address space is taken at New, their memory as they are used; the collector counts all of it as live heap when it
	// sets its next goal.
	GrowTo int
	// Callbacks is how many can be registered at a time, 1 to MaxCallbacks, by default Fences
	// or MaxCallbacks: 28 bytes each. Each Local keeps some free ones to itself, up to one in eight of all and at most
	// 8,192, until it adds others, or until Local.Flush.
	Callbacks int
	// GrowCallbacksTo is for Runtime.GrowCallbacks what GrowTo is for Runtime.Grow.
	GrowCallbacksTo int
	// Points is how many callbacks can be registered on the points of timelines at a time, 1 to MaxCallbacks, by default
	// Callbacks: 36 bytes each, of address space only once there is a timeline. Each Local keeps some free ones to itself, up to one
	// in eight of all and at most 8,192. Canceled ones stay in use until there are as many as wait on that timeline, or until there
	// is no other.
	Points int
	// HugePages asks the system to keep the large arrays in huge pages: less of the processor's address translation,
	// more memory touched at a time. Only on Linux, where transparent huge pages are set to madvise or always; elsewhere, and
	// where the system refuses, it changes nothing.
	HugePages bool
	// Errors is how many results that are neither nil, an errno, nor an error of this package
	// or of package context can be kept at a time, 1 to MaxErrors, by default 1,024: 132 bytes each.
	// From 1,000 on each Local keeps one place to itself.
	Errors int
	// Waiters is how many goroutines can wait at a time, and channels of Done be open, 1 to MaxWaiters, by default
	// 4,096: 196 bytes each, and a channel once used. Any more poll with growing pauses.
	Waiters int
	// Readers is how many Locals can use Pin and Retire at a time, by default 256.
	Readers int
	// Retired is how many objects each Local can have retired that are not reclaimed yet, 1 to
	// MaxRetired, by default 1,024: 24 bytes each for each Local that has used Pin or Retire.
	Retired int
	// Pinning is how Pin is seen by who reclaims, see PinAuto.
	Pinning Pinning
	// OnStall, when set, is told of a read section that has stood in the way of all reclaiming for
	// StallAfter, by default 100 ms: once for each section, by Collect, Synchronize, Barrier, or a Retire
	// that answers ErrGarbageFull, on their goroutine. See Stall.
	OnStall    func(Stall)
	StallAfter time.Duration
	// Strategy is how Wait waits.
	Strategy Strategy
	// Timestamps gives every fence context the option Timestamps.
	Timestamps bool
	// OnPanic, when set, is given the value of the first panic among the callbacks of a
	// signal, after all of them have run. When nil, that panic goes on in the goroutine that
	// signaled.
	OnPanic func(value any)
	// OnMisuse, when set, is given each misuse that a build with the tag fencedebug finds, and the call goes on as
	// without the tag. When nil, the call panics with a *MisuseError before it changes anything. It is called on the
	// goroutine that misuses, or on the collector's for what was forgotten, and by several at once. It may call
	// everything. Without the tag it is never called.
	OnMisuse func(Misuse)
	// Observer, when set, is told what the runtime does. Nil costs nothing.
	Observer *Observer
}

func (c Config) withDefaults() (Config, error) {
	for _, f := range []struct {
		name     string
		value    *int
		fallback int
		most     int
	}{
		{"Fences", &c.Fences, 1 << 16, MaxFences},
		{"Callbacks", &c.Callbacks, 0, MaxCallbacks},
		{"Points", &c.Points, 0, MaxCallbacks},
		{"Errors", &c.Errors, 1 << 10, MaxErrors},
		{"Waiters", &c.Waiters, 1 << 12, MaxWaiters},
		{"Readers", &c.Readers, 256, 1 << 16},
		{"Retired", &c.Retired, 1 << 10, MaxRetired},
	} {
		if *f.value == 0 {
			*f.value = f.fallback
		}
		if *f.value == 0 {
			*f.value = min(cmp.Or(c.Callbacks, c.Fences), f.most)
		}
		if *f.value < 1 || *f.value > f.most {
			return c, fmt.Errorf("%w: %s is %d, want 1 to %d", ErrConfig, f.name, *f.value, f.most)
		}
	}
	if c.GrowTo != 0 && (c.GrowTo < c.Fences || c.GrowTo > MaxFences) {
		return c, fmt.Errorf("%w: GrowTo is %d, want 0 or Fences, %d, to %d", ErrConfig, c.GrowTo, c.Fences, MaxFences)
	}
	if c.GrowCallbacksTo != 0 && (c.GrowCallbacksTo < c.Callbacks || c.GrowCallbacksTo > MaxCallbacks) {
		return c, fmt.Errorf("%w: GrowCallbacksTo is %d, want 0 or Callbacks, %d, to %d",
			ErrConfig, c.GrowCallbacksTo, c.Callbacks, MaxCallbacks)
	}
	if c.Strategy > Spin {
		return c, fmt.Errorf("%w: unknown Strategy %d", ErrConfig, c.Strategy)
	}
	return c, nil
}

func (c Config) mostFences() int    { return max(c.Fences, c.GrowTo) }
func (c Config) mostCallbacks() int { return max(c.Callbacks, c.GrowCallbacksTo) }
