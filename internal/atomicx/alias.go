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
