package arena

// SetLastGeneration brings the end of the generations near.
func (a *Arena) SetLastGeneration(g uint64) { a.last = g }

// KeepAll lets the magazines of an arena that is still unused hold as many slots as it has, and so makes those of a
// tiny arena work.
func (a *Arena) KeepAll() {
	a.share = 1
	a.gate.Store(a.magazine())
}
