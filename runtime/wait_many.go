package fencert

import "context"

// WaitAny waits until one of the fences is signaled and its callbacks have run. It returns the lowest index of those that
// are, with that fence's result. Where ctx ends first, it returns -1 and context.Cause(ctx); signaled wins over that, and
// then it doesn't wait for callbacks that still run.
//
// The fences may be of several runtimes, and the same one may stand there twice. A zero Fence and a stale one are
// signaled, with ErrStale. It waits as Config.Strategy says, of the runtime of the first fence that is pending.
//
// Not in a callback: it may wait for itself. Blocks. It takes a hold and a callback node for each fence, and one waiter for
// each runtime, and gives all back. Cost: two or three read-modify-writes for each fence to hold it, one to add and up to
// three to cancel; no allocation once warm for up to 8 fences (two where 64-bit atomics are calls), else 32 bytes for each. A fence whose callbacks run already
// when the wait begins, or for which there is no room, is polled with pauses of up to a millisecond.
//
// Errors: the result; ErrStale for a fence that was recycled before it was looked at: who needs its result whatever comes
// first takes a hold. ErrNoFences for none. A nil ctx panics with ErrNilContext.
func WaitAny(ctx context.Context, fences ...Fence) (int, error) {
	if debugging {
		debugBlocking("WaitAny")
	}
	if ctx == nil {
		panic(ErrNilContext)
	}
	if len(fences) == 0 {
		return -1, ErrNoFences
	}
	if i := lowest(fences, Fence.done); i >= 0 {
		return i, fences[i].Err()
	}
	var few [fewFences]member
	g := group{fences: fences, members: membersFor(few[:], fences)}
	e := ending{ctx: ctx}
	if !e.over() {
		g.join()
	}
	i := g.wait(&e)
	g.leave()
	if i < 0 {
		i = lowest(fences, Fence.Signaled)
	}
	err := context.Cause(ctx)
	if i >= 0 {
		err = g.result(i)
	}
	g.release()
	return i, err
}

// WaitAll waits until all of the fences are signaled and their callbacks have run. The error is that of the lowest index
// among those that have failed, nil when none has; it doesn't return before the others are signaled. Where ctx ends first, it
// returns context.Cause(ctx); all signaled wins over that, and then it doesn't wait for callbacks that still run.
//
// It is nil for no fences. All else is as in WaitAny. A fence that was recycled before it was looked at has failed with
// ErrStale: its result is not known.
func WaitAll(ctx context.Context, fences ...Fence) error {
	if debugging {
		debugBlocking("WaitAll")
	}
	if ctx == nil {
		panic(ErrNilContext)
	}
	var few [fewFences]member
	g := group{fences: fences, members: membersFor(few[:], fences), all: true}
	e := ending{ctx: ctx}
	if g.finished() < 0 {
		if !e.over() {
			g.join()
		}
		if g.wait(&e) < 0 {
			return g.gaveUp(ctx)
		}
		g.leave()
	}
	err := g.firstFailure()
	g.release()
	return err
}

func membersFor(few []member, fences []Fence) []member {
	if len(fences) > len(few) {
		return make([]member, len(fences))
	}
	return few[:len(fences)]
}

// gaveUp ends a wait for all that is over.
func (g *group) gaveUp(ctx context.Context) error {
	g.leave()
	err := context.Cause(ctx)
	if lowest(g.fences, func(f Fence) bool { return !f.Signaled() }) < 0 {
		err = g.firstFailure()
	}
	g.release()
	return err
}

// firstFailure is the error with the lowest index. All members are signaled.
func (g *group) firstFailure() error {
	for i := range g.fences {
		if err := g.result(i); err != nil {
			return err
		}
	}
	return nil
}
