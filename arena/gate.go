package arena

import "github.com/fencert/fencert/internal/atomicx"

// The gate is the one word by which Owners learn that slots are wanted elsewhere. A Give compares it with what its
// magazine holds, so the notice costs no more than the limit of a ring would.
//
//	as int32  > 0   plenty: the most slots that a magazine keeps
//	          0     scarce: a Reserve has found the depot empty; whoever gives a slot gives all it has
//	          < 0   waitersBit + n: n Waiters are queued, and slots are scarce
//
// A Give that begins after the gate became 0 or less finds it so. One that began before may still fill its magazine:
// then the next Give of that Owner empties it.
const waitersBit = 1 << 31

// fullRefill is how many slots are taken from the depot at a time in a large arena.
const fullRefill = ringSize / 4

// defaultShare: an Owner keeps at most 1 slot in that many, and takes a quarter of that at a time, so that what Owners keep
// that do nothing is a small part. In explorations, whose arenas are tiny, they keep some all the same.
func defaultShare() uint32 {
	if atomicx.Exploring {
		return 1
	}
	return 16
}

// magazine is the most slots that an Owner keeps now; none when that would be less than 2.
func (a *Arena) magazine() uint32 {
	most := a.depot.Limit() / a.share
	if most < 2 {
		return 0
	}
	return min(most, ringSize)
}

// Scarce tells whether slots are scarce now: a Reserve has come to an empty depot, or somebody waits, and since then
// nobody has found plenty. An arena so small that Owners keep nothing answers true always. Wait-free; one load.
func (a *Arena) Scarce() bool { return int32(a.gate.Load()) <= 0 }

// starve turns plenty into scarce. Pairs with: the load of the gate in every Give. ABA: harmless, all is in the word. No loop:
// a failure means that somebody else turned the gate.
func (a *Arena) starve(seen uint32) { a.gate.CompareAndSwap(seen, 0) }

// reopen turns scarce into plenty, but not while somebody waits: that is why the count of Waiters is in this word (W1). Pairs
// with, ABA, no loop: as in starve.
func (a *Arena) reopen(most uint32) { a.gate.CompareAndSwap(0, most) }

// refill takes slots from the depot for the ring, which is empty, and returns how many. 0: there are none, or others
// have waited for them.
func (o *Owner) refill(taken *[fullRefill]uint32) uint32 {
	a := o.arena
	g := a.gate.Load()
	if int32(g) < 0 {
		a.dispatch() // perhaps those who wait have all left, or there is enough for everybody
		if g = a.gate.Load(); int32(g) < 0 {
			return 0
		}
	}
	most := g
	if g == 0 {
		most = a.magazine()
	}
	want := max(most/4, 1)
	if g == 0 && most > 0 {
		want = max(want, 2) // to see whether slots are scarce still
	}
	n := uint32(a.depot.Take(taken[:want]))
	switch {
	case n == want && g == 0 && most > 0:
		a.reopen(most)
	case n < want && g > 0:
		a.starve(g)
	}
	if 1 < n && n < want { // the last ones: they may be wanted elsewhere
		a.put(taken[1:n])
		n = 1
	}
	o.moved.taken.Add(uint64(n))
	return n
}

// put gives slots to the depot, and sees to it that who waits gets them (W2).
func (a *Arena) put(indices []uint32) {
	a.depot.Put(indices)
	// Pairs with: the CAS in join. It comes before the newcomer's push and look at the depot, and this load after the
	// CAS of the depot: one of the two sees the other.
	if int32(a.gate.Load()) < 0 {
		a.dispatch()
	}
}

// grown adapts the gate to the number of slots.
func (a *Arena) grown() {
	for {
		g := a.gate.Load()
		if int32(g) < 0 {
			a.dispatch() // the new slots are for who waits
		}
		most := a.magazine()
		// ABA: harmless, all is in the word. Progress: a failure means that somebody else turned the gate. Scarce stays
		// scarce: the next refill looks.
		if int32(g) <= 0 || g >= most || a.gate.CompareAndSwap(g, most) {
			return
		}
	}
}
