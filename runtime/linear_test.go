package fencert

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/fencert/fencert/internal/linear"
)

// TestLinearFence has goroutines do all that can be done with two fences, whose slots are used again meanwhile. There are so few
// slots that those that come free are the next to be used.
func TestLinearFence(t *testing.T) {
	for _, goroutines := range []int{2, 3, 4} {
		t.Run(fmt.Sprintf("goroutines=%d", goroutines), func(t *testing.T) {
			x := newFixture(t, Config{Fences: 30, Callbacks: 1024, Errors: 8, Waiters: 8, Readers: 8})
			check := linear.NewChecker(t, fenceSpec())
			locals := make([]*Local, goroutines)
			for k := range locals {
				locals[k] = x.rt.Local()
				defer locals[k].Close()
			}
			var all []*fenceWorld
			of := map[*Local]*int{} // the round that the goroutine with this Local is in
			note := x.handler(func(l *Local, arg uint64, err error) { all[*of[l]].called(l, arg, err) })
			for _, l := range append(locals, x.l) {
				of[l] = new(int)
			}
			linear.Batches(scaled(2000), 14, func(n int) {
				all = all[:0]
				for range n {
					w := &fenceWorld{rt: x.rt, c: x.c, note: note, h: newFenceHistory(goroutines + 1), threads: map[*Local]*fenceThread{}}
					w.begin(x.l, locals)
					all = append(all, w)
				}
				seed := rand.Uint64()
				linear.Together(goroutines, n, func(i, k int) {
					*of[locals[k]] = i
					y := all[i].threads[locals[k]]
					y.random(rand.New(rand.NewPCG(seed+uint64(i), uint64(k))), all[i].tickets)
					for len(y.holds) > 0 {
						y.release()
					}
				})
				for i, w := range all {
					*of[x.l] = i
					w.threads[x.l].end()
					if err := check.Check(w.h); err != nil {
						t.Fatal(err)
					}
				}
			})
			t.Log(check)
		})
	}
}

// begin arms two fences, with callbacks 50 and 51 on the first, by who isn't one of the goroutines.
func (w *fenceWorld) begin(l *Local, locals []*Local) {
	w.arm(l, 2)
	first := w.thread(len(locals), l)
	w.tickets = []Ticket{first.add(0, 50), first.add(0, 51)}
	for k, l := range locals {
		w.thread(k, l)
	}
}

// random is one goroutine's calls; tickets are of callbacks 50 and more on fence 0.
func (t *fenceThread) random(r *rand.Rand, tickets []Ticket) {
	var mine Ticket
	at, arg := 0, uint64(10*t.k)
	for range 6 {
		k := r.IntN(len(t.w.issuers))
		switch r.UintN(14) {
		case 0:
			t.signal(k, r.UintN(2) == 0, uint8(1+t.k))
		case 1:
			t.drop(k)
		case 2, 3:
			if arg++; arg%10 != 0 {
				mine, at = t.add(k, arg), k
			}
		case 4:
			if mine != (Ticket{}) {
				t.cancel(at, mine, arg)
			}
		case 5, 6:
			j := r.IntN(len(tickets))
			t.cancel(0, tickets[j], 50+uint64(j))
		case 7, 8:
			t.hold(k)
		case 9:
			t.release()
		case 10:
			t.err(k)
		case 11:
			t.poll(k, r.UintN(2) == 0)
		case 12:
			t.again()
		default:
			runtime.Gosched()
		}
	}
}

// TestLinearFenceRefutes: what the specification is there to refuse.
func TestLinearFenceRefutes(t *testing.T) {
	check := linear.NewChecker(t, fenceSpec())
	op := func(kind fenceKind, ok bool) fenceOp { return fenceOp{kind: kind, ok: ok} }
	is := func(kind fenceKind, result uint8) fenceOp { return fenceOp{kind: kind, result: result} }
	call := func(o fenceOp, ran string) []fenceOp {
		steps := []fenceOp{o}
		for _, arg := range ran {
			steps = append(steps, fenceOp{kind: fenceCalled, arg: string(arg), result: 5})
		}
		return append(steps, op(fenceRan, false), op(fenceGivenUp, false))
	}
	signal := func(ran string) []fenceOp { return call(is(fenceSignal, 5), ran) }
	finish := func(ran string) []fenceOp { return call(fenceOp{kind: fenceSignal, result: 5, drop: true}, ran) }
	drop := call(op(fenceDrop, false), "")
	add := fenceOp{kind: fenceAdd, arg: "a", ok: true}
	other := fenceOp{kind: fenceAdd, arg: "b", ok: true}
	canceled := fenceOp{kind: fenceCancel, arg: "a", ok: true}
	called := fenceOp{kind: fenceCalled, arg: "a", result: 5}
	elsewhere := called
	elsewhere.thread = 1
	release := []fenceOp{op(fenceRelease, false), op(fenceLetGo, false)}
	for name, c := range map[string]struct {
		refuted bool
		history [][]fenceOp
	}{
		"in order": {false, [][]fenceOp{{is(fenceErr, numberPending), add, op(fenceHold, true)}, finish("a"), {is(fenceErr, 5), is(fenceHoldErr, 5)},
			release, {is(fenceErr, numberStale), op(fenceHold, false), op(fenceStale, false)}}},
		"signaled twice":           {true, [][]fenceOp{signal(""), signal("")}},
		"a refusal before":         {true, [][]fenceOp{{op(fenceSignaled, false)}, signal("")}},
		"dropped twice":            {true, [][]fenceOp{drop, drop}},
		"another result":           {true, [][]fenceOp{signal(""), {is(fenceErr, 6)}}},
		"a result before":          {true, [][]fenceOp{{is(fenceErr, 5)}, signal("")}},
		"pending afterwards":       {true, [][]fenceOp{signal(""), {is(fenceErr, numberPending)}}},
		"another life's result":    {true, [][]fenceOp{finish(""), {is(fenceErr, 5)}}},
		"stale before the drop":    {true, [][]fenceOp{signal(""), {is(fenceErr, numberStale)}}},
		"stale though held":        {true, [][]fenceOp{{op(fenceHold, true)}, finish(""), {is(fenceErr, numberStale)}}},
		"Hold.Err stale":           {true, [][]fenceOp{{op(fenceHold, true)}, finish(""), {is(fenceHoldErr, numberStale)}}},
		"alive though released":    {true, [][]fenceOp{{op(fenceHold, true)}, finish(""), release, {is(fenceErr, 5)}}},
		"held after its end":       {true, [][]fenceOp{finish(""), {op(fenceHold, true)}}},
		"not held though alive":    {true, [][]fenceOp{{op(fenceHold, false)}, finish("")}},
		"not held though held":     {true, [][]fenceOp{{op(fenceHold, true)}, finish(""), {op(fenceHold, false)}}},
		"released once too often":  {true, [][]fenceOp{release}},
		"a callback lost":          {true, [][]fenceOp{{add}, signal("")}},
		"a callback twice":         {true, [][]fenceOp{{add}, signal("aa")}},
		"callbacks out of order":   {true, [][]fenceOp{{add, other}, signal("ba")}},
		"run though canceled":      {true, [][]fenceOp{{add, canceled}, signal("a")}},
		"canceled though it ran":   {true, [][]fenceOp{{add}, signal("a"), {canceled}}},
		"not canceled for nothing": {true, [][]fenceOp{{add, {kind: fenceCancel, arg: "a"}}, signal("a")}},
		"added too late":           {true, [][]fenceOp{signal(""), {add}}},
		"refused too early":        {true, [][]fenceOp{{{kind: fenceAdd, arg: "a"}}, signal("")}},
		"run by who refuses":       {true, [][]fenceOp{signal(""), {{kind: fenceAdd, arg: "a"}, called}}},
		"run elsewhere":            {true, [][]fenceOp{{add}, {is(fenceSignal, 5), elsewhere, op(fenceRan, false)}}},
		"run too early":            {true, [][]fenceOp{{add, called}, signal("")}},
		"run too late":             {true, [][]fenceOp{{add}, signal(""), {called}}},
		"run with another result":  {true, [][]fenceOp{{add}, call(is(fenceSignal, 6), "a")}},
		"done while it runs":       {true, [][]fenceOp{{add}, {is(fenceSignal, 5), op(fencePollDone, true), called, op(fenceRan, false)}}},
		"not done":                 {true, [][]fenceOp{{add}, signal("a"), {op(fencePollDone, false)}}},
		"done before":              {true, [][]fenceOp{{add, op(fencePollDone, true)}, signal("a")}},
		"signaled before":          {true, [][]fenceOp{{op(fencePoll, true)}, signal("")}},
		"not signaled":             {true, [][]fenceOp{signal(""), {op(fencePoll, false)}}},
	} {
		h := linear.NewHistory[fenceOp](1)
		now := int64(0)
		for _, steps := range c.history {
			h.Wrote(0, now+1, now+2, steps...)
			now += 2
		}
		if check.Refutes(h) != c.refuted {
			t.Errorf("%s: refuted %v", name, !c.refuted)
		}
	}
}

// TestLinearFenceNoticesAWrongSignal: one that doesn't look again whether the fence is signaled, and a CallbacksDone that is
// Signaled.
func TestLinearFenceNoticesAWrongSignal(t *testing.T) {
	x := newFixture(t, small)
	check := linear.NewChecker(t, fenceSpec())
	var inside func()
	var w *fenceWorld
	note := x.handler(func(l *Local, arg uint64, err error) {
		inside()
		w.called(l, arg, err)
	})
	for name, wrong := range map[string]func(a, b *fenceThread){
		"signaled twice": func(a, b *fenceThread) {
			a.do(0, func() []fenceOp {
				b.signal(0, false, 2)
				return issuerSteps(fenceOp{kind: fenceSignal, result: 1}, nil)
			})
		},
		"done too early": func(a, b *fenceThread) {
			b.add(0, 1)
			inside = func() {
				b.do(0, func() []fenceOp { return []fenceOp{{kind: fencePollDone, ok: b.fence(0).Signaled()}} })
			}
			a.signal(0, false, 1)
		},
	} {
		w = &fenceWorld{rt: x.rt, c: x.c, note: note, h: newFenceHistory(2), threads: map[*Local]*fenceThread{}}
		w.arm(x.l, 1)
		other := x.rt.Local()
		wrong(w.thread(0, x.l), w.thread(1, other))
		other.Close()
		x.want("Drop", x.l.Drop(w.issuers[0]), nil)
		if !check.Refutes(w.h) {
			t.Errorf("%s: not refuted", name)
		}
	}
}
