// Package wheel is a value that only grows, and callbacks that wait for it to reach their points: any number of points
// is signaled by one compare-and-swap, however far it goes and however many wait.
//
// A wheel calls nothing itself. Who advances it may come to own it, and is then given what is due, one callback after the
// other, to run as it likes:
//
//	if _, due := o.Advance(w, n); due {
//		for c, ok := o.Next(w); ok; c, ok = o.Next(w) {
//			handlers[c.Handler](c.Arg)
//		}
//	}
//
// # Words
//
//	value  bit 63 closed | bits[0:63] the value.  A point s is signaled when the word is >= s, closed or not.
//	code   of Close; set before bit 63
//	box    bits[25:64] minimum: a lower bound of all points that wait, rounded down; all ones: none does
//	       bit  24     busy: the wheel has an owner
//	       bits[0:24]  the newest node of those that nobody has sorted yet, 0: none
//	exact  what the last release knew of the lowest sorted point; refines minimum while nothing is unsorted
//	debt   cancels until the next sweep is worth its cost; a guess
//
// The buckets, a radix heap, are what was sorted, and have no atomics: they belong to the owner. The box is the inbox,
// the lock that nobody waits for and the test whether anything is due in one word, and that makes the cost: an add
// is one CAS, becoming the owner and taking the inbox another, leaving the third.
//
//	Advance, nothing due     1 CAS, 3 loads         Add     1 CAS, 3 loads
//	Advance, something due   3 CAS                  Cancel  2 CAS
//
// # Nodes
//
// Nodes are named by index, 1 to 2^24-1, so that the garbage collector scans none of them.
//
//	word   bits[24:64] generation | bits[3:24] handler | bits[0:3] state
//	point, arg, wheel: set by who adds; next: of the list that the node is in
//
//	free --Add: generation+1--> pending --Cancel--> tentative --+--> canceled --sorted, swept or passed--> free
//	                               |                            +--> claimed --run--> ended = free
//	                               |                            +--> (the value was there) --passed--> claimed
//	                               +--run--> ended = free
//
// # Invariants
//
//	W1  A node is in one place: the depot, an Owner's free chain, the box, a bucket, the chain of what is due, or in Next's
//	    caller's hands. next belongs to who has that place; in the box, to nobody.
//	W2  busy is set and cleared by CAS. Between the two, one goroutine owns all that isn't atomic in the wheel: the one that
//	    set it, or the one that Adopts. It sets busy by a CAS that empties the box and its minimum too.
//	W3  While the box is idle its minimum is no higher than any point that waits, in it or sorted; while busy, than any in
//	    it. Add lowers it with its push; the release takes the lower of what came in and what is sorted. So an idle box
//	    whose minimum is above the value has nothing due.
//	W4  Nobody sleeps on work. If something is due and the wheel is idle, one of these is yet to look: an Advance or Close
//	    that has moved the value and will load the box; an Add that has pushed and will load the value; an owner that has
//	    released and will load the value. Each moves one word and then loads the other, so of any two one sees the other
//	    (atomics are sequentially consistent). Who finds the box busy may go: the owner will look after its release.
//	    Whoever owns the wheel without leave to run callbacks, or for too long, hands it over, still busy.
//	W5  The value only grows; so does the closed bit.
//	W6  Canceling needs two looks. A canceler sets tentative and then looks at the value: below the point means that an owner,
//	    who looks at the node after it has seen the value reach the point, finds tentative or what comes after it, and
//	    one CAS each, tentative -> canceled and tentative -> claimed, decides. Otherwise the owner may have read pending
//	    already: the canceler leaves tentative and answers false. So a pending node costs the owner no
//	    read-modify-write and no store. point is this generation's: it was written before the ticket existed, and isn't
//	    written again before the word has left pending, which makes the CAS fail.
//	W7  A pass for value v takes the box, or finds it empty, after the value was seen to be v. So all that was added before the value moved
//	    beyond v is sorted by then, and comes out in order.
//	W8  base never goes beyond the lowest sorted point, and up to there it moves freely: a bucket that begins beyond it
//	    stays the right one (see place; the fuzz test checks it). What comes later with a point below base is
//	    due, and goes first.
//	W9  The code is set before the closed bit, by whoever the wheel is closed, and one CAS closes it and decides its last value.
//
// Linearization. Advance, Close: their CAS of the value. Poll, Status: the load of it. Add: its push where the value is
// below the point afterwards, else the pass that takes the node; refused: the load that saw the value there. Cancel true:
// pending -> tentative; false: the load or CAS that failed, or the load of the value.
//
// Release stores (see atomicx): word, point and wheel of a node that nobody else can reach, published by the CAS of the push;
// ended, which a later CAS of the box or the depot follows before another goroutine has the node, and which Finished may see
// late; exact, passes and shown, before the CAS that releases the wheel. A reader who sees an older exact has read the box before the
// writer's look at the value, and then that look finds what the reader is after (W4).
//
// ABA. The box: nothing but what is in the word matters, since who takes it takes all. Node words: the generation rises with each
// use, and a node at its last one is retired.
//
// Progress. Advance's value, Add, Cancel, Close: lock-free; a CAS fails only because another succeeded. Delivery is not:
// while the owner is descheduled or a callback runs, what is due on this wheel waits, and so do canceled nodes.
// Captivity: an owner delivers all that is due at the values it has reached itself, and for others as far as its budget
// goes. Then another goroutine, which is started for that, takes over. To leave it to the next one who
// advances instead would strand what is due when none comes.
// Reclamation: nodes are type-stable and never freed. Canceled ones are dropped when they are sorted, swept or passed; a sweep costs
// what waits, and comes after as many cancels.
package wheel
