package epoch

// Stats describe a Domain. Each field was right at some moment during the call; they
// need not fit together.
type Stats struct {
	Epoch        uint64 // the present epoch
	Participants int    // registered
	Pinned       int    // of these, with a read section open
	// Lag is by how many epochs the oldest open section is behind: while it is above
	// 0, the epoch stands still. Seen above 0 with the same Epoch for long: a reader
	// sleeps in its section.
	Lag     uint64
	Retired uint64 // retired and not yet taken out to be reclaimed
	Orphans int    // slots with garbage and no participant
	// Panics counts panics of reclaim functions that nobody saw, because one before
	// had already been on its way to the caller.
	Panics uint64
	// Forgotten counts participants that the garbage collector has unregistered, since
	// nobody had. That is too late, and on no schedule.
	Forgotten uint64
	Light     bool // Pin is a plain store (see PinAuto)
}

// Stats looks at every slot that was ever used. Any goroutine may call it. Wait-free;
// four loads per slot; allocates nothing.
func (d *Domain) Stats() Stats {
	st := Stats{Panics: d.panics.Load(), Forgotten: d.forgotten.Load(), Light: d.light}
	oldest := ^uint64(0)
	for i := range d.used.Load() {
		s := &d.slots[i]
		switch s.state.Load() {
		case slotOwned:
			st.Participants++
		case slotOrphan, slotSweeping:
			st.Orphans++
		}
		if w := s.word.Load(); w&pinned != 0 {
			st.Pinned++
			oldest = min(oldest, w>>1)
		}
		st.Retired += s.pending.Load()
	}
	st.Epoch = d.global.Load()
	if oldest < st.Epoch {
		st.Lag = st.Epoch - oldest
	}
	return st
}
