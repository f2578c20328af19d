package fencert

import (
	"fmt"
	"slices"

	"github.com/fencert/fencert/internal/linear"
)

// A pointOp is one step of a call with a timeline. Callbacks are named by numbers below pointArgs.
type pointOp struct {
	kind    pointKind
	n       uint64 // the point, or the value
	arg     uint8
	ok      bool
	result  uint8 // as resultNumber: what Close gives, Advance and Err answer, and a callback is called with
	crossed bool  // a Cancel that answers false while another Cancel of the same callback goes on
	alone   bool  // an Advance while nobody else can come to deliver
}

const pointArgs = 16

type pointKind uint8

const (
	pointAdvance       pointKind = iota // Advance: nil
	pointReturns                        // second step: it returns
	pointReached                        // Advance: ErrSignaled
	pointRefused                        // Advance: the cause
	pointAdd                            // OnSignal; not ok: ErrSignaled
	pointAdded                          // second step: whoever delivers can know of it
	pointCancel                         // Cancel
	pointClose                          // Close; not ok: ErrTimelineClosed
	pointValue                          // Value
	pointErr                            // Err of a point
	pointCallbacksDone                  // CallbacksDone of a point is true
	pointCalled                         // a callback is called
	pointAdopted                        // a delivery that was handed over, from then to its end
	pointQuiet                          // all is over
)

func (o pointOp) String() string {
	name := [...]string{"Advance", "Advance returns", "Advance: ErrSignaled", "Advance: cause", "OnSignal", "added", "Cancel",
		"Close", "Value", "Err", "CallbacksDone", "calls", "adopted", "quiet"}[o.kind]
	return fmt.Sprintf("%s %d, #%d: %v, result %d", name, o.n, o.arg, o.ok, o.result)
}

// A pointState is a timeline: the value, and the callbacks, each with its point.
type pointState struct {
	value   uint64
	closed  bool
	cause   uint8
	points  [pointArgs]uint8
	waiting uint16 // added, and neither run nor canceled
	sure    uint16 // can't be canceled any more
	inTime  uint16 // of those that were added: before the value moved to their point
}

func (s *pointState) signaled(n uint64) bool { return s.value >= n || s.closed }

// result is what Err of a point answers.
func (s *pointState) result(n uint64) uint8 {
	switch {
	case s.value >= n:
		return numberNil
	case s.closed:
		return s.cause
	}
	return numberPending
}

// due are the callbacks whose points are signaled and that have not run, of those that were added in time, up to point n.
func (s *pointState) due(n uint64) (args uint16) {
	for arg := range pointArgs {
		if p := uint64(s.points[arg]); s.waiting&s.inTime>>arg&1 != 0 && p <= n && s.signaled(p) {
			args |= 1 << arg
		}
	}
	return args
}

// pointSpec is what is promised of a timeline: the value only grows, and Close leaves it; a point that it has reached is
// signaled with nil for ever, the others by Close with its cause; what was added runs once, with its point's result, not
// before that is signaled, or is canceled; of those that were added in time, none runs before one that is due at a
// lower point; Advance returns when those have run, if nobody else delivers, and CallbacksDone says so.
func pointSpec() linear.Spec[pointState, pointOp] {
	return linear.Spec[pointState, pointOp]{Step: pointStep, Prepare: markPoints}
}

func pointStep(s pointState, o pointOp) (pointState, bool) {
	switch o.kind {
	case pointAdvance:
		ok := !s.signaled(o.n)
		s.value = o.n
		return s, ok
	case pointReturns:
		return s, !o.alone || s.due(o.n) == 0
	case pointReached:
		return s, s.value >= o.n
	case pointRefused:
		return s, s.closed && o.result == s.cause
	case pointAdd:
		if o.ok {
			s.points[o.arg] = uint8(o.n)
			s.waiting |= 1 << o.arg
		}
		return s, o.ok != s.signaled(o.n)
	case pointAdded:
		if !s.signaled(o.n) {
			s.inTime |= 1 << o.arg
		}
		return s, true
	case pointCancel:
		return s.cancel(o)
	case pointClose:
		ok := o.ok != s.closed
		if o.ok {
			s.closed, s.cause = true, o.result
		}
		return s, ok
	case pointCalled:
		return s.called(o)
	}
	return s, s.looks(o)
}

func (s pointState) cancel(o pointOp) (pointState, bool) {
	bit := uint16(1) << o.arg
	open := s.waiting&bit != 0 && !s.signaled(uint64(s.points[o.arg]))
	switch {
	case o.ok:
		s.waiting &^= bit
		return s, open && s.sure&bit == 0
	case open && o.crossed: // it will run, whoever else cancels: a promise
		s.sure |= bit
		return s, true
	}
	return s, !open || s.sure&bit != 0
}

func (s pointState) called(o pointOp) (pointState, bool) {
	bit := uint16(1) << o.arg
	n := uint64(s.points[o.arg])
	ok := s.waiting&bit != 0 && s.signaled(n) && o.result == s.result(n)
	if s.inTime&bit != 0 && n > 0 && s.due(n-1) != 0 {
		ok = false
	}
	s.waiting &^= bit
	return s, ok
}

func (s pointState) looks(o pointOp) bool {
	switch o.kind {
	case pointValue:
		return o.n == s.value
	case pointErr:
		return o.result == s.result(o.n)
	case pointCallbacksDone:
		return s.signaled(o.n) && s.due(o.n) == 0
	case pointQuiet:
		return s.waiting == 0
	}
	return true
}

// markPoints notes which Cancels crossed, and which Advances were the only call that can deliver.
func markPoints(all []linear.Operation[pointOp]) {
	delivers := []pointKind{pointAdvance, pointAdd, pointCancel, pointClose, pointAdopted}
	for k := range all {
		x := &all[k]
		other := func(f func(y pointOp) bool) bool {
			return slices.ContainsFunc(all, func(y linear.Operation[pointOp]) bool {
				return y.Thread != x.Thread && y.Overlaps(*x) && f(y.Op)
			})
		}
		switch x.Op.kind {
		case pointCancel:
			x.Op.crossed = !x.Op.ok && other(func(y pointOp) bool { return y.kind == pointCancel && y.arg == x.Op.arg })
		case pointReturns:
			x.Op.alone = !other(func(y pointOp) bool { return slices.Contains(delivers, y.kind) })
		}
	}
}
