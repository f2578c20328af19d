package main

import (
	"errors"
	"fmt"

	"github.com/fencert/fencert/bench"
)

const (
	inUse        = 1024 // fences and callbacks that there is room for
	addsPerFence = 64   // of the row Add
	pending      = 1000 // of the row Cancel
)

// fenceRows are the rows of fences for one implementation.
func fenceRows[F comparable, T any](open func(bench.Sizes) bench.World[F, T]) (rows []subject) {
	add := func(name string, callbacks int, body func(w bench.Worker[F, T], n int) int) {
		rows = append(rows, subject{row: name, open: func() rig { return fenceRig(open, callbacks, body) }})
	}
	for _, callbacks := range []int{0, 1, 8} {
		add(fmt.Sprintf("Lifecycle/callbacks=%d", callbacks), callbacks, func(w bench.Worker[F, T], n int) int {
			return lives(w, callbacks, n)
		})
	}
	add("LifecycleHeld/callbacks=1", 1, heldLives[F, T])
	add("BatchAdd/callbacks=8", len(batch), batches[F, T])
	add("Add/goroutines=1", 1, adds[F, T])
	rows[len(rows)-1].unit = addsPerFence
	rows = append(rows,
		subject{row: fmt.Sprintf("Cancel/pending=%d", pending), open: func() rig { return cancelRig(open) }},
		subject{row: "Poll/fences=1", open: func() rig { return pollRig(open) }})
	return rows
}

func fenceWorld[F comparable, T any](open func(bench.Sizes) bench.World[F, T]) (bench.Worker[F, T], func()) {
	world := open(bench.Sizes{Workers: 1, Fences: inUse, Callbacks: inUse * addsPerFence})
	w := world.NewWorker(nil)
	return w, func() {
		w.Close()
		world.Close()
	}
}

// fenceRig is a row with so many callbacks in each operation.
func fenceRig[F comparable, T any](open func(bench.Sizes) bench.World[F, T], callbacks int,
	body func(bench.Worker[F, T], int) int) rig {
	w, shut := fenceWorld(open)
	operations := 0
	return rig{func(n int) error {
		operations += n
		return good(body(w, n), n)
	}, func() error {
		ran, _ := w.Ran()
		shut()
		return good(int(ran), operations*callbacks)
	}}
}

func lives[F comparable, T any](w bench.Worker[F, T], callbacks, n int) (good int) {
	for i := range n {
		f := w.Arm()
		for range callbacks {
			if _, ok := w.Add(f, uint64(i)); !ok {
				return good
			}
		}
		if w.Finish(f, nil) {
			good++
		}
	}
	return good
}

// heldResults are the results of the row LifecycleHeld, in turn.
var heldResults = [2]error{errors.New("even"), errors.New("odd")}

func heldLives[F comparable, T any](w bench.Worker[F, T], n int) (good int) {
	for i := range n {
		f := w.Arm()
		w.Add(f, uint64(i))
		if !w.Hold(f) {
			return good
		}
		result := heldResults[i%2]
		if w.Finish(f, result) {
			w.Err(f)
			good++
		}
		w.Release(f)
	}
	return good
}

var batch = [8]uint64{1, 2, 3, 4, 5, 6, 7, 8}

func batches[F comparable, T any](w bench.Worker[F, T], n int) (good int) {
	for range n {
		f := w.Arm()
		if w.AddMany(f, batch[:]) == len(batch) && w.Finish(f, nil) {
			good++
		}
	}
	return good
}

// adds is the part of one of addsPerFence adds to a fence, with its run and its part of the fence's life. n is a multiple
// of them.
func adds[F comparable, T any](w bench.Worker[F, T], n int) (good int) {
	for i := 0; i < n; i += addsPerFence {
		f := w.Arm()
		for range addsPerFence {
			if _, ok := w.Add(f, uint64(i)); ok {
				good++
			}
		}
		if !w.Finish(f, nil) {
			good--
		}
	}
	return good
}

// cancelRig is the row of adding a callback and canceling it beside others on the same fence.
func cancelRig[F comparable, T any](open func(bench.Sizes) bench.World[F, T]) rig {
	w, shut := fenceWorld(open)
	f := w.Arm()
	for i := range pending {
		w.Add(f, uint64(i))
	}
	return rig{func(n int) error { return good(addsAndCancels(w, f, n), n) }, func() error {
		w.Finish(f, nil)
		ran, _ := w.Ran()
		shut()
		return good(int(ran), pending)
	}}
}

func addsAndCancels[F comparable, T any](w bench.Worker[F, T], f F, n int) (good int) {
	for i := range n {
		if t, ok := w.Add(f, uint64(i)); ok && w.Cancel(f, t) {
			good++
		}
	}
	return good
}

func pollRig[F comparable, T any](open func(bench.Sizes) bench.World[F, T]) rig {
	w, shut := fenceWorld(open)
	f := w.Arm()
	return rig{func(n int) error { return good(polls(w, f, n), n) }, func() error {
		defer shut()
		return good(polls(w, f, 1)+bit(w.Finish(f, nil)), 2)
	}}
}

func polls[F comparable, T any](w bench.Worker[F, T], f F, n int) (unsignaled int) {
	for range n {
		if !w.Signaled(f) {
			unsignaled++
		}
	}
	return unsignaled
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
