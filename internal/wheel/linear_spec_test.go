package wheel

import (
	"fmt"
	"slices"

	"github.com/fencert/fencert/internal/linear"
)

// A lineOp is one step of a call on a wheel. Callbacks are named by their arguments, which are below lineArgs.
type lineOp struct {
	kind    lineKind
	n       uint64 // the point, or the value
	args    uint16 // a bit for each callback
	points  [lineArgs]uint8
	ok      bool
	code    uint32
	thread  int
	crossed bool // a Cancel that answers false while another Cancel of the same callback goes on
	alone   bool // a call while nobody else can come to deliver
}

const lineArgs = 16

type lineKind uint8

const (
	opAdvance        lineKind = iota // Advance to n; ok: it moved the value
	opAdvanceReturns                 // an Advance that moved the value returns
	opAdd                            // Add, AddMany; not ok: ErrSignaled
	opAdded                          // the second step of such an add: whoever delivers can know of it
	opCancel                         // Cancel
	opClose                          // CloseWheel
	opStatus                         // Status of n
	opRun                            // a callback runs
	opDelivered                      // Delivered(n) is true
	opFlush                          // Flush begins
	opFlushReturns                   // Flush returns
	opAdopt                          // a delivery that was handed over, from then to its end
	opQuiet                          // all is over
)

func (o lineOp) String() string {
	name := [...]string{"Advance", "Advance returns", "Add", "added", "Cancel", "Close", "Status", "runs", "Delivered",
		"Flush begins", "Flush returns", "Adopt", "quiet"}[o.kind]
	s := fmt.Sprintf("%s %d", name, o.n)
	for arg := range uint(lineArgs) {
		if o.args>>arg&1 != 0 {
			s += fmt.Sprintf(" #%d", arg)
			if o.kind == opAdd {
				s += fmt.Sprintf("@%d", o.points[arg])
			}
		}
	}
	return fmt.Sprintf("%s: %v, code %d", s, o.ok, o.code)
}

// A lineState is a wheel: the value and the callbacks, each with its point.
type lineState struct {
	value     uint64
	code      uint32 // 0: open
	points    [lineArgs]uint8
	waiting   uint16           // added, and neither run nor canceled
	sure      uint16           // can't be canceled any more
	inTime    uint16           // of those that were added: before the value moved to their point
	mustFlush [lineArgs]uint16 // by thread
}

func (s *lineState) reached(n uint64) bool { return s.value >= n || s.code != 0 }

// due are the callbacks whose points are reached and that have not run, of those that were added in time.
func (s *lineState) due() (args uint16) {
	for arg := range uint(lineArgs) {
		if s.waiting&s.inTime>>arg&1 != 0 && s.reached(uint64(s.points[arg])) {
			args |= 1 << arg
		}
	}
	return args
}

// lineSpec is what the package promises: the value only grows; points are signaled by it or by the close, with its
// code; what was added runs once, not before its value, or is canceled; of those that were added in time, none runs before
// one that is due at a lower point; Advance returns when those have run, if nobody else delivers, and Flush always.
func lineSpec(value uint64) linear.Spec[lineState, lineOp] {
	return linear.Spec[lineState, lineOp]{Start: lineState{value: value}, Step: lineStep, Prepare: markLine}
}

func lineStep(s lineState, o lineOp) (lineState, bool) {
	switch o.kind {
	case opAdvance:
		ok := o.ok != s.reached(o.n)
		if o.ok {
			s.value = o.n
		}
		return s, ok
	case opAdvanceReturns:
		return s, !o.alone || s.due() == 0
	case opAdd, opAdded:
		return lineAdd(s, o)
	case opCancel:
		return lineCancel(s, o)
	case opClose:
		ok := o.ok == (s.code == 0)
		if o.ok {
			s.code = o.code
		}
		return s, ok
	case opStatus:
		code := s.code
		if s.value >= o.n {
			code = 0
		}
		return s, o.ok == s.reached(o.n) && o.code == code
	case opRun:
		return lineRun(s, o)
	case opDelivered:
		for arg := range uint(lineArgs) {
			if s.due()>>arg&1 != 0 && uint64(s.points[arg]) <= o.n {
				return s, false
			}
		}
		return s, true
	case opFlush:
		s.mustFlush[o.thread] = s.due()
		return s, true
	case opFlushReturns:
		ok := s.mustFlush[o.thread]&s.waiting == 0
		s.mustFlush[o.thread] = 0
		return s, ok
	case opAdopt:
		return s, true
	default:
		return s, s.waiting == 0
	}
}

func lineAdd(s lineState, o lineOp) (lineState, bool) {
	lowest := uint64(1 << 62)
	for arg := range uint(lineArgs) {
		if o.args>>arg&1 == 0 {
			continue
		}
		p := uint64(o.points[arg])
		lowest = min(lowest, p)
		switch {
		case o.kind == opAdd && o.ok:
			s.points[arg] = uint8(p)
			s.waiting |= 1 << arg
		case o.kind == opAdded && !s.reached(p):
			s.inTime |= 1 << arg
		}
	}
	return s, o.kind == opAdded || o.ok != s.reached(lowest)
}

func lineCancel(s lineState, o lineOp) (lineState, bool) {
	open := false
	for arg := range uint(lineArgs) {
		open = open || o.args&s.waiting>>arg&1 != 0 && !s.reached(uint64(s.points[arg]))
	}
	switch {
	case o.ok:
		s.waiting &^= o.args
		return s, open && s.sure&o.args == 0
	case open && o.crossed: // it will run, whoever else cancels: a promise
		s.sure |= o.args
		return s, true
	}
	return s, !open || s.sure&o.args != 0
}

func lineRun(s lineState, o lineOp) (lineState, bool) {
	ok := s.waiting&o.args != 0 && s.reached(o.n)
	for arg := range uint(lineArgs) {
		if o.args>>arg&1 != 0 {
			ok = ok && uint64(s.points[arg]) == o.n
		} else if s.inTime&o.args != 0 && s.due()>>arg&1 != 0 && uint64(s.points[arg]) < o.n {
			return s, false
		}
	}
	s.waiting &^= o.args
	return s, ok
}

// markLine notes which Cancels crossed (W6), and which Advances were the only call that can deliver, from their call on: what
// others add late, too, comes to be delivered by somebody else.
func markLine(all []linear.Operation[lineOp]) {
	delivers := []lineKind{opAdvance, opAdd, opCancel, opClose, opAdopt}
	for k := range all {
		x := &all[k]
		other := func(f func(y lineOp) bool) bool {
			return slices.ContainsFunc(all, func(y linear.Operation[lineOp]) bool {
				return y.Thread != x.Thread && y.Overlaps(*x) && f(y.Op)
			})
		}
		switch x.Op.kind {
		case opCancel:
			x.Op.crossed = !x.Op.ok && other(func(y lineOp) bool { return y.kind == opCancel && y.args == x.Op.args })
		case opAdvanceReturns:
			x.Op.alone = !other(func(y lineOp) bool { return slices.Contains(delivers, y.kind) })
		}
	}
}
