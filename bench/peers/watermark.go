package peers

import (
	"context"
	"errors"
	"fmt"
	"math/bits"

	fencert "github.com/fencert/fencert/runtime"

	"github.com/fencert/fencert/internal/atomicx"
)

// Limits of NewWaterMark.
const (
	MinWindow = 8
	MaxWindow = 1 << 28
)

var (
	// ErrWindow: the number of places isn't between MinWindow and MaxWindow.
	ErrWindow = errors.New("peers: bad window")
	// ErrPassed is in what Begin and Done panic with for an index below DoneUntil.
	ErrPassed = errors.New("peers: the index lies below DoneUntil: begin indices in order, and do each as often as it was begun")
)

// A WaterMark has the methods that badger uses of its y.WaterMark, over a timeline: DoneUntil is the value, and to wait for a
// mark is to wait for a point.
//
// An index is open while it was begun more often than it was done. DoneUntil is the highest index that was begun or done such
// that none below it, nor it, is open; indices that nobody speaks of are no obstacle. They may be done in any order.
//
// Kept: all of that; an index that is begun several times, again after DoneUntil has reached it too; Done without Begin, which badger
// starts its marks with, and Done before Begin; LastIndex is the index begun last, not the highest; WaitForMark prefers a mark
// that is reached to a context that is done.
//
// Not kept, and why:
//   - The goroutine. The original sends each call to one, which gets to it later; here what a call does is done when it
//     returns, except that DoneUntil may be moved a moment later by another goroutine that is moving it just then. So marks
//     are seen earlier, never later, and there is no Init, no channel that fills up, and no closer. The timeline is closed instead:
//     waits for marks ahead end with its error, where those of the original hang, and DoneUntil stays.
//   - The end of the process when an index below DoneUntil is begun or done. This panics with ErrPassed in the caller. A
//     Begin that is refused changes nothing; a refused Done may mean that an index was passed unseen because nothing ordered its Begin
//     before the Begin of a later one: then the mark may stand still, and is to be given up.
//   - SetDoneUntil back to a lower mark: changes nothing. What it passes on the way counts as done, and who waits for it is
//     woken; those of the original whose marks SetDoneUntil has passed sleep on.
//   - BeginMany and DoneMany of nothing: nothing. The original panics, and takes it for index 0.
//   - Indices beyond fencert.MaxPoint panic with fencert.ErrRange.
//
// Memory: 8 bytes for each place of the window. An index so far beyond DoneUntil that it has no place there is counted as in the
// original, in a heap and a map under a lock, until the window reaches it: so one that stays open for very long makes the
// later ones slower and allocate, and stops nobody.
//
// Make one with NewWaterMark. It must not be copied. Callers: any goroutine, any method; in callbacks all but WaitForMark.
// Ordering: what comes before a Done is visible to whoever sees DoneUntil at its index or later, or returns from WaitForMark.
// Progress: within the window all but WaitForMark is lock-free; DoneUntil stands while the goroutine that moves it is
// descheduled. Cost within the window: Begin two or three atomic operations; Done two, six more and an Advance where DoneUntil moves;
// no allocation, but for the goroutine that takes over from one that has moved it for others 64 times.
// Errors: ErrPassed and fencert.ErrRange as panics; WaitForMark.
type WaterMark struct {
	timeline *fencert.Timeline
	advance  func(uint64)
	counts   *window
	begun    atomicx.Uint64 // last
}

// NewWaterMark makes a mark of a timeline that nobody else advances; DoneUntil is its value. window is how far an index may be
// beyond DoneUntil and be counted without a lock, rounded up to a power of two. Errors: ErrWindow.
func NewWaterMark(t *fencert.Timeline, window int) (*WaterMark, error) {
	if window < MinWindow || window > MaxWindow {
		return nil, fmt.Errorf("%w: %d places, want %d to %d", ErrWindow, window, MinWindow, MaxWindow)
	}
	m := &WaterMark{timeline: t, counts: newWindow(1<<bits.Len(uint(window-1)), t.Value())}
	// There already: another goroutine was faster with a later mark. Closed: those who wait know. Out of range: counted never.
	m.advance = func(until uint64) { _ = t.Advance(until) }
	return m, nil
}

// Begin opens an index, once more if it is open.
func (m *WaterMark) Begin(index uint64) {
	m.check(index)
	m.begun.Store(index)
	m.count(index, 1)
}

// BeginMany is Begin for each, in this order.
func (m *WaterMark) BeginMany(indices []uint64) {
	for _, index := range indices {
		m.Begin(index)
	}
}

// Done takes back one Begin, or the next one. The last one that is missing moves DoneUntil.
func (m *WaterMark) Done(index uint64) {
	m.check(index)
	m.count(index, -1)
	m.counts.settle(index, m.advance)
}

// DoneMany is Done for each, in this order.
func (m *WaterMark) DoneMany(indices []uint64) {
	for _, index := range indices {
		m.Done(index)
	}
}

// DoneUntil returns the mark: one load.
func (m *WaterMark) DoneUntil() uint64 { return m.timeline.Value() }

// SetDoneUntil moves the mark to index at least, as if all up to there were done.
func (m *WaterMark) SetDoneUntil(index uint64) {
	m.check(index)
	raise(&m.counts.floor, index)
	m.counts.look(m.advance)
}

// LastIndex returns the index that was begun last, 0 when none was.
func (m *WaterMark) LastIndex() uint64 { return m.begun.Load() }

// WaitForMark waits until DoneUntil is index or later. Errors: those of ctx; the timeline's, once it is closed;
// fencert.ErrInCallback; fencert.ErrRange.
func (m *WaterMark) WaitForMark(ctx context.Context, index uint64) error {
	err := m.timeline.Wait(ctx, index)
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return ctx.Err() // as the original does
	}
	return err
}

func (m *WaterMark) check(index uint64) {
	if index > fencert.MaxPoint {
		panic(fmt.Errorf("%w: index %d", fencert.ErrRange, index))
	}
}

func (m *WaterMark) count(index uint64, n int64) {
	if !m.counts.count(index, n) {
		panic(fmt.Errorf("%w: index %d, DoneUntil %d", ErrPassed, index, m.counts.until.Load()))
	}
}
