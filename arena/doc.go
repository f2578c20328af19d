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
//	    is counted in Retired. The budget of an arena is slots x 2^35 lives.
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
// ended a life is slow to load, and a ring comes back to it last. An Owner keeps at most one slot in 16, up to 256, so
// in an arena of less than 32 slots all go through the depot.
//
// # The gate
//
// An Owner's magazine is out of reach of others, so Owners must learn that slots are wanted. The gate is the word that
// each Give compares its magazine with: the most it keeps while there is plenty, 0 while slots are scarce, negative while
// somebody waits. So with the gate at 0 or less each Give empties its Owner's magazine into the depot. What can't be
// had that way is what an Owner keeps that does nothing.
//
// # Waiting
//
// Waiters stand in a queue, linked in the order in which they came. Slots are handed to them by one goroutine at a time,
// the dispatcher: whoever joins, gives slots, leaves, grows or shuts asks for it by raising turn; if there is a dispatcher,
// it will look again, and the asker goes its way.
//
//	W1  While a Waiter is linked the gate is negative: it is counted there before it is pushed and taken out after it
//	    was unlinked; and starve and reopen, which would raise the gate, are a CAS from a value of 0 or more. So a Give
//	    that begins after Join keeps nothing.
//	W2  No wake-up is lost. A giver puts slots into the depot and then looks at the gate; a newcomer changes the gate,
//	    pushes itself and then has the depot looked at. Of the two, the later one finds what the earlier one did, and
//	    asks. Asking is a CAS of turn after what was done; a dispatcher that was asked finds again, stores serving, and
//	    looks after that. So every ask is followed by a look that sees what came before it.
//	W3  first, last and the links belong to the dispatcher: turn hands them from one to the next. The links of incoming
//	    belong to it from its Swap on.
//	W4  A slot is not lost. What the dispatcher has taken is in a Waiter that is served, and Wait then returns it, whether
//	    or not it was canceled; or it goes back. served and left are each a CAS from waiting: one of them happens.
//	W5  First come, first served: what is linked from first on is older than all that is incoming, and a Waiter takes its
//	    place by its push. A Reserve that begins later leaves the depot to those who wait.
//	W6  The gate doesn't stay negative when all have left: each Waiter that leaves asks, and the dispatcher unlinks those
//	    who have left when they are half of the queue or more.
//
// Linearization of Join: its push; of being served and of leaving: the CAS of the Waiter's state. ABA: Waiters are made
// anew for each wait, and the collector keeps them; the gate and turn say all that matters in the word.
//
// Magazines over a depot: Bonwick and Adams, "Magazines and Vmem", USENIX 2001.
//
// # Who may call, progress
//
// Owner's methods: one goroutine at a time. Reserve and Give are wait-free inside the
// ring; when it is empty or full they move many indices by one lock-free CAS. Arena's
// methods: anybody; Shut, Grow and Join are lock-free, the others wait-free. Giving never blocks and takes no lock.
// Who waits is served later while the dispatcher is descheduled, and a dispatcher goes on for as long as others ask:
// that is the price of handing over in order without a lock. Waiter.Wait blocks.
package arena
