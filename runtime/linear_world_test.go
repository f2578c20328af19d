package fencert

import (
	"github.com/fencert/fencert/internal/linear"
)

// A fenceWorld is some fences whose calls are recorded.
type fenceWorld struct {
	rt      *Runtime
	c       *FenceContext
	note    Handler
	issuers []Issuer
	tickets []Ticket // of the first one's callbacks
	h       *linear.History[fenceOp]
	threads map[*Local]*fenceThread
}

// A fenceThread makes calls through a Local and records them. One goroutine at a time.
type fenceThread struct {
	*linear.Thread[fenceOp]
	w     *fenceWorld
	k     int
	l     *Local
	calls *linear.Thread[fenceOp] // of callbacks
	holds []fenceHeld
}

type fenceHeld struct {
	hold  Hold
	fence int
}

// callbacks of fence k have arguments from k*perFence on.
const perFence = 64

// called is the handler of all callbacks: on whose Local it runs tells which call it belongs to.
func (w *fenceWorld) called(l *Local, arg uint64, err error) {
	t := w.threads[l]
	t.calls.Note(fenceOp{kind: fenceCalled, fence: int(arg / perFence), thread: t.k, arg: string([]byte{byte(arg)}), result: resultNumber(err)})
}

// newFenceHistory is a history of so many threads: for each there are its calls, and the callbacks that it runs.
func newFenceHistory(threads int) *linear.History[fenceOp] {
	return linear.NewHistory[fenceOp](2 * threads)
}

// arm arms new fences, by l.
func (w *fenceWorld) arm(l *Local, fences int) {
	for range fences {
		w.issuers = append(w.issuers, l.Arm(must(l.Reserve()), w.c))
	}
}

// thread is the k-th thread of the history, with l as its Local.
func (w *fenceWorld) thread(k int, l *Local) *fenceThread {
	t := &fenceThread{Thread: w.h.Thread(2 * k), calls: w.h.Thread(2*k + 1), w: w, k: k, l: l}
	w.threads[l] = t
	return t
}

func (t *fenceThread) fence(k int) Fence { return t.w.issuers[k].Fence() }

// do makes a call in steps.
func (t *fenceThread) do(fence int, call func() []fenceOp) {
	t.Steps(func() []fenceOp {
		steps := call()
		for i := range steps {
			steps[i].fence, steps[i].thread = fence, t.k
		}
		return steps
	})
}

// signal is Signal, or Finish.
func (t *fenceThread) signal(fence int, drop bool, result uint8) {
	t.do(fence, func() []fenceOp {
		call := t.l.Signal
		if drop {
			call = t.l.Finish
		}
		return issuerSteps(fenceOp{kind: fenceSignal, drop: drop, result: result}, call(t.w.issuers[fence], errno(int(result))))
	})
}

func (t *fenceThread) drop(fence int) {
	t.do(fence, func() []fenceOp {
		return issuerSteps(fenceOp{kind: fenceDrop}, t.l.Drop(t.w.issuers[fence]))
	})
}

func issuerSteps(o fenceOp, err error) []fenceOp {
	switch err {
	case nil:
		return []fenceOp{o, {kind: fenceRan}, {kind: fenceGivenUp}}
	case ErrSignaled:
		return []fenceOp{{kind: fenceSignaled}}
	case ErrStale:
		return []fenceOp{{kind: fenceStale}}
	}
	panic(err)
}

// add adds a callback; arg is below perFence, and what is recorded is an argument of that fence's.
func (t *fenceThread) add(fence int, arg uint64) (ticket Ticket) {
	arg += uint64(fence) * perFence
	t.do(fence, func() []fenceOp {
		var err error
		ticket, err = t.l.OnSignal(t.fence(fence), t.w.note, arg)
		if err == ErrExhausted {
			return nil
		} else if err != nil && err != ErrSignaled {
			panic(err)
		}
		return []fenceOp{{kind: fenceAdd, arg: string([]byte{byte(arg)}), ok: err == nil}}
	})
	return ticket
}

func (t *fenceThread) cancel(fence int, ticket Ticket, arg uint64) {
	arg += uint64(fence) * perFence
	t.do(fence, func() []fenceOp {
		return []fenceOp{{kind: fenceCancel, arg: string([]byte{byte(arg)}), ok: t.l.Cancel(ticket)}}
	})
}

func (t *fenceThread) hold(fence int) {
	t.do(fence, func() []fenceOp {
		h, err := t.l.Hold(t.fence(fence))
		if err == nil {
			t.holds = append(t.holds, fenceHeld{h, fence})
		} else if err != ErrStale {
			panic(err)
		}
		return []fenceOp{{kind: fenceHold, ok: err == nil}}
	})
}

// release releases the last hold that this thread took, if there is one, after a look through it.
func (t *fenceThread) release() {
	k := len(t.holds) - 1
	if k < 0 {
		return
	}
	h := t.holds[k]
	t.holds = t.holds[:k]
	t.do(h.fence, func() []fenceOp { return []fenceOp{{kind: fenceHoldErr, result: resultNumber(h.hold.Err())}} })
	t.do(h.fence, func() []fenceOp {
		if err := t.l.Release(h.hold); err != nil {
			panic(err)
		}
		return []fenceOp{{kind: fenceRelease}, {kind: fenceLetGo}}
	})
}

func (t *fenceThread) err(fence int) {
	t.do(fence, func() []fenceOp {
		return []fenceOp{{kind: fenceErr, result: resultNumber(t.fence(fence).Err())}}
	})
}

func (t *fenceThread) poll(fence int, done bool) {
	t.do(fence, func() []fenceOp {
		if done {
			return []fenceOp{{kind: fencePollDone, ok: t.fence(fence).CallbacksDone()}}
		}
		return []fenceOp{{kind: fencePoll, ok: t.fence(fence).Signaled()}}
	})
}

// again lives another life in whatever slot is free, so that the handles to the last one are stale where they can be. It
// isn't recorded: if its result were seen by those handles, no order would explain that.
func (t *fenceThread) again() {
	if r, err := t.l.Reserve(); err == nil {
		_ = t.l.Finish(t.l.Arm(r, t.w.c), errno(199))
	}
}

// end drops what is left, and looks whether all lives have ended.
func (t *fenceThread) end() {
	for k := range t.w.issuers {
		t.drop(k)
		t.err(k)
	}
}
