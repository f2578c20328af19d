package bench

import (
	"context"
	"runtime"
	"slices"
	"testing"
)

// TestLineChecksBite breaks one promise at a time and expects a check of the conformance test to notice.
func TestLineChecksBite(t *testing.T) {
	caught := map[string]bool{}
	for _, m := range lineMutants {
		caught[m.caughtBy] = true
		t.Run(m.name, func(t *testing.T) {
			broken := lineSubject[*heapLine, pointTicket]{
				label: "broken",
				can:   LineCapability{Contract: true, Callbacks: true, Done: true, Waits: true},
				open: func(s LineSizes) LineWorld[*heapLine, pointTicket] {
					return lineMutantWorld{NewMutexHeap(s), m.wrap}
				},
			}
			check, ok := broken.checks()[m.caughtBy]
			if !ok {
				t.Fatalf("no check is called %q", m.caughtBy)
			}
			v := new(witness)
			v.watch(func() { broken.try(v, check.check) })
			if v.found == "" {
				t.Errorf("check %s passed", m.caughtBy)
			}
		})
	}
	for name := range (lineSubject[*heapLine, pointTicket]{}).checks() {
		if !caught[name] {
			t.Errorf("no mutant shows that the check %s can fail", name)
		}
	}
}

type lines = LineWorker[*heapLine, pointTicket]

type lineMutantWorld struct {
	LineWorld[*heapLine, pointTicket]
	wrap func(lines) lines
}

func (w lineMutantWorld) NewWorker(h Handler) lines { return w.wrap(w.LineWorld.NewWorker(h)) }

// lineMutants are ways to break a correct implementation, each with the check that has to notice.
var lineMutants = []struct {
	name     string
	caughtBy string
	wrap     func(lines) lines
}{
	{"advance_always_moves", "value", func(w lines) lines { return alwaysMoves{w} }},
	{"value_falls", "value_in_race", func(w lines) lines { return valueFalls{w} }},
	{"one_too_early", "callbacks_in_order", func(w lines) lines { return tooEarly{w} }},
	{"callbacks_elsewhere", "callbacks_in_order", func(w lines) lines { return advanceElsewhere{w} }},
	{"order_reversed", "two_lines", func(w lines) lines { return mirrored{w} }},
	{"far_lost", "every_distance", func(w lines) lines { return farLost{w} }},
	{"late_add_accepted", "late_add", func(w lines) lines { return lateReach{w} }},
	{"cancel_does_nothing", "cancel", func(w lines) lines { return keepsCanceled{w} }},
	{"cancel_always_true", "late_cancel", func(w lines) lines { return cancelsAll{w} }},
	{"panic_swallowed", "panic", func(w lines) lines { return advanceSwallows{w} }},
	{"goexit_loses_the_rest", "goexit", func(w lines) lines { return oneByOne{w} }},
	{"nested_runs_inside", "nested_advance", func(w lines) lines { return oneByOne{w} }},
	{"nested_add_refused", "nested_add", func(w lines) lines { return refusesNext{w} }},
	{"counts_nothing", "counting_worker", func(w lines) lines { return ranNothing{w} }},
	{"callback_lost", "random_program", func(w lines) lines { return losesSome{w} }},
	{"no_single_deliverer", "order_in_race", func(w lines) lines { return oneByOne{w} }},
	{"callback_late", "last_advance", func(w lines) lines { return losesSome{w} }},
	{"callback_lost_in_race", "race", func(w lines) lines { return losesSome{w} }},
	{"callback_twice_in_race", "race", func(w lines) lines { return addsTwice{w} }},
	{"done_early", "done", func(w lines) lines { return doneEarly{w} }},
	{"wait_returns_at_once", "wait", func(w lines) lines { return waitsNever{w} }},
	{"wait_without_context", "wait_canceled", func(w lines) lines { return waitsBriefly{w} }},
	{"canceled_wins", "reached_wins", func(w lines) lines { return cancelWins{w} }},
	{"wait_one_early", "wait_in_race", func(w lines) lines { return waitsForLess{w} }},
}

type alwaysMoves struct{ lines }

func (w alwaysMoves) Advance(l *heapLine, n uint64) bool {
	w.lines.Advance(l, n)
	return true
}

type valueFalls struct{ lines }

func (w valueFalls) Advance(l *heapLine, n uint64) bool {
	moved := w.lines.Advance(l, n)
	if n%512 == 0 {
		l.value.Store(n - 2)
	}
	return moved
}

type tooEarly struct{ lines }

func (w tooEarly) Advance(l *heapLine, n uint64) bool { return w.lines.Advance(l, n+1) }

type advanceElsewhere struct{ lines }

func (w advanceElsewhere) Advance(l *heapLine, n uint64) (moved bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		moved = w.lines.Advance(l, n)
	}()
	<-done
	return moved
}

// mirrored mixes up neighbors.
type mirrored struct{ lines }

func (w mirrored) OnReach(l *heapLine, n, arg uint64) (pointTicket, bool) {
	return w.lines.OnReach(l, n^1, arg)
}

type farLost struct{ lines }

func (w farLost) OnReach(l *heapLine, n, arg uint64) (pointTicket, bool) {
	return w.lines.OnReach(l, n&(1<<48-1), arg)
}

type lateReach struct{ lines }

func (w lateReach) OnReach(l *heapLine, n, arg uint64) (pointTicket, bool) {
	t, _ := w.lines.OnReach(l, n, arg)
	return t, true
}

type keepsCanceled struct{ lines }

func (w keepsCanceled) Cancel(*heapLine, pointTicket) bool { return true }

type cancelsAll struct{ lines }

func (w cancelsAll) Cancel(l *heapLine, t pointTicket) bool {
	w.lines.Cancel(l, t)
	return true
}

type advanceSwallows struct{ lines }

func (w advanceSwallows) Advance(l *heapLine, n uint64) bool {
	defer func() { _ = recover() }()
	return w.lines.Advance(l, n)
}

// oneByOne delivers without the right to: whoever advances takes what is due and runs it.
type oneByOne struct{ lines }

func (w oneByOne) Advance(l *heapLine, n uint64) bool {
	l.mu.Lock()
	moved := l.value.Load() < n
	if moved {
		l.value.Store(n)
	}
	var due []dueCallback
	for l.queue.earliest() <= n {
		due = append(due, l.queue.pop())
	}
	l.setNext(l.queue.earliest())
	l.mu.Unlock()
	runtime.Gosched()
	for i := range due {
		due[i].deliver()
		runtime.Gosched()
	}
	return moved
}

type refusesNext struct{ lines }

func (w refusesNext) OnReach(l *heapLine, n, arg uint64) (pointTicket, bool) {
	if l.next.Load()&delivering != 0 {
		return 0, false
	}
	return w.lines.OnReach(l, n, arg)
}

type ranNothing struct{ lines }

func (w ranNothing) Ran() (count, sum, disorder uint64) { return 0, 0, 0 }

type losesSome struct{ lines }

func (w losesSome) OnReach(l *heapLine, n, arg uint64) (pointTicket, bool) {
	t, ok := w.lines.OnReach(l, n, arg)
	if ok && arg%7 == 1 {
		w.lines.Cancel(l, t)
	}
	return t, ok
}

type addsTwice struct{ lines }

func (w addsTwice) OnReach(l *heapLine, n, arg uint64) (pointTicket, bool) {
	if arg%113 == 1 {
		w.lines.OnReach(l, n, arg)
	}
	return w.lines.OnReach(l, n, arg)
}

type doneEarly struct{ lines }

func (w doneEarly) Done(l *heapLine, n uint64) <-chan struct{} { return w.lines.Done(l, n-1) }

type waitsNever struct{ lines }

func (w waitsNever) Wait(context.Context, *heapLine, uint64) error { return nil }

// waitsBriefly gives up without the cause.
type waitsBriefly struct{ lines }

func (w waitsBriefly) Wait(ctx context.Context, l *heapLine, n uint64) error {
	if err := w.lines.Wait(ctx, l, n); err != nil {
		return ctx.Err()
	}
	return nil
}

type cancelWins struct{ lines }

func (w cancelWins) Wait(ctx context.Context, l *heapLine, n uint64) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return w.lines.Wait(ctx, l, n)
}

type waitsForLess struct{ lines }

func (w waitsForLess) Wait(ctx context.Context, l *heapLine, n uint64) error {
	return w.lines.Wait(ctx, l, max(n, 3)-3)
}

// TestPointQueue adds, takes out and pops at random beside a sorted list.
func TestPointQueue(t *testing.T) {
	const room = 200
	q := newPointQueue(room)
	var have []held[pointTicket]
	for i := range uint64(20_000) {
		switch point := i * 7919 % 1009; {
		case i%3 != 2 && len(have) < room:
			have = append(have, held[pointTicket]{point, q.push(point, dueCallback{run: func(uint64, error) {}, arg: point})})
		case i%2 == 0 && len(have) > 0:
			at := int(point) % len(have)
			if !q.cancel(have[at].ticket) || q.cancel(have[at].ticket) {
				t.Fatalf("cancel went wrong")
			}
			have = slices.Delete(have, at, at+1)
		case len(have) > 0:
			first := slices.MinFunc(have, func(a, b held[pointTicket]) int { return int(a.point) - int(b.point) })
			if q.earliest() != first.point {
				t.Fatalf("the earliest is %d, want %d", q.earliest(), first.point)
			}
			arg := q.pop().arg
			if arg != first.point {
				t.Fatalf("popped %d, want %d", arg, first.point)
			}
			at := slices.IndexFunc(have, func(h held[pointTicket]) bool { return h.point == arg && !q.holds(h.ticket) })
			have = slices.Delete(have, at, at+1)
		}
		if len(q.order) != len(have) {
			t.Fatalf("%d elements, want %d", len(q.order), len(have))
		}
	}
}

// holds tells whether a ticket's callback is in the queue.
func (q *pointQueue) holds(t pointTicket) bool {
	n := &q.nodes[uint32(t)]
	return n.lives == uint32(t>>32) && n.run != nil
}
