package commit

import "context"

// A Mark is the position up to which a log is durable, and a way of waiting for it.
type Mark interface {
	// Wait returns nil once the mark is at position or beyond; the error given to Fail when it never will be; or, while neither
	// is the case, the cause of ctx when that is done. Any goroutine may call it.
	Wait(ctx context.Context, position uint64) error

	// Reach moves the mark up to position. The syncing goroutine alone calls it, with rising positions.
	Reach(position uint64)

	// Fail ends the waits for what lies beyond the mark, those to come as well: it won't move again. The syncing goroutine
	// calls it once, after its last Reach. err is not nil.
	Fail(err error)

	// Close gives back what the mark holds. Nobody waits any more, and nobody will.
	Close()
}

// A Way makes marks of one kind.
type Way struct {
	Name string // as it stands in benchmark names: lower-case letters
	// New returns a mark at 0 for that many goroutines that wait at a time.
	New func(waiters int) (Mark, error)
}
