// Fencecost does the operations of the cost table, again and again, for others to count: "fencecost instructions" under
// valgrind, "fencecost atomics" in a build with the tag explore. bench/internal/cost starts it.
//
// Everything is done on one goroutine, one thread and without collections, so that the same work is done by the same
// instructions each time.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
)

// The first thread, whose instructions are those that count, is the main goroutine's while packages are initialized.
func init() { runtime.LockOSThread() }

func main() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "fencecost:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: fencecost instructions|atomics OPERATIONS")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil || n < 1 || n > 1<<20 {
		return fmt.Errorf("%q is no number of operations", args[1])
	}
	fmt.Println(host())
	switch args[0] {
	case "instructions":
		return instructions(n)
	case "atomics":
		return atomics(n)
	}
	return fmt.Errorf("unknown: %q", args[0])
}

// repeats is how often a stretch is run: what the system does between makes a count larger, never smaller, so the smallest
// one is without it.
const repeats = 4

// instructions runs the stretches of each subject, with a mark before and after. For each stretch between two marks it prints
// a line, in their order: row, implementation, operations, how to take them together, and a number, which the stretches have
// in common that do the same work; or aside, for what isn't counted.
//
// Mostly two of n and 2n operations take turns, and each does the same each time ("least"). Where work comes due now and then
// no stretch is like the one before; but all is the same after a new beginning ("mean").
func instructions(n int) error {
	for _, s := range subjects() {
		if s.times == 1 {
			lengths := make([]stretch, 0, 2*repeats)
			for range repeats {
				lengths = append(lengths, stretch{n, "least", 1}, stretch{2 * n, "least", 2})
			}
			if err := s.run(2*n, lengths); err != nil {
				return err
			}
			continue
		}
		lengths := make([]stretch, s.times)
		for i := range lengths {
			lengths[i] = stretch{2 * n, "mean", i}
		}
		for range repeats {
			if err := s.run(2*n, lengths); err != nil {
				return err
			}
		}
	}
	return nil
}

// A stretch is what is counted in one go.
type stretch struct {
	operations int
	together   string
	number     int
}

// run does stretches, after so many operations by which lists are filled and slices grow.
func (s subject) run(before int, stretches []stretch) error {
	r := s.open()
	err := r.do(before)
	for _, part := range stretches {
		if err != nil {
			break
		}
		fmt.Printf("aside\n%s %s %d %s %d\n", s.row, s.impl, part.operations, part.together, part.number)
		runtime.Gosched() // a new slice of time: else the scheduler looks in
		mark()
		err = r.do(part.operations)
		mark()
	}
	if err == nil {
		err = r.close()
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", s.row, s.impl, err)
	}
	return nil
}

// mark is where valgrind is told to take down what it has counted, and begin anew.
//
//go:noinline
func mark() { marks++ }

var marks int
