// Package atomicx is sync/atomic under a second name, so that the same source
// can be compiled in two ways.
//
// In a normal build every name is an alias of sync/atomic's and costs nothing.
// Under the build tag explore each operation first yields to the scheduler of
// internal/explore, which runs every interleaving of the real code.
//
// Three things have no counterpart in sync/atomic:
//
//   - StoreRelease64 and StoreRelease32 publish with a plain MOV on amd64 where
//     atomic.Store costs a locked exchange; Own32 reads a word that nobody else writes.
//   - Cell is a plain field. Explore builds give it vector clocks and report two
//     unordered accesses of which one writes: a scheduler that switches only at
//     atomics would not see them.
//   - Pause tells the processor, or the explorer, that this goroutine waits for
//     another one's write; Parker blocks a goroutine until somebody wakes it.
//
// # Release stores
//
// A release store orders everything before it before itself, and nothing else:
// a later load may overtake it. It is allowed only for words that
//
//   - R1: have one writer at a time (who owns the slot, node or record), and
//   - R2: are validated by the reader against another word that is changed by a
//     read-modify-write, so that a value seen late is never acted upon.
//
// On amd64 every store is a release for the processor (Intel SDM volume 3, 8.2.2:
// stores are not reordered with older loads or stores), and the compiler keeps
// stores in the order of the program: each takes the memory state of the one before.
// So a plain store will do, and it inlines. (An assembly function was tried: the call
// costs as much as the locked exchange that it saves.) Elsewhere, under the race
// detector and under explore it is atomic.Store.
//
// # Importing it
//
// The compiler inlines methods of packages that are imported directly. A package that
// reaches sync/atomic through these aliases alone calls every Load; it must import
// sync/atomic too, if only blankly.
package atomicx
