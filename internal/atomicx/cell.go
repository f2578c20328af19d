//go:build !explore

package atomicx

// A Cell is a plain variable that some protocol of atomics hands from one
// goroutine to the next. The zero Cell holds the zero T. It must not be copied
// while in use.
//
// Get and Set inline to a plain load and store. In explore builds two accesses
// that nothing orders are reported as a data race.
type Cell[T any] struct{ v T }

// Get returns the value. The caller owns the cell, or has acquired it.
func (c *Cell[T]) Get() T { return c.v }

// Set stores v. The caller owns the cell.
func (c *Cell[T]) Set(v T) { c.v = v }
