// Package cbqueue is a closable lock-free list of callbacks that shares one word with the
// state of what they wait for: adding, closing and the result of closing are each one CAS
// of that word, and so one of them is always first.
//
// # The word
//
//	bits[28:64]  life: the user's, never changed here; an operation for another life is refused
//	bit  27      Closed
//	bit  26      FlagA, the user's, kept
//	bit  25      Sweeping: one canceler is unlinking dead nodes
//	bit  24      FlagB, the user's, kept
//	bits[0:24]   open: index of the newest node, 0: none
//	             closed: bit 23 Running, bit 22 FlagC (the user's), bits[0:22] the result code
//
// A list begins as life alone, all else zero. Whoever may close it does so by
//
//	CAS open word -> life | flags of the open word | Closed | Running if it has nodes | code
//
// and then, with Running set: Claim, Next until it ends, Release, clear Running.
//
// # Nodes
//
// Nodes are named by index, 1 to 2^24-1, so that the garbage collector scans none of them.
//
//	word  bits[24:64] generation | bits[3:24] handler | bits[0:3] state
//	arg   the callback's argument
//	next  the node added before this one
//	aux   run order while the list runs; the next one of limbo while unlinked
//
//	free --alloc: generation+1--> pending --Cancel--> tentative --+--> canceled --sweep--> free
//	                                 |                            +--> popped, canceled = free
//	                                 |                            +--> claimed --run--> free
//	                                 +--run--> free (the word is left as it is)
//
// # Invariants
//
//	Q1  A node is in one place: the depot, one Owner's free chain, one list, one limbo.
//	Q2  arg is written before the CAS that links the node, and read after the CAS that
//	    closed its list. The closer owns it: a plain field.
//	Q3  Canceling needs two looks. A canceler sets tentative and then looks at the list's
//	    word: closed means that the runner may already have read pending, so it leaves
//	    tentative and answers false. Open means that the runner, who closes first and reads
//	    the node's word afterwards, will find tentative or what comes after it; then one CAS
//	    each, tentative -> canceled and tentative -> claimed, decides. So a pending node
//	    costs the runner no read-modify-write.
//	Q4  next of a listed node is written by the sweeper alone, and only while Sweeping is
//	    set. The sweeper doesn't write next of a tentative node, and a canceler doesn't pop
//	    while Sweeping is set: so when a pop's CAS succeeds, the next that it read is still
//	    the right one. (The CAS of tentative comes before the look at Sweeping, the setting
//	    of Sweeping before the look at tentative: one of the two sees the other.)
//	    A canceler may be overtaken between its look and its read of next: the list closes, the
//	    node runs, and is linked elsewhere. What it reads is then of no use, and its CAS fails;
//	    therefore next is written by release stores, even where only its owner can reach it.
//	Q5  What the sweeper unlinks is freed only after Sweeping was cleared by a CAS from an
//	    open word: then no runner has walked the list yet. When the list was closed
//	    meanwhile, the runner may stand on an unlinked node: they wait in the sweeper's
//	    limbo until Running is clear.
//	Q6  The runner frees the list only when Sweeping is clear. Otherwise it leaves the list
//	    to the sweeper in Anchor.rest and clears Running; the sweeper, which clears Sweeping
//	    by a CAS on the same word, sees that and frees it. One of the two is last.
//	    So a sweep never delays a callback, nor a runner a sweeper.
//	Q7  A list's word does not leave its life before Running and Sweeping are clear: the user
//	    keeps that.
//
// Linearization: Add, AddMany: their successful CAS, or the load that saw the list closed.
// Close: its CAS. Cancel true: pending -> tentative (the list is open then and the node will
// never run); false: the load or CAS that failed.
//
// ABA. Push: harmless, it needs only that the head it linked to is the head again. Pop: Q4, and
// the popped node is the canceler's own, so it cannot have been freed and pushed again. Node
// words: the generation rises with each use, and a node at its last generation is retired.
//
// Progress: Add, Cancel, Claim, Release are lock-free; a failed CAS means that another
// operation on the same list succeeded. Cancel of one in many is O(1) amortised: a sweep costs
// the list's length, and comes after half as many cancels as nodes were alive at the last one.
// So where all have been canceled, few are still in the list, however many there were.
//
// Treiber, "Systems Programming: Coping with Parallelism", IBM RJ 5118, 1986 (the list). The
// two-step cancel is the idea of Harris, "A Pragmatic Implementation of Non-Blocking Linked
// Lists", DISC 2001 (mark, then unlink), with the mark in a word of its own.
package cbqueue
