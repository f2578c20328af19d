//go:build !explore

package atomicx

import "sync/atomic"

// The types of sync/atomic, by their own names.
type (
	Bool           = atomic.Bool
	Int32          = atomic.Int32
	Int64          = atomic.Int64
	Uint32         = atomic.Uint32
	Uint64         = atomic.Uint64
	Pointer[T any] = atomic.Pointer[T]
)

// Exploring tells whether this is an explore build.
const Exploring = false

// Outside returns when no exploration is under way: what the garbage collector calls begins with it, for it comes at any
// time and on a goroutine that no scheduler knows. In normal builds it is nothing.
func Outside() {}
