package arena

// SetLastGeneration brings the end of the generations near. For Owners that are made afterwards.
func (a *Arena) SetLastGeneration(g uint64) { a.last = g }
