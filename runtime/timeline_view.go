package fencert

import "time"

// Pending is how many callbacks wait for points, waiting goroutines and channels included. Those that were canceled count until
// they are swept, and what has been added since somebody last delivered doesn't while another goroutine delivers. For people:
// it takes time for all that was added since. Any goroutine may call it, in callbacks too. Lock-free; no allocation.
func (t *Timeline) Pending() int {
	rt := t.runtime
	if rt == nil {
		return 0
	}
	l, s := rt.borrow()
	defer rt.giveBack(l, s)
	return l.owner().Pending(&t.wheel)
}

// Oldest is the lowest point that somebody waits for. ok is false when there is none, and while another goroutine delivers
// for the timeline. For people: it takes time for all that waits near it. Any goroutine may call it, in callbacks too.
// Lock-free; no allocation.
func (t *Timeline) Oldest() (point uint64, ok bool) {
	rt := t.runtime
	if rt == nil {
		return 0, false
	}
	l, s := rt.borrow()
	defer rt.giveBack(l, s)
	point, ok, _ = l.owner().Oldest(&t.wheel)
	return point, ok
}

// A TimelineSnapshot is the part of a Snapshot about one timeline.
type TimelineSnapshot struct {
	ID               uint64
	Driver, Timeline string
	Value            uint64
	LastIssued       uint64
	Pending          int    // as Timeline.Pending
	Oldest           uint64 // as Timeline.Oldest, where OldestKnown
	OldestKnown      bool
	Waiting          int // goroutines that wait for its points, but for those that poll
	// LongestWait is how long the first of these has been parked, 0 when all of them spin.
	LongestWait time.Duration
}

// describeTimelines are the timelines that are open, by ID.
func (rt *Runtime) describeTimelines(waits map[Ref]waitsFor) (all []TimelineSnapshot) {
	for _, t := range rt.openTimelines() {
		w := waits[t.viewRef()]
		s := TimelineSnapshot{
			ID: t.context.id, Driver: t.context.driver, Timeline: t.context.timeline,
			Value: t.Value(), LastIssued: t.LastIssued(), Pending: t.Pending(),
			Waiting: w.waiting, LongestWait: w.longest,
		}
		s.Oldest, s.OldestKnown = t.Oldest()
		all = append(all, s)
	}
	return all
}
