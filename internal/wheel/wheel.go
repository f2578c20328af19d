package wheel

import (
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

const (
	// MaxPoint is the largest point, and the largest value.
	MaxPoint = 1<<63 - 1

	closed = 1 << 63
)

// A Wheel is a value that only grows, and callbacks that wait for it to reach their points. Make one with Init; it must
// not be copied. Any goroutine may call any method; operations that need nodes are methods of Owner.
type Wheel struct {
	value atomicx.Uint64 // bit 63: closed
	code  atomicx.Uint32 // of Close; set before bit 63
	id    uint32         // of the pool's wheels; fixed
	pool  *Pool          // fixed
	_     pad.Line

	box    atomicx.Uint64
	exact  atomicx.Uint64 // see ahead
	passes atomicx.Uint32 // inboxes taken; goes round
	debt   atomicx.Uint32 // cancels until the next sweep is worth its cost. A guess: races make it come sooner or later
	shown  atomicx.Uint32 // buckets.count as of the last release
	behind atomicx.Uint64 // all below was delivered, of what was added before the value moved beyond it
	_      pad.Line

	// The owner's (W2).
	limit  atomicx.Cell[uint64] // the value of this pass
	rest   atomicx.Cell[uint64] // an idle, empty box over what is sorted, as of the last release or only
	own    uint64               // as far the owner delivers without a limit
	chain  atomicx.Cell[uint32] // due, still to run
	last   atomicx.Cell[uint32] // what Next has returned, 0: nothing
	budget uint32               // buckets beyond own that it still takes
	outer  *Wheel               // below this one on Owner.top
	buckets
}

// Init makes w, a zero Wheel, a wheel of p that begins at a value up to MaxPoint: points up to there are signaled.
func (w *Wheel) Init(p *Pool, value uint64) {
	w.pool, w.id = p, p.wheels.Add(1)
	w.value.Store(value & MaxPoint)
	w.base.Set(value & MaxPoint)
	w.limit.Set(value & MaxPoint)
	w.box.Store(nothing << minShift)
	w.exact.Store(^uint64(0))
	w.rest.Set(nothing << minShift)
	w.debt.Store(p.least)
}

// Word is the value's word: a point s is signaled when Word().Load() >= s, closed or not. Only the wheel may write to it.
func (w *Wheel) Word() *atomicx.Uint64 { return &w.value }

// Value is how far the wheel has been advanced. Wait-free; one load.
func (w *Wheel) Value() uint64 { return w.value.Load() &^ closed }

// Closed tells whether Close was called. Wait-free; one load.
func (w *Wheel) Closed() bool { return w.value.Load() >= closed }

// Status tells whether a point is signaled, and the code it was signaled with: 0 when the value has reached it, else
// the code given to Close. Wait-free; one load or two.
func (w *Wheel) Status(point uint64) (signaled bool, code uint32) {
	v := w.value.Load()
	switch {
	case v < point:
		return false, 0
	case v < closed || v&^closed >= point:
		return true, 0
	default:
		return true, w.code.Load() // W9: it was set before bit 63
	}
}

// ahead tells that nothing in an idle box is due at v.
//
// Where rounding leaves that open and nothing lies in the box, exact decides: it is what the release that made this box
// had written before, or a later owner, who then has looked at the value after we changed it (W4).
func (w *Wheel) ahead(box, v uint64) bool {
	r := round(v)
	return box>>minShift > r || box>>minShift == r && box&headMask == 0 && w.exact.Load() > v
}
