package fencert

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/fencert/fencert/internal/linear"
)

// TestLinearTimeline has goroutines advance, add, cancel, close and look, all near the value.
func TestLinearTimeline(t *testing.T) {
	for _, goroutines := range []int{2, 3} {
		t.Run(fmt.Sprintf("goroutines=%d", goroutines), func(t *testing.T) {
			x := newFixture(t, Config{Fences: 1, Callbacks: 1, Points: 1024})
			x.rt.stripes = x.rt.stripes[:min(2, len(x.rt.stripes))]
			check := linear.NewChecker(t, pointSpec())
			locals := make([]*Local, goroutines)
			for k := range locals {
				locals[k] = x.rt.Local()
				defer locals[k].Close()
			}
			var w *pointWorld // of the present round
			note := x.handler(func(l *Local, arg uint64, err error) { w.called(l, arg, err) })
			var adopters sync.WaitGroup
			x.rt.spawn = func(f func()) {
				ended := w.handedOver()
				adopters.Go(func() {
					f()
					ended()
				})
			}
			for range scaled(2000) {
				w = newPointWorld(x.rt, note)
				last := w.thread(goroutines, x.l)
				last.begin()
				seed := rand.Uint64()
				linear.Together(goroutines, 1, func(_, k int) {
					w.thread(k, locals[k]).random(rand.New(rand.NewPCG(seed, uint64(k))), uint64(3+4*k))
				})
				adopters.Wait()
				last.end()
				adopters.Wait()
				if err := check.Check(w.h); err != nil {
					t.Fatal(err)
				}
			}
			t.Log(check)
		})
	}
}

// TestLinearTimelineRefutes: what the specification is there to refuse.
func TestLinearTimelineRefutes(t *testing.T) {
	check := linear.NewChecker(t, pointSpec())
	op := func(kind pointKind, n uint64) pointOp { return pointOp{kind: kind, n: n} }
	advance := func(n uint64, ran ...pointOp) []pointOp {
		return append(append([]pointOp{op(pointAdvance, n)}, ran...), op(pointReturns, n))
	}
	add := func(arg uint8, n uint64) []pointOp {
		return []pointOp{{kind: pointAdd, n: n, arg: arg, ok: true}, {kind: pointAdded, n: n, arg: arg}}
	}
	run := func(arg, result uint8) pointOp { return pointOp{kind: pointCalled, arg: arg, result: result} }
	cancel := func(arg uint8, ok bool) []pointOp { return []pointOp{{kind: pointCancel, arg: arg, ok: ok}} }
	end := func(result uint8, ok bool) []pointOp { return []pointOp{{kind: pointClose, result: result, ok: ok}} }
	is := func(n uint64, result uint8) []pointOp { return []pointOp{{kind: pointErr, n: n, result: result}} }
	one := func(o pointOp) []pointOp { return []pointOp{o} }
	refused := []pointOp{{kind: pointAdd, n: 3}}
	for name, c := range map[string]struct {
		refuted bool
		history [][]pointOp
	}{
		"in order": {false, [][]pointOp{add(0, 3), add(1, 2), add(2, 9), is(3, numberPending), advance(3, run(1, 0), run(0, 0)), one(op(pointCallbacksDone, 3)),
			one(op(pointReached, 2)), one(op(pointValue, 3)), end(5, true), one(run(2, 5)), is(4, 5), is(3, 0), end(6, false),
			{{kind: pointRefused, n: 9, result: 5}}, refused, one(op(pointValue, 3)), one(op(pointQuiet, 0))}},
		"the value goes down":       {true, [][]pointOp{advance(4), advance(3)}},
		"another value":             {true, [][]pointOp{advance(4), one(op(pointValue, 3))}},
		"a value after the close":   {true, [][]pointOp{advance(4), end(5, true), one(op(pointValue, 9))}},
		"an advance refused":        {true, [][]pointOp{one(op(pointReached, 4))}},
		"refused as if closed":      {true, [][]pointOp{{{kind: pointRefused, n: 4, result: 5}}}},
		"refused with another":      {true, [][]pointOp{end(5, true), {{kind: pointRefused, n: 4, result: 6}}}},
		"advanced when closed":      {true, [][]pointOp{end(5, true), advance(4)}},
		"signaled too early":        {true, [][]pointOp{is(2, 0)}},
		"not signaled":              {true, [][]pointOp{advance(4), is(2, numberPending)}},
		"a reached point's cause":   {true, [][]pointOp{advance(4), end(5, true), is(1, 5)}},
		"another's cause":           {true, [][]pointOp{end(5, true), is(2, 6)}},
		"closed twice":              {true, [][]pointOp{end(5, true), end(6, true)}},
		"closed by nobody":          {true, [][]pointOp{end(6, false)}},
		"added too late":            {true, [][]pointOp{advance(4), add(0, 4)}},
		"added when closed":         {true, [][]pointOp{end(5, true), add(0, 4)}},
		"an add refused":            {true, [][]pointOp{refused}},
		"run too early":             {true, [][]pointOp{add(0, 3), advance(2, run(0, 0))}},
		"run too late":              {true, [][]pointOp{add(0, 3), advance(3), one(run(0, 0))}},
		"run twice":                 {true, [][]pointOp{add(0, 3), advance(3, run(0, 0), run(0, 0))}},
		"run out of order":          {true, [][]pointOp{add(0, 3), add(1, 2), advance(3, run(0, 0), run(1, 0))}},
		"run with another's result": {true, [][]pointOp{add(0, 3), advance(3, run(0, 5))}},
		"closed with nil":           {true, [][]pointOp{add(0, 3), end(5, true), one(run(0, 0))}},
		"run though canceled":       {true, [][]pointOp{add(0, 3), cancel(0, true), advance(3, run(0, 0))}},
		"run though refused":        {true, [][]pointOp{advance(3), refused, one(run(0, 0))}},
		"canceled when due":         {true, [][]pointOp{add(0, 3), {op(pointAdvance, 3)}, cancel(0, true)}},
		"canceled twice":            {true, [][]pointOp{add(0, 3), cancel(0, true), cancel(0, true)}},
		"not canceled for nothing":  {true, [][]pointOp{add(0, 3), cancel(0, false), advance(3, run(0, 0))}},
		"not run":                   {true, [][]pointOp{add(0, 3), end(5, true), one(op(pointQuiet, 0))}},
		"done too early":            {true, [][]pointOp{add(0, 3), {op(pointAdvance, 3)}, one(op(pointCallbacksDone, 3)), one(run(0, 0))}},
		"done when pending":         {true, [][]pointOp{one(op(pointCallbacksDone, 3))}},
	} {
		h := linear.NewHistory[pointOp](1)
		now := int64(0)
		for _, steps := range c.history {
			for _, o := range steps {
				h.Wrote(0, now+1, now+2, o)
				now += 2
			}
		}
		if check.Refutes(h) != c.refuted {
			t.Errorf("%s: refuted %v", name, !c.refuted)
		}
	}
}
