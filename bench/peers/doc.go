// Package peers puts timelines where other projects wait for numbers with means of their own: behind the interface of etcd's
// wait.WaitTime, and behind the methods of badger's y.WaterMark. It is a module of its own, so that nobody who uses fencert
// gets these projects as well; its tests run random programs on an adapter and the original, its benchmarks time them
// side by side:
//
//	cd bench/peers
//	go test ./...
//	go test -run '^$' -bench . -cpu 1
//
// A WaitTime is a timeline with two other names for Advance and Done. A WaterMark is a timeline and a count of what is
// open below it, which the rest of this comment is about.
//
// # Counting what is open
//
// Each index has a place in a ring, at its number modulo the length, with one word: how often it was begun, less how often
// done, and whether at all. until is where all are done. Who makes an index done that until may be waiting for becomes the
// owner of the turn, or asks who is: the owner alone goes over the places from until on, empties those that are done, and
// moves until behind them.
//
//	count    load until, raise last, CAS the place         (load stop; above it: nothing more to do)
//	turn     CAS idle -> owned, CAS each place that is done -> 0, store until, Swap -> idle, Advance
//
// # Invariants
//
//	P1  until only rises; the owner alone writes it, and nobody else empties a place. turn goes from idle to owned by a CAS, so
//	    there is one owner.
//	P2  What is open holds until. The owner notes how far indices were begun, and then goes over all from until to there and
//	    stops at the first that is open. What is begun while it does so is either above all that were begun before, and not
//	    passed in this look; or is the highest of them once more, which is where the look ends, so that until may come to
//	    lie at it but not beyond; or against P6.
//	P3  A place is one index's at a time. Only indices in [until, until+len) are counted in places, with an until that was read
//	    before, and this is no later than the present one; all places behind the present one were emptied before it was stored.
//	P4  Beyond the window counts are in far, under its lock. Who counts there raises far.indices and then looks at until again;
//	    the owner stores until and then looks at far.indices: one of them sees the other. So an index isn't left in far
//	    once the window has reached it, and who counts it in its place meanwhile meets the rest there, since tallies add up.
//	P5  Nobody sleeps on work. An index above stop that is done asks for no turn, since stop is open: the owner goes over all
//	    again after its last store of stop, and finds the one at stop open still. Whoever is done before that look is seen in
//	    it; whoever is done after it reads that stop or a later one, and if it isn't above that, asks. Who asks before
//	    the owner's Swap to idle gets another turn.
//	P6  Indices are to be begun before until passes them. Begin looks at until again when it has counted; what comes too late
//	    is taken back and panics.
//
// Linearization. Begin: its CAS of the place. Done: likewise; the mark moves at the Advance that follows until.
// ABA: a tally is all there is in a place, so it doesn't matter what was there in between. turn's states carry nothing.
// Progress: counting is lock-free within the window, and a lock beyond. Marks don't move while the owner is descheduled; it calls
// Advance after its turn, as nobody's owner, so that a callback may do anything, a Done of this mark too. An owner
// who is asked again and again gives up after 64 turns, to a goroutine that is started for it.
// Reclamation: the ring is never freed; far's heap and map are the collector's.
package peers
