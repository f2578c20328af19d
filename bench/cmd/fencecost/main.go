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

// repeats is how often each length is run: what the system does between makes a count larger, never smaller, so the
// smallest one is without it.
const repeats = 5

// instructions runs each subject over n and 2n operations, by turns, with a mark before and after. For each stretch between
// two marks it prints a line, in their order: row, implementation, operations, and how to take them together; or aside, for
// what isn't counted.
func instructions(n int) error {
	for _, s := range subjects() {
		r := s.open()
		err := r.do(2 * n * s.times) // lists are filled, and slices have grown
		for i := 0; i < 2*repeats && err == nil; i++ {
			length := n * s.times * (1 + i%2)
			fmt.Printf("aside\n%s %s %d %s\n", s.row, s.impl, length, s.together())
			runtime.Gosched() // a new slice of time: else the scheduler looks in
			mark()
			err = r.do(length)
			mark()
		}
		if err == nil {
			err = r.close()
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", s.row, s.impl, err)
		}
	}
	return nil
}

// together is "least", or "mean" for rows whose work comes due now and then, so that no two stretches have the same.
func (s subject) together() string {
	if s.times > 1 {
		return "mean"
	}
	return "least"
}

// mark is where valgrind is told to take down what it has counted, and begin anew.
//
//go:noinline
func mark() { marks++ }

var marks int
