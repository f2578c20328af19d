package wheel

// SweepOften makes every cancel sweep.
func (p *Pool) SweepOften() { p.sample, p.least = 1, 1 }

// SetLastGeneration brings the end of the generations near.
func (p *Pool) SetLastGeneration(g uint64) { p.last = g }
