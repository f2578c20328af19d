package fencert

import "time"

// SnapshotFences is how many fences of each fence context a Snapshot describes: the oldest ones.
const SnapshotFences = 32

// A Snapshot describes the fences that are not recycled yet and who waits for them: what is stuck, and where. See
// Runtime.Snapshot. Copying: freely; it doesn't change.
type Snapshot struct {
	Closed   bool
	Pending  int // armed and not signaled
	Kept     int // signaled, and not dropped or still held
	Waiting  int // goroutines in a wait
	Contexts []ContextSnapshot
	// Timelines are those that are open. To look at one, Snapshot owns it for a moment, as who delivers does.
	Timelines []TimelineSnapshot
}

// A ContextSnapshot is the part of a Snapshot about one fence context.
type ContextSnapshot struct {
	ID               uint64
	Driver, Timeline string
	LastSeqno        uint64
	Pending, Kept    int
	Fences           []FenceSnapshot // by seqno, the first of Pending + Kept
}

// A FenceSnapshot is the part of a Snapshot about one fence.
type FenceSnapshot struct {
	Fence Fence // no hold: it may be stale by now
	Seqno uint64
	State FenceState
	// Result is ErrPending, or what it was signaled with; ErrStale where that can't be had any more.
	Result error
	// Age is how long it is pending: since it was armed where AgeKnown, else since the first Snapshot that found it
	// pending, and so 0 in that one.
	Age      time.Duration
	AgeKnown bool
	// Callbacks is how many are pending, without those of waiting goroutines, as far as one walk of at most 65,536 of
	// them saw: where callbacks are being canceled it is an estimate.
	Callbacks int
	Holders   int  // holds, those of waiting goroutines included
	Dropped   bool // its issuer has given it up
	Waiting   int  // goroutines that wait for it, but for those that poll
	// LongestWait is how long the first of these has been parked, 0 when all of them spin.
	LongestWait time.Duration
}

// A FenceState is how far a fence has come.
type FenceState uint8

// The states of a fence that is not recycled yet.
const (
	FencePending  FenceState = iota // not signaled
	FenceRunning                    // signaled; its callbacks run, or are put off by an outer signal
	FenceSignaled                   // signaled, and its callbacks have run
)

func (s FenceState) String() string {
	if s > FenceSignaled {
		return "unknown state"
	}
	return [...]string{"pending", "running its callbacks", "signaled"}[s]
}

// Snapshot describes the fence contexts in the order of their IDs, and of each the SnapshotFences oldest fences that are
// not recycled yet.
//
// It is taken while everything goes on: each line was true at some moment during the call, but they need not fit
// together; nor does it find a fence that was recycled and armed again meanwhile in two places.
//
// Any goroutine may call it, also in a callback and after Close, but not in a signaling section: it allocates. It looks at
// every slot that was ever used, some ns each, and at the callbacks of the fences that it describes; it writes to none, but
// for a hold of a moment where a result lies in the table of errors. Lock-free.
func (rt *Runtime) Snapshot() Snapshot { return rt.SnapshotLimit(SnapshotFences) }

// SnapshotLimit is Snapshot with another number of fences for each fence context; 0 only counts them.
func (rt *Runtime) SnapshotLimit(fences int) Snapshot {
	return rt.snapshot(max(fences, 0), sinceStart())
}

func (rt *Runtime) snapshot(limit int, now time.Duration) Snapshot {
	s := Snapshot{Closed: rt.closed.Load()}
	waits, waiting := rt.waiters.byFence(now)
	s.Waiting = waiting + int(rt.waiters.polling.Load())
	seen := make(map[Ref]time.Duration)
	before := rt.seen.Load()
	for _, lives := range rt.scan(limit) {
		c := ContextSnapshot{
			ID: lives.context.id, Driver: lives.context.driver, Timeline: lives.context.timeline,
			LastSeqno: lives.context.LastSeqno(), Pending: lives.pending, Kept: lives.kept,
		}
		for _, life := range lives.oldest(limit) {
			if f, ok := rt.describe(life); ok {
				w := waits[life.ref]
				f.Waiting, f.LongestWait = w.waiting, w.longest
				if f.State == FencePending {
					f.Age, f.AgeKnown = age(life.ref, now, before, seen)
					if armed, err := rt.Fence(life.ref).ArmedAt(); err == nil {
						f.Age, f.AgeKnown = max(rt.start.Add(time.Duration(rt.now())).Sub(armed), 0), true
					}
				}
				c.Fences = append(c.Fences, f)
			}
		}
		s.Pending += c.Pending
		s.Kept += c.Kept
		s.Contexts = append(s.Contexts, c)
	}
	s.Timelines = rt.describeTimelines(waits)
	// Publishes: when each was seen first. ABA: harmless, and so is a Snapshot at the same time: one of the two notes is
	// lost, and ages are a little lower. No loop.
	rt.seen.CompareAndSwap(before, &seen)
	return s
}

// age is how long a pending fence is that, and whether that is known. It notes in seen when it was seen first.
func age(r Ref, now time.Duration, before *map[Ref]time.Duration, seen map[Ref]time.Duration) (time.Duration, bool) {
	first := now
	if before != nil {
		if t, ok := (*before)[r]; ok {
			first = t
		}
	}
	seen[r] = first
	return now - first, false
}
