package epoch

import (
	"errors"
	"fmt"
	"time"
)

// Limits of a Config.
const (
	LimitParticipants = 1 << 16
	LimitRetired      = 1 << 24
	LimitReclaimers   = 1 << 16
)

// A Config sizes a Domain. Fields that are zero take their default.
type Config struct {
	// MaxParticipants is how many participants can be registered at a time.
	// Default 64, at most LimitParticipants. Each takes 320 bytes.
	MaxParticipants int
	// MaxRetired is how many objects one participant can have retired that are not
	// reclaimed yet. Default 1024, at most LimitRetired. Each takes 24 bytes, made
	// when its participant's slot is used for the first time.
	MaxRetired int
	// MaxReclaimers is how many reclaim functions can be registered. Default 64, at
	// most LimitReclaimers. Each takes a pointer.
	MaxReclaimers int
	// Pinning is how Pin is seen, see PinAuto.
	Pinning Pinning
	// OnStall, when set, is told of each read section that has stood in the way of the
	// epoch for StallAfter, once: see Stall.
	OnStall func(Stall)
	// StallAfter is how long a section may be seen in the way. Default 100 ms.
	StallAfter time.Duration
}

// What can go wrong. Compare with errors.Is.
var (
	// ErrConfig says that a field of Config is negative or above its limit.
	ErrConfig = errors.New("epoch: bad configuration")
	// ErrExhausted says that every participant slot, or every reclaimer slot, is
	// taken.
	ErrExhausted = errors.New("epoch: no free slot")
	// ErrGarbageFull says that the participant has as much garbage as it may have.
	// Nothing was retired; call Collect and try again. When that doesn't help, a reader
	// sleeps in its section: Config.OnStall says which.
	ErrGarbageFull = errors.New("epoch: too much is retired and not reclaimed")
	// ErrReclaimer says that an id didn't come from Domain.Reclaimer, or that a
	// reclaim function is nil.
	ErrReclaimer = errors.New("epoch: unknown reclaim function")
	// ErrUnregistered says that the participant is no longer registered.
	ErrUnregistered = errors.New("epoch: participant is not registered")
	// ErrPinned says that the participant is pinned, so that the call would wait
	// for itself or leave a pin behind.
	ErrPinned = errors.New("epoch: participant is pinned")
	// ErrNotPinned says that Unpin had no Pin to undo.
	ErrNotPinned = errors.New("epoch: participant is not pinned")
	// ErrInReclaim says that the call was made from a reclaim function that this
	// participant runs, and would wait for it.
	ErrInReclaim = errors.New("epoch: called from a reclaim function")
)

// complete returns c with its defaults.
func (c Config) complete() (Config, error) {
	for _, f := range []struct {
		name         string
		value        *int
		unset, limit int
	}{
		{"MaxParticipants", &c.MaxParticipants, 64, LimitParticipants},
		{"MaxRetired", &c.MaxRetired, 1024, LimitRetired},
		{"MaxReclaimers", &c.MaxReclaimers, 64, LimitReclaimers},
	} {
		if *f.value == 0 {
			*f.value = f.unset
		}
		if *f.value < 0 || *f.value > f.limit {
			return c, fmt.Errorf("%w: %s is %d, not between 1 and %d", ErrConfig, f.name, *f.value, f.limit)
		}
	}
	switch {
	case c.Pinning > PinPortable:
		return c, fmt.Errorf("%w: Pinning is %v, neither PinAuto nor PinPortable", ErrConfig, c.Pinning)
	case c.StallAfter < 0:
		return c, fmt.Errorf("%w: StallAfter is %v, not 0 or more", ErrConfig, c.StallAfter)
	case c.StallAfter == 0:
		c.StallAfter = 100 * time.Millisecond
	}
	return c, nil
}
