package epoch

// Stamp returns the present epoch, for one who has just unlinked something and keeps it, rather than retire it: once
// Elapsed answers true for the stamp, nobody can see the thing any more. Many things can share one stamp, taken after
// the last of them was unlinked.
//
// The unlink must be an operation of sync/atomic that comes before (see "Which unlink will do"); a plain or a release
// store won't do. Any goroutine may call it, pinned or not, in reclaim functions too. Wait-free; one load; allocates
// nothing. Stamps of one domain never fall, and are above 0. They mean nothing in another domain.
func (d *Domain) Stamp() uint64 {
	// Pairs with: the CAS in advance. As in Retire: after the unlink, and from global (I3).
	return d.global.Load()
}

// Elapsed tells whether the grace period that began at stamp is over: true means that every read section has ended that
// could have seen what was unlinked before stamp was taken, and that what those sections did happens before the return.
// Once true it stays true. False means that it may not be over; to ask again moves the epoch on, unless a reader is in
// the way.
//
// Any goroutine may call it, also in reclaim functions. Pinned, it stands in its own way: it can find a period that is
// over, but not end one. Wait-free. Over already: one load. Otherwise it tries one advance: a load for each slot ever
// used, one CAS, and at most one barrier of the whole process. Allocates nothing.
//
// The argument is I3 and I4 with stamp for r and the return of true for the reclaim function: a reader that can see the
// thing is pinned at some g <= stamp, so that global is at most stamp+1 while it is, and the load that finds stamp+2
// here reads what the advance wrote after it had read that reader's Unpin.
func (d *Domain) Elapsed(stamp uint64) bool {
	// Pairs with: the CAS in advance (I4).
	if d.over(stamp, d.global.Load()) {
		return true
	}
	return d.over(stamp, d.advance())
}

// over tells whether a grace period that began at stamp has ended by the epoch now. A stamp from nowhere, ahead of the
// epoch, has not.
func (d *Domain) over(stamp, now uint64) bool { return now >= stamp && now-stamp >= d.grace }
