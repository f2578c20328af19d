package fencert

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fencert/fencert/internal/linear"
)

// A fenceOp is one step of a call with a fence. Callbacks are named by their arguments, a byte each.
type fenceOp struct {
	kind    fenceKind
	fence   int
	thread  int
	arg     string // of the callback that is added, canceled or called
	ok      bool
	drop    bool  // Finish
	result  uint8 // as resultNumber: what Signal and Finish give, Err answers, and a callback is called with
	crossed bool  // a Cancel that answers false while another Cancel of the same callback goes on
}

type fenceKind uint8

const (
	fenceSignal   fenceKind = iota // Signal, Finish: nil
	fenceSignaled                  // Signal, Finish: ErrSignaled
	fenceStale                     // Signal, Finish, Drop: ErrStale
	fenceDrop                      // Drop: nil
	fenceCalled                    // a callback is called, on this thread's Local
	fenceRan                       // second step of a call that signals or drops: if callbacks were its to run, they have run
	fenceGivenUp                   // third step: the issuer's part in the fence is over, unless the callbacks still run elsewhere
	fenceAdd                       // OnSignal; not ok: ErrSignaled
	fenceCancel                    // Cancel
	fenceHold                      // Hold; not ok: ErrStale
	fenceRelease                   // Release
	fenceLetGo                     // second step: it was the last one, perhaps
	fenceErr                       // Err
	fenceHoldErr                   // Hold.Err
	fencePoll                      // Signaled
	fencePollDone                  // CallbacksDone
)

func (o fenceOp) String() string {
	name := [...]string{"Signal", "Signal: ErrSignaled", "Signal or Drop: ErrStale", "Drop", "calls", "have run", "given up", "OnSignal",
		"Cancel", "Hold", "Release", "let go", "Err", "Hold.Err", "Signaled", "CallbacksDone"}[o.kind]
	return fmt.Sprintf("fence %d: %s %q, %v, drop %v, result %d", o.fence, name, o.arg, o.ok, o.drop, o.result)
}

// The results of fences, as numbers. Below these: an errno.
const (
	numberNil      = 0
	numberCanceled = 200
	numberStale    = 254
	numberPending  = 255
)

func resultNumber(err error) uint8 {
	switch err {
	case nil:
		return numberNil
	case ErrCanceled:
		return numberCanceled
	case ErrStale:
		return numberStale
	case ErrPending:
		return numberPending
	}
	for n := uint8(1); n < numberCanceled; n++ {
		if err == errno(int(n)) {
			return n
		}
	}
	panic(err)
}

// A fenceState is one life of a slot.
type fenceState struct {
	signaled, dropped bool
	result            uint8
	waiting           string // callbacks, in the order of adding
	sure              string // those that can't be canceled any more
	runner            int    // 1 + the thread that runs the callbacks
	toRun             string // and those that it has still to run
	givenUp           bool   // by the issuer
	holds             int
	ended             bool
}

// fenceSpec is what is promised of a fence: signaled once, with one result, which all see until the life ends and holders
// beyond that moment never miss; callbacks run once, in the order of adding, on the signaler's goroutine, before it returns
// and before CallbacksDone, or are canceled; the life ends when the issuer is dropped, the callbacks have run and all
// holds are released, neither earlier nor later, and then the result is ErrStale.
//
// Between the drop and the end of the life a fence that nobody holds can't be held for sure: Hold may answer ErrStale there.
func fenceSpec() linear.Spec[fenceState, fenceOp] {
	return linear.Spec[fenceState, fenceOp]{
		Key:     func(o fenceOp) int { return o.fence },
		Step:    fenceStep,
		Prepare: markFence,
	}
}

func fenceStep(s fenceState, o fenceOp) (fenceState, bool) {
	switch o.kind {
	case fenceSignal:
		ok := !s.signaled
		return s.signal(o, o.result, o.drop), ok
	case fenceSignaled:
		return s, s.signaled && !s.dropped
	case fenceStale:
		return s, s.dropped
	case fenceDrop:
		if !s.signaled {
			return s.signal(o, numberCanceled, true), true
		}
		ok := !s.dropped
		s.dropped = true
		return s, ok
	case fenceCalled:
		rest, ok := strings.CutPrefix(s.toRun, o.arg)
		s.toRun = rest
		return s, ok && s.runner == o.thread+1 && s.result == o.result
	case fenceRan:
		if s.runner == o.thread+1 {
			s.runner = 0
			return s, s.toRun == ""
		}
		return s, true
	case fenceGivenUp:
		if s.dropped && s.runner == 0 && !s.givenUp {
			s.givenUp = true
			s.ended = s.holds == 0
		}
		return s, true
	case fenceAdd:
		if o.ok {
			s.waiting += o.arg
		}
		return s, o.ok != s.signaled
	case fenceCancel:
		return s.cancel(o)
	}
	return s.look(o)
}

func (s fenceState) signal(o fenceOp, result uint8, drop bool) fenceState {
	s.signaled, s.dropped, s.result = true, drop, result
	s.toRun, s.waiting, s.runner = s.waiting, "", o.thread+1
	return s
}

func (s fenceState) cancel(o fenceOp) (fenceState, bool) {
	open := !s.signaled && strings.Contains(s.waiting, o.arg)
	switch {
	case o.ok:
		s.waiting = strings.Replace(s.waiting, o.arg, "", 1)
		return s, open && !strings.Contains(s.sure, o.arg)
	case open && o.crossed: // it will run, whoever else cancels: a promise
		s.sure += o.arg
		return s, true
	}
	return s, !open || strings.Contains(s.sure, o.arg)
}

// look is about holds and what is seen.
func (s fenceState) look(o fenceOp) (fenceState, bool) {
	switch o.kind {
	case fenceHold:
		if !o.ok {
			return s, s.dropped && s.holds == 0
		}
		s.holds++
		return s, !s.ended && (!s.givenUp || s.holds > 1)
	case fenceRelease:
		s.holds--
		return s, s.holds >= 0
	case fenceLetGo:
		s.ended = s.ended || s.givenUp && s.holds == 0
		return s, true
	case fencePoll:
		return s, o.ok == s.signaled
	case fencePollDone:
		return s, o.ok == (s.signaled && s.runner == 0)
	default:
		want := s.result
		switch {
		case s.ended && o.kind == fenceHoldErr:
			return s, false
		case s.ended:
			want = numberStale
		case !s.signaled:
			want = numberPending
		}
		return s, o.result == want
	}
}

// markFence notes which Cancels crossed (Q3 of package cbqueue).
func markFence(all []linear.Operation[fenceOp]) {
	for k := range all {
		x := &all[k]
		x.Op.crossed = x.Op.kind == fenceCancel && !x.Op.ok && slices.ContainsFunc(all, func(y linear.Operation[fenceOp]) bool {
			return y.Op.kind == fenceCancel && y.Op.fence == x.Op.fence && y.Op.arg == x.Op.arg && y.Thread != x.Thread && y.Overlaps(*x)
		})
	}
}
