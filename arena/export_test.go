package arena

// SetLastGeneration brings the end of the generations near. For Owners that are made afterwards.
func (a *Arena) SetLastGeneration(g uint64) { a.last = g }

// SetShare lets the magazines of an arena that is still unused hold 1 slot in n. With 1 those of a tiny arena work.
func (a *Arena) SetShare(n uint32) {
	a.share = n
	a.gate.Store(a.magazine())
}
