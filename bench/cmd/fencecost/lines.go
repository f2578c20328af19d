package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/fencert/fencert/bench"
)

const (
	step        = 64      // of the row Advance
	farPending  = 4096    // of rows with callbacks that are never reached
	farPoints   = 1 << 61 // where those begin
	farGap      = 977     // between them
	endOfPoints = 1 << 62
)

// A track is a timeline, its worker, and how far it is.
type track[L comparable, T any] struct {
	w bench.LineWorker[L, T]
	l L
	n uint64 // how far
}

// lineRows are the rows of timelines for one implementation.
func lineRows[L comparable, T any](open func(bench.LineSizes) bench.LineWorld[L, T]) (rows []subject) {
	add := func(name string, far, callbacks int, body func(t *track[L, T], n int) int) {
		rows = append(rows, subject{row: name, open: func() rig { return lineRig(open, far, callbacks, body) }})
	}
	add(fmt.Sprintf("Advance/step=%d/armed=none", step), 0, 0, advances[L, T])
	for _, far := range []int{0, farPending} {
		add(fmt.Sprintf("AddAdvance/pending=%d", far), far, 1, addsAndAdvances[L, T])
	}
	points := randomPoints()
	add(fmt.Sprintf("TimelineCancel/pending=%d", farPending), farPending, 0, func(t *track[L, T], n int) int {
		return pointCancels(t, points, n)
	})
	rows[len(rows)-1].times = 32
	add("TimelinePoll", 0, 0, func(t *track[L, T], n int) int { return n - t.w.Polls(t.l, farPoints, n) })
	return rows
}

// lineRig is a row beside so many callbacks that are never reached, with so many that are in each operation.
func lineRig[L comparable, T any](open func(bench.LineSizes) bench.LineWorld[L, T], far, callbacks int,
	body func(*track[L, T], int) int) rig {
	world := open(bench.LineSizes{Workers: 1, Lines: 1, Pending: 2*far + inUse, Waits: inUse})
	t := &track[L, T]{w: world.NewWorker(nil), l: world.NewLine()}
	for k := range uint64(far) {
		t.w.OnReach(t.l, farPoints+k*farGap, k)
	}
	operations := 0
	return rig{func(n int) error {
		operations += n
		return good(body(t, n), n)
	}, func() error {
		t.w.Advance(t.l, endOfPoints)
		ran, _, _ := t.w.Ran()
		t.w.Close()
		world.Close()
		return good(int(ran), far+operations*callbacks)
	}}
}

func advances[L comparable, T any](t *track[L, T], n int) (good int) {
	for range n {
		t.n += step
		if t.w.Advance(t.l, t.n) {
			good++
		}
	}
	return good
}

func addsAndAdvances[L comparable, T any](t *track[L, T], n int) (good int) {
	for range n {
		t.n++
		if _, ok := t.w.OnReach(t.l, t.n, t.n); ok && t.w.Advance(t.l, t.n) {
			good++
		}
	}
	return good
}

// randomPoints are the same ones in each run.
func randomPoints() []uint64 {
	random := rand.New(rand.NewPCG(1, 2))
	points := make([]uint64, 1024)
	for i := range points {
		points[i] = farPoints + random.Uint64N((farPending+1)*farGap)
	}
	return points
}

func pointCancels[L comparable, T any](t *track[L, T], points []uint64, n int) (good int) {
	for range n {
		t.n++
		point := points[t.n%uint64(len(points))]
		if ticket, ok := t.w.OnReach(t.l, point, point); ok && t.w.Cancel(t.l, ticket) {
			good++
		}
	}
	return good
}
