// Package cost makes the table of costs that no noise reaches: atomics, shared cache lines and instructions per operation,
// for the fence runtime and for what holds a mutex instead. It is kept in results/cost.json, and compared with a table made
// anew, so that a hot path that became longer is seen on a machine too busy for a stopwatch.
//
// bench/cmd/fencecost does the operations, on one goroutine and one thread, without collections; it is built twice.
//
// # Atomics and lines
//
// In a build with the tag explore each operation of internal/atomicx tells a scheduler of itself, which here counts and lets
// pass. A lock counts as a compare-and-swap and its unlock as an add, which is what sync.Mutex does when nobody else wants
// it. A release store is a plain store on amd64. Lines are cache lines of 64 bytes on which an operation touches, or writes,
// something that goroutines share: atomic words, and fields that a protocol of atomics hands over. What a mutex guards is
// plain and tells nobody, so the lines of mutexpool and mutexheap are its words' alone, and fewer than they are.
//
// The numbers are sums over some hundred operations, the same in each run, and compared exactly.
//
// # Instructions
//
// valgrind's callgrind counts them. A call of one function marks the beginning and the end of each stretch, at which callgrind
// takes down its count (--dump-before). Stretches of N and of 2N operations take turns; their difference by N is an operation
// without what a stretch costs. The scheduler's looks into a stretch only add, so of stretches that do the same work the
// least count is taken. Where work comes due now and then no two in a row do; then many stretches are run several times from the
// same beginning, and the least of each are summed. The first thread alone counts, to which the main goroutine is locked;
// preemption by signals is off, which callgrind cannot follow.
//
// Ten runs on a machine with ten times more to do than it has processors gave the same number to the instruction in all rows.
// Tolerance leaves one instruction in five hundred for a scheduler that looks into each repetition of a stretch.
//
// The numbers hold for one version of Go, one instruction set and one set of processor features: those are in the table, and
// with others nothing is compared.
//
// The harness is in the numbers of instructions: a call through an interface per step, and the counting of callbacks. noop
// is the harness alone.
package cost

import "errors"

// Tolerance is the part by which two counts of instructions of a row may differ.
const Tolerance = 0.002

// Operations is how many operations are counted in each row; twice as many in a long stretch.
const Operations = 512

// Errors of this package. Test with errors.Is.
var (
	// ErrBroken: not a table, or cut short.
	ErrBroken = errors.New("not a table of costs")
	// ErrVersion: a table of another version of this program.
	ErrVersion = errors.New("a table of costs of another version")
	// ErrDiffers: the table made anew is another one; the rows follow.
	ErrDiffers = errors.New("the costs are not the committed ones")
	// ErrNoValgrind: there is no valgrind here, so nobody counts instructions.
	ErrNoValgrind = errors.New("no valgrind in PATH: Debian has it in the package of that name")
	// ErrCounting: the program that does the operations failed, or what counts them.
	ErrCounting = errors.New("counting failed")
)
