package bench

import "github.com/fencert/fencert/internal/pad"

// A herd is pending fences, divided among goroutines.
type herd[F comparable, T any] struct {
	memoryCase
	crew  *crew[F, T]
	parts []*herdPart[F, T]
	each  float64 // bytes
}

// A herdPart is what one goroutine has.
type herdPart[F comparable, T any] struct {
	w       Worker[F, T]
	fences  kept[F]
	oldest  int
	garbage []byte // the last piece
	_       pad.Line
}

func (s subject[F, T]) herd(procs int, c memoryCase) *herd[F, T] {
	before := heapBytes()
	share := (c.pending + procs - 1) / procs
	h := &herd[F, T]{memoryCase: c, crew: s.crew(procs, share, max(1, share*c.callbacks))}
	for i, w := range h.crew.workers {
		n := (c.pending + procs - 1 - i) / procs
		p := &herdPart[F, T]{w: w, fences: keep(w, n, c.handles)}
		h.parts = append(h.parts, p)
		for at := range n {
			h.arm(p, at)
		}
	}
	h.each = float64(heapBytes()-before) / float64(c.pending)
	return h
}

// arm makes the fence of place at. It tells whether its callbacks were taken.
func (h *herd[F, T]) arm(p *herdPart[F, T], at int) bool {
	f := p.w.Arm()
	p.fences.put(at, f)
	for range h.callbacks {
		if _, ok := p.w.Add(f, 1); !ok {
			return false
		}
	}
	return true
}

// graze allocates some pieces and returns how many of the fences that it replaced went as they should.
func (h *herd[F, T]) graze(p *herdPart[F, T], pieces int) (good int) {
	for range pieces {
		p.garbage = make([]byte, garbagePiece)
		if p.w.Finish(p.fences.at(p.oldest), nil) && h.arm(p, p.oldest) {
			good++
		}
		p.oldest = (p.oldest + 1) % p.fences.len()
	}
	return good
}

func (h *herd[F, T]) pendingNow() (n int) {
	for _, p := range h.parts {
		for i := range p.fences.len() {
			if !p.w.Signaled(p.fences.at(i)) {
				n++
			}
		}
	}
	return n
}

// close finishes what is pending, on which each callback runs.
func (h *herd[F, T]) close() error {
	before, finished := h.crew.total(), 0
	for _, p := range h.parts {
		for i := range p.fences.len() {
			if p.w.Finish(p.fences.at(i), nil) {
				finished++
			}
		}
	}
	n := uint64(h.pending * h.callbacks)
	err := verify(finished, h.pending, before, h.crew.total(), count{n, n})
	if failed := h.crew.close(); err == nil {
		err = failed
	}
	return err
}
