package wheel

import (
	"runtime"
	"time"

	"github.com/fencert/fencert/internal/atomicx"
)

// A Mark is a moment of a wheel, for Passed.
type Mark struct {
	value  uint64
	passes uint32
}

// Mark returns the present moment. Wait-free; two loads.
func (w *Wheel) Mark() Mark {
	v := w.value.Load()
	return Mark{v, w.passes.Load()}
}

// Passed tells whether all that was due at the moment m has run. Wait-free; three loads.
//
// Either the wheel is idle with nothing due at m's value; or two passes have begun after m and a third behind them: the
// second of them took the box after the first had begun, so after m, and has ended.
func (w *Wheel) Passed(m Mark) bool {
	if b := w.box.Load(); b&busy == 0 && w.ahead(b, m.value) {
		return true
	}
	return w.passes.Load()-m.passes >= 3
}

// Unclear tells, of a moment that has not Passed, that nobody delivers, so that it may be the box that can't tell: its minimum is
// rounded down, and a point that nobody has sorted waits close above the value. Settle sees to that. Wait-free; two loads.
func (w *Wheel) Unclear(m Mark) bool {
	b := w.box.Load()
	return b&busy == 0 && !w.ahead(b, m.value)
}

// Settle sorts what was added, unless another goroutine owns the wheel, so that the box can tell again what is due. It delivers
// nothing: what it finds due is handed over. Lock-free.
func (o *Owner) Settle(w *Wheel) {
	if o.tryOwn(w) {
		o.leave(w)
	}
}

// Delivered tells whether the callbacks of all points up to s have run, of those that were added before the value moved beyond
// s, which it has. While somebody delivers, it may be a while before it says so; and where the box can't tell (see Unclear) it
// says so after a Settle, a Flush or the next Advance. Wait-free; four loads.
func (w *Wheel) Delivered(s uint64) bool {
	if w.behind.Load() > s {
		return true
	}
	b := w.box.Load()
	return b&busy == 0 && w.ahead(b, s)
}

// Flush returns when nobody is delivering what was due at the call. It blocks for as long as callbacks take that were due
// before or at the call: it spins for a little and then sleeps, up to a millisecond at a time. Errors: ErrDelivering, at
// once, in a callback of this wheel.
func (o *Owner) Flush(w *Wheel) error {
	if o.delivers(w) {
		return ErrDelivering
	}
	m := w.Mark()
	for k := uint(0); !w.Passed(m); k++ {
		switch {
		case w.Unclear(m):
			o.Settle(w)
		case k < 64 || atomicx.Exploring:
			atomicx.Pause(pauses)
		case k < 96:
			runtime.Gosched()
		default:
			time.Sleep(min(time.Microsecond<<min(k-96, 10), time.Millisecond))
		}
	}
	return nil
}

// Pending is about how many callbacks wait, those that were canceled and not yet swept included. When no other goroutine
// owns the wheel it looks; else what was added since somebody last left it isn't counted. Lock-free.
func (o *Owner) Pending(w *Wheel) int {
	o.Settle(w)
	return int(w.shown.Load())
}

// Oldest returns the lowest point that somebody waits for. ok is false when there is none, or when another goroutine owns
// the wheel just now (busy). It takes time for all that waits in the first bucket: for dumps, not for hot paths. Lock-free.
func (o *Owner) Oldest(w *Wheel) (point uint64, ok, busy bool) {
	if !o.tryOwn(w) {
		return 0, false, true
	}
	o.sweepBuckets(w)
	level, digit, _, some := w.first()
	if some {
		point, ok = ^uint64(0), true
		for i := w.heads[level*fanOut+digit]; i != 0; {
			n := o.view.node(i)
			point = min(point, n.point.Load())
			i = n.next.Get()
		}
	}
	o.leave(w)
	return point, ok, false
}
