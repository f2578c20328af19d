package main

import (
	"errors"
	"fmt"

	"github.com/fencert/fencert/bench"
)

// A subject is one row of the table for one implementation.
type subject struct {
	row, impl string
	open      func() rig
	unit      int // do is called with multiples of it
	times     int // so many times as much is counted as for others: where work comes due after many operations
}

// A rig is a subject that is set up. do does that many operations and looks whether they went as they should.
type rig struct {
	do    func(n int) error
	close func() error
}

var errWrong = errors.New("an operation went wrong")

// good makes an error of a count that isn't what it should be.
func good(got, want int) error {
	if got != want {
		return fmt.Errorf("%w: %d of %d as they should", errWrong, got, want)
	}
	return nil
}

// subjects is the table, row by row. The rows are those of the suite under the same names, for one goroutine.
func subjects() []subject {
	return append(
		braid([]string{"lockfree", "mutexpool", "noop"},
			fenceRows(bench.NewLockfree), fenceRows(bench.NewMutexPool), fenceRows(bench.NewNoop)),
		braid([]string{"lockfree", "mutexheap", "noop"},
			lineRows(bench.NewLockfreeLines), lineRows(bench.NewMutexHeap), lineRows(bench.NewNoopLines))...)
}

// braid puts the implementations of each row side by side.
func braid(impls []string, tables ...[]subject) (all []subject) {
	for row := range tables[0] {
		for i, impl := range impls {
			s := tables[i][row]
			s.impl = impl
			s.unit, s.times = max(1, s.unit), max(1, s.times)
			all = append(all, s)
		}
	}
	return all
}
