package fencert

import (
	"errors"
	"fmt"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
	"github.com/fencert/fencert/internal/wheel"
)

// MaxPoint is the largest point of a timeline, and the largest value: 2^63 - 1.
const MaxPoint = wheel.MaxPoint

// ErrRange: a point or a number above MaxPoint, or a count of numbers that is 0 or too large.
var ErrRange = errors.New("fencert: out of range: points and numbers are 63 bits wide")

// A Timeline is a value that only grows, and whose points are fences: point n is signaled as soon as the value is n or
// more. "Log durable to byte n", "index n applied": who gets there calls Advance, which signals any number of points at
// once; who depends on it polls At(n) by one load, waits for it, or adds callbacks.
//
// Make one with Runtime.NewTimeline, and Close it when it is no longer used; the zero Timeline is not usable, and it must
// not be copied. Any goroutine may call any method. Those that need callback nodes borrow a Local; methods of Local do the
// same without.
//
// # Promises
//
// The value never goes down, whoever advances it, in whatever order. Advance(n) signals every point up to n at once and never
// waits for another goroutine. Gaps are harmless, and distance costs nothing.
//
// Callbacks of points run exactly once, never before the value is there, in the order of the points among those that were
// added before the value moved (several on one point: in no order among them). One that is added while its point is being
// passed runs, or the add says ErrSignaled. When Advance returns they have run, unless another goroutine is just then
// delivering for this timeline: then that one, or a goroutine that is started for it, runs them; Flush waits for that. They
// never run inside an add or a Cancel. In a callback a nested Advance publishes, and its callbacks follow. With one goroutine
// that advances, it delivers itself, but in one case: somebody else has the timeline for a moment, by an add whose point is just
// being passed, to sweep what was canceled, or by Pending or Oldest; what that one finds due, a goroutine is started for. While
// the goroutine that delivers is descheduled, or a callback blocks, what comes due on this timeline waits.
//
// A point has no result of its own: reached is nil, and what lies beyond the value when the timeline is closed has the cause
// that Close was given. Work that fails one by one uses fences.
type Timeline struct {
	wheel   wheel.Wheel // first: the word of its points is the wheel's value
	runtime *Runtime    // nil: stub and nowhere
	// Whose Locals may advance it: runtime's, or nobody's where a commit window does.
	advancer atomicx.Cell[*Runtime]
	cause    atomicx.Pointer[error]
	window   atomicx.Pointer[CommitWindow]
	next     *Timeline // in a timelineQueue; belongs to who owns the wheel
	context  FenceContext
	_        pad.Line
}

// StartAt begins behind value: a timeline at that value, with value+1 as the first number that Next issues; a fence context
// with value+1 as its first seqno, where value is at most 2^62. For logs that are opened again.
func StartAt(value uint64) ContextOption { return func(c *FenceContext) { c.start = value } }

// NewTimeline makes a timeline; the names are for people, and needn't be unique. Options: SingleIssuer, for Next and NextN;
// StartAt. It has a fence context of its own, with an ID among those of the runtime, in which nothing can be armed.
//
// It allocates some 4 KiB, and the first one of a runtime 36 bytes of address space for each of Config.Points. Errors:
// ErrClosed; ErrExhausted after MaxContexts of them and of fence contexts; ErrConfig for a nil option or another one;
// ErrRange for a start beyond MaxPoint.
func (rt *Runtime) NewTimeline(driver, timeline string, options ...ContextOption) (*Timeline, error) {
	if rt.closed.Load() {
		return nil, ErrClosed
	}
	if debugging {
		debugCall("Runtime.NewTimeline", allocates)
	}
	t := &Timeline{runtime: rt}
	t.advancer.Set(rt)
	c := &t.context
	for _, o := range options {
		if o == nil {
			return nil, ErrConfig
		}
		o(c)
	}
	if c.mode.Load() != 0 || c.timestamps || c.backend != nil || c.tables != nil {
		return nil, fmt.Errorf("%w: a timeline takes SingleIssuer and StartAt as options, no others", ErrConfig)
	}
	pool, err := rt.makePoints()
	if err != nil {
		return nil, err
	}
	if err := c.begin(); err != nil {
		return nil, err
	}
	if c.id, err = rt.contextIDs.Next(); err != nil || c.id > MaxContexts {
		return nil, ErrExhausted
	}
	c.of, c.driver, c.timeline = t, driver, timeline
	t.wheel.Init(pool, c.start)
	rt.contexts.Store(c.id, c)
	rt.timelines.Add(1)
	if rt.closed.Load() { // Close may have gone over the contexts before
		_ = t.Close(nil)
		return nil, ErrClosed
	}
	return t, nil
}

// begin sets the number that is issued first.
func (c *FenceContext) begin() error {
	if c.start > MaxPoint {
		return ErrRange
	}
	if c.start != MaxPoint {
		return c.issued.StartAt(c.start + 1)
	}
	_ = c.issued.StartAt(MaxPoint) // there is none left
	_, err := c.issued.NextOwned()
	return err
}

// makePoints is the pool of callbacks on points, made at its first use: few runtimes need one.
func (rt *Runtime) makePoints() (*wheel.Pool, error) {
	if p := rt.points.Load(); p != nil {
		return p, nil
	}
	made, err := wheel.NewPool(rt.config.Points, rt.handOver)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	// Publishes: the pool. ABA: it is set once. No loop: a failure means that there is one.
	rt.points.CompareAndSwap(nil, made)
	return rt.points.Load(), nil
}

// At is the point n: a Fence that is signaled once the value is n or more, or the timeline closed. It costs nothing, and names
// the point for ever: it is never stale and needs no hold. Point 0 is always signaled.
//
// A point above MaxPoint doesn't exist: it is never signaled, and Err, adds and waits answer ErrRange at once.
func (t *Timeline) At(n uint64) Fence {
	if n > MaxPoint {
		return Fence{word: nowhere.wheel.Word(), number: 1}
	}
	return Fence{word: t.wheel.Word(), number: n}
}

// Value is how far the timeline has been advanced; what it was at Close once that was called. What the goroutine that
// advanced it did before is visible. Wait-free; one load.
func (t *Timeline) Value() uint64 { return t.wheel.Value() }

// Context is the timeline's fence context: its names and its ID.
func (t *Timeline) Context() *FenceContext { return &t.context }

// Driver is the first name that NewTimeline was given.
func (t *Timeline) Driver() string { return t.context.driver }

// Timeline is the second name that NewTimeline was given.
func (t *Timeline) Timeline() string { return t.context.timeline }

// ID numbers the fence contexts of a runtime, and the timelines with them, from 1.
func (t *Timeline) ID() uint64 { return t.context.id }

// result is the result of a point that is signaled.
func (t *Timeline) result(n uint64) error {
	if v := t.wheel.Word().Load(); v <= MaxPoint || v&MaxPoint >= n {
		return nil
	}
	return *t.cause.Load() // set before the word says closed, see Close
}
