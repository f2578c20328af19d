package epoch

// Pin begins a read section: until the matching Unpin, nothing that can be reached
// from now on is reclaimed. Sections nest; only the outermost costs anything. Keep
// them short: a pinned participant stops the epoch of its whole domain.
//
// Only the owner may call it. Wait-free. The outermost costs two loads and one store: a plain one, or, in a portable
// domain, an atomic one (a locked exchange on amd64). Inlined on 64-bit processors. It panics with ErrUnregistered when
// the participant is not registered.
func (p *Participant) Pin() {
	if p.depth != 0 {
		p.depth++
		return
	}
	w := p.d.global.Load()<<1 | pinned
	if p.light {
		// Publishes: that this reader may see what is linked, at once or by the next barrier at the latest. Pairs
		// with: the barrier and the scan in advance (I2).
		storePinned(&p.s.word, w)
		p.depth = 1 // behind: it keeps p, and so the slot, from being taken for forgotten (I10)
		return
	}
	if p.s == nil {
		panic(ErrUnregistered)
	}
	// Publishes: that this reader may see what is linked. Pairs with: the scan in
	// advance (I2). Store is a full barrier: the loads of the section stay behind it.
	storeFull(&p.s.word, w)
	p.depth = 1 // as above
}

// Unpin ends the innermost section. What was loaded in it must not be used any more
// when it was the outermost.
//
// Only the owner may call it. Wait-free; a release store. Inlined. It panics with ErrNotPinned when there is no
// section to end.
func (p *Participant) Unpin() {
	if p.depth != 1 {
		if p.depth == 0 {
			panic(ErrNotPinned)
		}
		p.depth--
		return
	}
	// Publishes: all that the section did. Pairs with: the scan in advance (I4).
	// A release store will do: one writer, and an advance that sees it late takes
	// the reader for pinned and gives up.
	storeRelease(&p.s.word, 0)
	p.depth = 0 // behind, as in Pin
}

// Pinned tells whether a section is open. Only the owner may call it; no cost.
func (p *Participant) Pinned() bool { return p.depth > 0 }
