package wheel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/linear"
)

// A lineWorld is a wheel whose calls are recorded.
type lineWorld struct {
	p       *Pool
	w       Wheel
	h       *linear.History[lineOp]
	threads int
	adopts  chan int // threads of the history for those that deliver what was handed over: the ones that are free
	others  sync.WaitGroup

	takeOver func() // where there are no others: deliver what was handed over
}

// lineAdopters are more than can be at it at once, but for those who have just ended.
const lineAdopters = 4

// newLineWorld makes a wheel for the given number of threads. With each come two of the history: the calls, and what it runs.
func newLineWorld(threads, nodes int, value uint64, handOver func(x *lineWorld)) *lineWorld {
	x := &lineWorld{threads: threads, h: linear.NewHistory[lineOp](2 * (threads + lineAdopters)), adopts: make(chan int, lineAdopters)}
	for k := range lineAdopters {
		x.adopts <- threads + k
	}
	x.p, _ = NewPool(nodes, func(*Wheel) { handOver(x) })
	x.w.Init(x.p, value)
	return x
}

// A lineThread makes calls on the wheel and records them.
type lineThread struct {
	*linear.Thread[lineOp]
	x    *lineWorld
	k    int
	runs *linear.Thread[lineOp]
	o    *Owner
}

func (x *lineWorld) thread(k int) lineThread {
	o := new(Owner)
	o.Init(x.p)
	return lineThread{x.h.Thread(2 * k), x, k, x.h.Thread(2*k + 1), o}
}

// adopter records a delivery that is handed over just now; its caller goes on with adopt, then or later.
func (x *lineWorld) adopter() (adopt func()) {
	t := x.thread(<-x.adopts)
	t.Begin()
	return func() {
		t.o.Adopt(&x.w)
		t.deliver()
		t.o.Close()
		t.End(lineOp{kind: opAdopt})
		x.adopts <- t.k
	}
}

// run is called for each callback, at the moment when it would run.
func (t lineThread) run(c Callback) { t.runs.Note(lineOp{kind: opRun, n: c.Point, args: 1 << c.Arg}) }

func (t lineThread) deliver() {
	for {
		c, ok := t.o.Next(&t.x.w)
		if !ok {
			return
		}
		t.run(c)
	}
}

func (t lineThread) advance(n uint64) {
	t.Steps(func() []lineOp {
		if !t.x.w.Raise(n) {
			return []lineOp{{kind: opAdvance, n: n}}
		}
		if !t.x.w.Quiet(n) {
			t.comeDue(n)
		}
		return []lineOp{{kind: opAdvance, n: n, ok: true}, {kind: opAdvanceReturns, n: n}}
	})
}

// comeDue is as runtime does it.
func (t lineThread) comeDue(n uint64) {
	c, one, due := t.o.KickOne(&t.x.w, n)
	if one {
		t.run(c)
		if t.o.EndOne(&t.x.w) {
			return
		}
	}
	if due {
		t.deliver()
	}
}

func (t lineThread) add(point, arg uint64) (ticket Ticket) {
	o := lineOp{kind: opAdd, args: 1 << arg}
	o.points[arg] = uint8(point)
	t.Steps(func() []lineOp {
		var err error
		ticket, err = t.o.Add(&t.x.w, point, 7, arg)
		return o.steps(err)
	})
	return ticket
}

// addMany adds two.
func (t lineThread) addMany(points, args [2]uint64) {
	o := lineOp{kind: opAdd}
	for k, arg := range args {
		o.args |= 1 << arg
		o.points[arg] = uint8(points[k])
	}
	t.Steps(func() []lineOp { return o.steps(t.o.AddMany(&t.x.w, points[:], 7, args[:], nil)) })
}

// steps are what an add has done: nothing where there was no node.
func (o lineOp) steps(err error) []lineOp {
	switch err {
	case ErrExhausted:
		return nil
	case ErrSignaled:
		return []lineOp{o}
	case nil:
		o.ok = true
		v := o
		v.kind = opAdded
		return []lineOp{o, v}
	}
	panic(err)
}

func (t lineThread) cancel(ticket Ticket, arg uint64) {
	t.Do(func() lineOp { return lineOp{kind: opCancel, args: 1 << arg, ok: t.o.Cancel(&t.x.w, ticket)} })
}

func (t lineThread) close(code uint32) {
	t.Do(func() lineOp {
		ok, due := t.o.CloseWheel(&t.x.w, code)
		if due {
			t.deliver()
		}
		return lineOp{kind: opClose, code: code, ok: ok}
	})
}

func (t lineThread) status(n uint64) {
	t.Do(func() lineOp {
		ok, code := t.x.w.Status(n)
		return lineOp{kind: opStatus, n: n, ok: ok, code: code}
	})
}

func (t lineThread) flush() {
	if t.x.takeOver != nil {
		t.x.takeOver() // nobody else may come to do it
	}
	t.Steps(func() []lineOp {
		// Flush without Settle, which may own the wheel while others advance, and then Advance returns earlier than the model
		// allows: these points are small enough for the box to tell.
		for m := t.x.w.Mark(); !t.x.w.Passed(m); {
			if atomicx.Exploring {
				atomicx.Pause(pauses)
			} else {
				runtime.Gosched()
			}
		}
		return []lineOp{{kind: opFlush, thread: t.k}, {kind: opFlushReturns, thread: t.k}}
	})
}

// done asks Delivered, which says something only where it is true.
func (t lineThread) done(n uint64) {
	t.Steps(func() []lineOp {
		if t.x.w.Value() < n || !t.x.w.Delivered(n) {
			return nil
		}
		return []lineOp{{kind: opDelivered, n: n}}
	})
}

// end closes the wheel, after which nothing is left to run.
func (t lineThread) end() {
	t.close(9)
	t.Do(func() lineOp { return lineOp{kind: opQuiet} })
	t.o.Close()
}

// TestLinearWheel has goroutines advance, add, cancel, close and look, all near the value.
func TestLinearWheel(t *testing.T) {
	for _, goroutines := range []int{2, 3} {
		for _, often := range []bool{false, true} {
			t.Run(fmt.Sprintf("goroutines=%d/sweepOften=%v", goroutines, often), func(t *testing.T) {
				check := linear.NewChecker(t, lineSpec(0))
				linear.Batches(linear.Scaled(2000), 200, func(n int) {
					all := make([]*lineRound, n)
					for i := range all {
						all[i] = newLineRound(goroutines, often)
					}
					seed := rand.Uint64()
					linear.Together(goroutines, n, func(i, k int) {
						y := all[i].x.thread(k)
						y.random(rand.New(rand.NewPCG(seed+uint64(i), uint64(k))), uint64(3+4*k), all[i].tickets)
						y.o.Close()
					})
					for _, x := range all {
						x.x.others.Wait()
						x.first.end()
						if err := check.Check(x.x.h); err != nil {
							t.Fatal(err)
						}
					}
				})
				t.Log(check)
			})
		}
	}
}

// A lineRound is a wheel on which callbacks 0 to 2 wait.
type lineRound struct {
	x       *lineWorld
	first   lineThread
	tickets []Ticket
}

func newLineRound(goroutines int, often bool) *lineRound {
	x := newLineWorld(goroutines+1, 32, 0, func(x *lineWorld) { x.others.Go(x.adopter()) })
	if often {
		x.p.SweepOften()
		x.w.debt.Store(0)
	}
	first := x.thread(goroutines)
	return &lineRound{x, first, []Ticket{first.add(2, 0), first.add(3, 1), first.add(5, 2)}}
}

// random is one goroutine's calls; arg and the three after it are its own.
func (t lineThread) random(r *rand.Rand, arg uint64, tickets []Ticket) {
	var mine Ticket
	mineArg, mostArg := uint64(0), arg+4
	for range 5 {
		switch n := 1 + r.Uint64N(7); r.UintN(12) {
		case 0, 1:
			if arg < mostArg {
				if ticket := t.add(n, arg); ticket != 0 {
					mine, mineArg = ticket, arg
				}
				arg++
			}
		case 2:
			if arg+1 < mostArg {
				t.addMany([2]uint64{n, 1 + r.Uint64N(7)}, [2]uint64{arg, arg + 1})
				arg += 2
			}
		case 3:
			j := r.IntN(len(tickets))
			t.cancel(tickets[j], uint64(j))
		case 4:
			if mine != 0 {
				t.cancel(mine, mineArg)
			}
		case 5:
			t.status(n)
		case 6:
			t.done(n)
		case 7:
			t.flush()
		case 8:
			if r.UintN(6) == 0 {
				t.close(uint32(1 + t.k))
			}
		case 9:
			runtime.Gosched()
		default:
			t.advance(n)
		}
	}
}

// TestLinearWheelRefutes: what the specification is there to refuse.
func TestLinearWheelRefutes(t *testing.T) {
	check := linear.NewChecker(t, lineSpec(1))
	op := func(kind lineKind, n uint64, ok bool) lineOp { return lineOp{kind: kind, n: n, ok: ok} }
	add := func(arg, n uint64, ok bool) lineOp {
		o := lineOp{kind: opAdd, args: 1 << arg, ok: ok}
		o.points[arg] = uint8(n)
		return o
	}
	seen := func(arg, n uint64) lineOp {
		o := add(arg, n, true)
		o.kind = opAdded
		return o
	}
	run := func(arg, n uint64) lineOp { return lineOp{kind: opRun, args: 1 << arg, n: n} }
	cancel := func(arg uint64, ok bool) lineOp { return lineOp{kind: opCancel, args: 1 << arg, ok: ok} }
	end := func(code uint32, ok bool) lineOp { return lineOp{kind: opClose, code: code, ok: ok} }
	is := func(n uint64, ok bool, code uint32) lineOp { return lineOp{kind: opStatus, n: n, ok: ok, code: code} }
	for name, c := range map[string]struct {
		refuted bool
		history []lineOp
	}{
		"in order": {false, []lineOp{add(0, 3, true), seen(0, 3), add(1, 2, true), seen(1, 2), op(opAdvance, 3, true), run(1, 2), run(0, 3),
			op(opAdvanceReturns, 3, true), is(3, true, 0), is(4, false, 0), end(5, true), is(4, true, 5), op(opQuiet, 0, true)}},
		"the value goes down":        {true, []lineOp{op(opAdvance, 4, true), op(opAdvance, 3, true)}},
		"an advance refused":         {true, []lineOp{op(opAdvance, 4, false)}},
		"advanced when closed":       {true, []lineOp{end(5, true), op(opAdvance, 4, true)}},
		"signaled too early":         {true, []lineOp{is(2, true, 0)}},
		"not signaled":               {true, []lineOp{op(opAdvance, 4, true), is(2, false, 0)}},
		"a reached point's code":     {true, []lineOp{end(5, true), is(1, true, 5)}},
		"another's code":             {true, []lineOp{end(5, true), is(2, true, 6)}},
		"closed twice":               {true, []lineOp{end(5, true), end(6, true)}},
		"added too late":             {true, []lineOp{op(opAdvance, 4, true), add(0, 4, true)}},
		"an add refused":             {true, []lineOp{add(0, 2, false)}},
		"run too early":              {true, []lineOp{add(0, 3, true), seen(0, 3), op(opAdvance, 2, true), run(0, 3)}},
		"run twice":                  {true, []lineOp{add(0, 3, true), op(opAdvance, 3, true), run(0, 3), run(0, 3)}},
		"run though canceled":        {true, []lineOp{add(0, 3, true), cancel(0, true), op(opAdvance, 3, true), run(0, 3)}},
		"run though refused":         {true, []lineOp{op(opAdvance, 3, true), add(0, 3, false), run(0, 3)}},
		"canceled when due":          {true, []lineOp{add(0, 3, true), op(opAdvance, 3, true), cancel(0, true)}},
		"not canceled for nothing":   {true, []lineOp{add(0, 3, true), cancel(0, false)}},
		"lost":                       {true, []lineOp{add(0, 3, true), op(opAdvance, 3, true), op(opQuiet, 0, true)}},
		"out of order":               {true, []lineOp{add(0, 3, true), seen(0, 3), add(1, 2, true), seen(1, 2), op(opAdvance, 3, true), run(0, 3)}},
		"returned too early":         {true, []lineOp{add(0, 3, true), seen(0, 3), op(opAdvance, 3, true), op(opAdvanceReturns, 3, true)}},
		"flushed too early":          {true, []lineOp{add(0, 3, true), seen(0, 3), op(opAdvance, 3, true), op(opFlush, 0, true), op(opFlushReturns, 0, true)}},
		"flushed what came later":    {false, []lineOp{add(0, 3, true), seen(0, 3), op(opFlush, 0, true), op(opAdvance, 3, true), op(opFlushReturns, 0, true)}},
		"done too early":             {true, []lineOp{add(0, 3, true), seen(0, 3), op(opAdvance, 4, true), op(opDelivered, 3, true)}},
		"done, but for higher ones":  {false, []lineOp{add(0, 3, true), seen(0, 3), op(opAdvance, 4, true), op(opDelivered, 2, true)}},
		"late ones run in any order": {false, []lineOp{add(0, 2, true), add(1, 3, true), op(opAdvance, 3, true), seen(0, 2), run(1, 3), run(0, 2)}},
	} {
		if check.Refutes(linear.Sequence(c.history...)) != c.refuted {
			t.Errorf("%s: refuted %v", name, !c.refuted)
		}
	}
}

// TestLinearWheelNoticesAWrongAdvance: one that stores the value blindly takes it back, and one that runs newest first.
func TestLinearWheelNoticesAWrongAdvance(t *testing.T) {
	check := linear.NewChecker(t, lineSpec(0))
	none := func(*lineWorld) { t.Error("handed over") }

	x := newLineWorld(2, 8, 0, none)
	a, b := x.thread(0), x.thread(1)
	a.Steps(func() []lineOp {
		b.advance(5)
		x.w.value.Store(3)
		return []lineOp{{kind: opAdvance, n: 3, ok: true}, {kind: opAdvanceReturns, n: 3}}
	})
	b.status(5)
	if !check.Refutes(x.h) {
		t.Error("the value went down: not refuted")
	}

	x = newLineWorld(1, 8, 0, none)
	a = x.thread(0)
	a.add(2, 0)
	a.add(3, 1)
	a.Steps(func() []lineOp {
		if _, due := a.o.Advance(&x.w, 3); !due {
			t.Error("nothing is due")
		}
		c, _ := a.o.Next(&x.w)
		d, _ := a.o.Next(&x.w)
		a.run(d)
		a.run(c)
		a.deliver()
		return []lineOp{{kind: opAdvance, n: 3, ok: true}, {kind: opAdvanceReturns, n: 3}}
	})
	if !check.Refutes(x.h) {
		t.Error("highest first: not refuted")
	}
}
