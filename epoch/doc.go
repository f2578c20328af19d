// Package epoch defers work until nobody can still see what it destroys: the
// reclamation half of read-copy-update, for data that isn't type-stable (user data,
// names, arrays that were replaced).
//
// A reader pins its Participant, loads links, uses what they lead to, and unpins. A
// writer unlinks an object, and retires it: a reclaim function and an argument, to
// be called once every reader that could have seen the object has unpinned. Nobody
// waits, nothing allocates, and no reader writes to memory that others write.
//
// # Words
//
//	global      the epoch e, 64 bits; starts at 1, rises by one, never wraps
//	slot.word   bits[1:64] epoch that the reader saw, bit[0] pinned; 0: not pinned
//	slot.state  free, owned, orphan, sweeping: who owns the rest of the slot
//	slot.ring   what was retired there and not yet run, oldest first: (epoch, f, arg)
//	used        slots at or above this index were never owned
//	orphans     at least the number of slots that are orphan or sweeping
//	released    how many times Unregister has given up a slot
//
// # The argument
//
// Go's atomics are sequentially consistent: "before" is their one order.
//
//	I1  Pin loads global, stores its word with a full barrier, and loads global
//	    again, which gives g; if that isn't what the word says, it stores g.
//	    An advance from e to e+1 loads e, then sees the word of each slot below
//	    used either not pinned or pinned at e, then sets global by CAS(e, e+1).
//	I2  While a reader is pinned at g, global is g or g+1. For global to reach g+2,
//	    an advance must load g+1, which comes after Pin's second load (it saw g),
//	    hence after Pin's first store. It then finds the word pinned at g, or,
//	    between Pin's two stores, at something older; neither is g+1. So it gives
//	    up. It can't miss the slot: Register raised used before it returned.
//	    (An advance that loaded earlier can finish late; that is the step to g+1.
//	    The second store is there so as not to hold up that step, not for safety.)
//	I3  Retire loads global, which gives r, after the caller's unlink. A reader that
//	    can see the object read the link before the unlink; so it was pinned
//	    before that, at some g <= r. By I2, as long as it is pinned, global is at
//	    most g+1 <= r+1. Therefore: global >= r+2, and no such reader is left.
//	    (r must be loaded from global. The epoch at which the retirer itself is
//	    pinned can be one less than global; with it two steps aren't enough.)
//	I4  What such a reader did before its Unpin happens before the reclaim function.
//	    The advance from g+1 to g+2 read the reader's word after the Unpin's store
//	    (or after a later Pin's), then wrote global; each later advance has loaded
//	    global, and so has the collector.
//	I5  A slot's ring, its head and its tail belong to the one who moved state to
//	    owned (Register) or to sweeping (a collector, for a few dozen entries);
//	    whoever gives the slot up does it by a store to state. Only the owner
//	    writes word, and word is 0 whenever the slot isn't owned.
//	I6  Each entry runs exactly once: it enters the ring once (Retire), and is
//	    taken out by the ring's owner before it runs.
//	I7  Epochs in a ring don't fall from its head to its tail, so a collector may
//	    stop at the first that isn't due. A new owner pushes behind the old
//	    one's entries, and loads global after them.
//	I8  orphans is raised before a slot becomes orphan and lowered after it has
//	    become free or owned. So a collector that reads 0 has missed nothing that
//	    was orphaned before.
//	I9  released rises after a slot was given up, before Unregister returns. A pass
//	    over the slots that finds each owned, with the same released before and
//	    after, refuses rightly: had an owner finished leaving a slot behind the
//	    pass, so as to claim one ahead of it, released would have risen.
//
// Linearization: an advance at its CAS; Register at its CAS of state; Retire at its
// load of global; Pin at its first store.
//
// # ABA
//
// global never repeats. A word may: an advance that sees a reader not pinned doesn't
// care whether it was pinned in between, since a Pin that comes after the scan's load
// of global is one of I2's. state may too; its values carry no more than ownership.
//
// # Progress
//
// Pin, Unpin and Retire are wait-free. Collect is wait-free but for the reclaim
// functions: it tries one advance and never waits for a reader. Register is lock-free
// but at the edge: when it finds no free slot it looks again while others unregister,
// and waits for sweeps in progress (a few hundred instructions each), before it says
// ErrExhausted. Synchronize and Barrier block.
//
// A reader that stays pinned stops the epoch, and with it all reclaiming. Garbage is
// bounded all the same: a ring takes Config.MaxRetired entries, then Retire fails
// with ErrGarbageFull. Stats shows the lag.
//
// # Which unlink will do
//
// An operation of sync/atomic, done before Retire or Synchronize. A release store
// (internal/atomicx) won't: Retire's load of global could overtake it, and I3 falls.
//
// # Cost
//
// Pin: two loads and one atomic store (a locked exchange on amd64). Unpin: a release
// store. Nested ones: a plain counter. Retire: two loads and a release store. Collect:
// a load per slot ever used, a CAS when the epoch can move, then the functions.
//
// There is room for a second kind of pin, a plain store here paired with a process-wide
// barrier in the advance: only enter and advance know how I2's "full barrier" is made.
package epoch
