// Package arena hands out preallocated slots by index, each with a generation that
// tells one life of a slot from the next.
//
// An Arena holds no user data. It holds one state word per slot, densely, since that is
// what others poll, and whoever uses slots keeps typed tables under the same index: the
// garbage collector never scans any of it.
//
// # The state word
//
//	bits[28:64]  generation, 1 to LastGeneration
//	bits[0:28]   the user's while the slot is in use, zero while it is not
//
// A life ends when its owner moves the word to Next(word): the generation rises by one
// and the user's bits are zero. So a handle (index, generation) is recognised as stale by
// the load of the word that every operation does anyway.
//
// # Invariants
//
//	A1  A slot is in one place: in the depot, in one Owner's ring, or with the one who
//	    reserved it.
//	A2  Only who has the slot raises its generation, and it never falls: a handle once
//	    stale stays stale.
//	A3  A slot whose generation has reached LastGeneration is never handed out again. It
//	    is counted in Retired. The budget of an arena is slots x 2^36 lives.
//	A4  The ring of an Owner belongs to one goroutine at a time: its fields are plain.
//	    By A2 it can keep each slot with the life that it will be reserved in, and nobody looks at
//	    the word: whoever gave it wrote it, or refill read it.
//	A5  While a slot waits to be reserved, the user's bits of its word are zero, unless
//	    somebody who shuts the arena down has set them.
//
// # Why a ring
//
// The magazine is first in, first out. That spreads the lives over many slots, so that no
// generation runs ahead, and it is faster: a line that was just locked by the CAS that
// ended a life is slow to load, and a ring comes back to it last.
//
// Magazines over a depot: Bonwick and Adams, "Magazines and Vmem", USENIX 2001.
//
// # Who may call, progress
//
// Owner's methods: one goroutine at a time. Reserve and Give are wait-free inside the
// ring; when it is empty or full they move many indices by one lock-free CAS. Arena's
// methods: anybody, wait-free.
package arena
