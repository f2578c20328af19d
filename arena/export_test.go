package arena

// SetLastGeneration brings the end of the generations near.
func (a *Arena) SetLastGeneration(g uint64) { a.last = g }
