package bench

import "context"

// A LineCapability says which parts of the contract of timelines an implementation has, as Capability does for fences.
type LineCapability struct {
	Contract  bool // false: a measuring stick, not an implementation
	Callbacks bool // OnReach and Cancel
	Done      bool // channels
	Waits     bool // Wait parks
	Blocks    bool // a goroutine may be put to sleep by contention
	Allocates bool // the collector runs, and stops it, while it is measured
}

// LineSizes is what LineWorlds are made for. Implementations that allocate on demand ignore it.
type LineSizes struct {
	Workers int // workers open at one time
	Lines   int // timelines
	Pending int // callbacks, channels and waits pending on one timeline
	Waits   int // channels and waits pending on all of them, if more than a few
}

// A LineWorld is what the timelines of one implementation share.
//
// Callers: any goroutine; Close comes after every worker is closed, and nothing may be pending by then.
type LineWorld[L comparable, T any] interface {
	// NewLine returns a timeline with the value 0. There are no more than LineSizes says.
	NewLine() L
	// NewWorker returns a worker whose callbacks run h; with a nil h they count, and Ran tells what.
	NewWorker(h Handler) LineWorker[L, T]
	Close()
}

// A LineWorker is one goroutine's view of the timelines of an implementation. L is a timeline, T a ticket that names a
// callback. A point is a number on a timeline; it is reached when the timeline's value isn't below it.
//
// Callers: one goroutine at a time uses a LineWorker, in callbacks as well, except for Value, Polls and Wait, which any may
// call at any time. Timelines are for all workers. Callbacks count into the worker that added them, without synchronization;
// all those of one worker are on one timeline, where never two run at the same time.
// Progress and cost: the implementation's; they are what is measured.
type LineWorker[L comparable, T any] interface {
	// Value returns the timeline's value.
	Value(l L) uint64
	// Advance moves the value up to n and publishes that at once. False: it was there already, nothing is done. The
	// callbacks up to n run before it returns, on this goroutine and in the order of their points, no two at the same
	// time; except when another goroutine is just then running callbacks of this timeline: then that one runs them too.
	// An Advance in a callback publishes, and its callbacks follow. A panic of a callback doesn't keep the others from
	// running; the first one goes on to the caller after them.
	Advance(l L, n uint64) bool
	// Polls looks that many times whether n is reached, and returns how often it was: each time a load, whatever the
	// ones before gave.
	Polls(l L, n uint64, times int) int
	// OnReach attaches the worker's callback to a point; false: it is reached already, and the callback neither ran nor
	// will. Otherwise it runs exactly once, with a nil error, unless it is canceled.
	OnReach(l L, n, arg uint64) (T, bool)
	// Cancel takes a callback back. True: it was pending and will never run.
	Cancel(l L, t T) bool
	// Done returns a channel that is closed when n is reached.
	Done(l L, n uint64) <-chan struct{}
	// Wait blocks until n is reached (nil), or returns the cause of ctx, if that is done first; reached wins.
	Wait(ctx context.Context, l L, n uint64) error
	// Flush returns when the callbacks of points that were reached before the call have run. Not in a callback.
	Flush(l L)
	// Ran returns how many counting callbacks of this worker ran, the sum of their arguments, and how many had a
	// smaller argument than the one before. Call it when no callback of it runs.
	Ran() (count, sum, disorder uint64)
	// Close gives back what the worker keeps for itself.
	Close()
}
