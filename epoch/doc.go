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
//	I1  Pin loads global, which gives g, and stores g in its word; nothing that the
//	    section loads comes before that store, as far as an advance can tell (see
//	    "Two kinds of pins"). An advance from e to e+1 loads e, makes its barrier
//	    where pins are light, sees the word of each slot below used either not
//	    pinned or pinned at e, and sets global by CAS(e, e+1).
//	I2  If a load of a section comes before some load of global that gives r, then
//	    global is at most r+1 until the section ends. The section is pinned at some
//	    g <= r, since Pin loaded it before. For global to reach r+2, an advance
//	    must load r+1, hence after the section's load, and then scan; it finds the
//	    section's word, which isn't r+1, and gives up. Nor can it find what was
//	    there before: older epochs are below r+1 too, and to find the word not
//	    pinned, or the slot above used, it would have to come before the store.
//	    (How far g is behind doesn't matter: a reader that is put to sleep between
//	    its load and its store stops the epoch when it goes on, as if it had been
//	    put to sleep a little later.)
//	I3  Retire loads global, which gives r, after the caller's unlink. A reader that
//	    can see the object read the link before the unlink, so by I2, while its
//	    section is open, global is at most r+1. Therefore: global >= r+2, and no
//	    such reader is left. So with Stamp, and Elapsed's loads of global.
//	    (r must be loaded from global. The epoch at which the retirer itself is
//	    pinned can be less than global; with it two steps aren't enough.)
//	I4  What such a reader did before its Unpin happens before the reclaim function.
//	    The advance from r+1 to r+2 read the reader's word after the Unpin's store
//	    (or after a later Pin's, by the same writer), then wrote global; each later
//	    advance has loaded global, and so has the collector, or Elapsed.
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
//	I10 A participant that nobody can reach any more is unregistered by a cleanup of
//	    the garbage collector's, which becomes the slot's owner: no method of the
//	    participant is running, since each touches the participant after the slot.
//	    It finds the ring as the last owner left it, for that one's last act on it
//	    was the store of pending, which the cleanup loads.
//
// Linearization: an advance at its CAS; Register at its CAS of state; Retire and Stamp at
// their load of global; Pin at its store, a light one where the processor's barrier finds
// it: before everything that a later scan decides.
//
// # Two kinds of pins
//
// A store waits in its processor's buffer while later loads go ahead: so a section
// could read a link, and an advance could find its word still 0. Either Pin waits until
// the buffer is empty (a locked exchange on amd64: PinPortable), or whoever advances has
// all processors empty theirs: membarrier(2), which puts a full barrier into every
// thread of the process at some point P of its program between the call and the return.
// Then Pin is a plain store. Let L be the section's load of the link in I3, and let the
// advance be the one that has loaded r+1. Pin's store comes before L in the program.
// These are the cases:
//
//	L before P   Then the store is before P, so out of its buffer when the barrier
//	             returns: the scan finds it, or what the same thread stored later. I2
//	             holds.
//	P before L   Then L sees all that the advance saw before its barrier: r+1, hence the
//	             Retire that loaded r, hence the unlink. It can't find the object,
//	             and needs no protection from this advance. The word may be found 0,
//	             though the section is open: that is right for what was retired by
//	             r, and what is retired later waits for later advances, with barriers of
//	             their own.
//
// So a word that is found 0 is believed only behind the barrier, and the barrier counts only
// behind the load of global: one that came before could lie before the unlink too. (Found
// pinned at another epoch, a word is believed at once, which saves the barrier: at worst
// the advance gives up for nothing.) A reader whose goroutine was moved to another thread
// meanwhile has passed the scheduler's own atomic operations, and a thread that doesn't
// run has passed a barrier when it was taken off its processor.
//
// The barrier costs some 10 us when the process runs on several processors. So an advance is
// tried only where there is garbage, or where somebody waits (Synchronize, Barrier,
// Elapsed), once for any amount of garbage. Which kind a domain has is decided by the system,
// once per process, and by Config.Pinning; see PinAuto.
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
// with ErrGarbageFull. Config.OnStall is told which reader it is; Stats shows the lag.
//
// # Which unlink will do
//
// An operation of sync/atomic, done before Retire or Synchronize. A release store
// (internal/atomicx) won't: Retire's load of global could overtake it, and I3 falls.
//
// # Cost
//
// Pin: two loads and a plain store; a portable one, an atomic store (a locked exchange on
// amd64) in its place. Unpin: a release store. Nested ones: a plain counter. Both are inlined. Retire: two loads and a
// release store. Collect: a load per slot ever used, twice for light pins and with a barrier between, a
// CAS when the epoch can move, then the functions; nothing when there is nothing to reclaim.
package epoch
