// Package atomicseq makes and compares sequence numbers: ids of fence contexts
// (IDs), issue counters (Counter), the compare that survives a wrap (Later32,
// Extend32), and a value that only rises (Value).
//
// Numbers have 63 bits and never wrap: at a billion a second they last 292 years,
// and whoever comes to the end all the same is told ErrRange, by every call and for
// ever. 0 is never handed out; it is the number that everything has reached.
// Hardware often has only 32 bits; those do wrap, and compare by signed difference.
//
// # Invariants
//
//	I1  A Counter's word is the last number handed out, or above Max: then the
//	    counter has ended. It never goes down while it is at most Max, and never
//	    comes back to Max or below: shared issuers change it by Add, and the only
//	    store is of Max+1, by one whose own Add has just found it above Max.
//	I2  So the results of Add that are at most Max are distinct, and so are the
//	    blocks below them. Linearization: the Add.
//	I3  The word doesn't wrap. Each one who fails stores Max+1 before he can fail
//	    again, so what lies above Max+1 was added by calls in flight: fewer than
//	    2^31 goroutines, at most MaxBlock = 2^31 each, less than 2^62 in all.
//	    (Taking the failed block back by a subtraction is the tempting version.
//	    It is wrong: with two failures in flight the first subtraction lets a third
//	    caller succeed inside the second one's block, which is then subtracted and
//	    handed out again. The tests show it.)
//	I4  A counter used with NextOwned has one writer, who may load and store
//	    plainly; the store is a release, so whoever learned of number n through
//	    any synchronization finds Last() >= n.
//	I5  A Value never goes down: it changes only by CAS from a smaller to a larger
//	    number, both at most Max. Linearization of Advance: the CAS that
//	    succeeds, or the load that finds n reached.
//
// # Ownership and ABA
//
// Nothing here is freed or reused, and no word takes a value twice, so there is no
// ABA. The only plain access is an owner's, in I4.
//
// # Progress
//
// IDs and Counter: wait-free on amd64 and arm64 with LSE, lock-free where Add is a
// loop of the processor's. Value.Load and Reached: wait-free. Value.Advance:
// lock-free; a CAS fails only because another one raised the value.
//
// # Cost
//
// Next and NextN: one atomic add. NextOwned: a plain load and a release store, which
// pays where locked instructions are slow and is no gain where they aren't. Load and
// Reached: one load, inlined. Advance: one load, and one CAS when it moves the value.
// Nothing allocates.
//
// # Which calls need outside locking
//
//	             Next  NextN  NextOwned  Last  StartAt  Value's
//	Next          -     -         X       -       X       -
//	NextN         -     -         X       -       X       -
//	NextOwned     X     X         X       -       X       -
//	Last          -     -         -       -       -       -
//	StartAt       X     X         X       -       X       -
//
// (X: on one counter these two must not run at the same time.)
package atomicseq
