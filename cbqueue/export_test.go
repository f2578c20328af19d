package cbqueue

// SweepOften makes every cancel of a node that isn't the newest sweep.
func (p *Pool) SweepOften() { p.sample, p.sweepLeast = 1, 1 }

// SetLastGeneration brings the end of the generations near.
func (p *Pool) SetLastGeneration(g uint64) { p.last = g }
