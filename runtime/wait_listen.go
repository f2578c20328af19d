package fencert

// What a wait asks of a fence stands in this file and in Fence's polls; a further kind of fence adds its case here.

// listen adds one of this package's own callbacks. Errors: ErrSignaled, ErrExhausted.
func (l *Local) listen(f Fence, handler uint32, arg uint64) (Ticket, error) {
	return l.add(f, handler, arg)
}

// unlisten takes it back. true: it will never run. false: it runs, ran or will run, for nobody else cancels it.
func (l *Local) unlisten(t Ticket) bool { return l.Cancel(t) }

// enableAll asks the backends of fences that are about to be waited for, before the wait has taken anything: a hook may panic.
func enableAll(fences []Fence) {
	for _, f := range fences {
		if !f.special() {
			continue
		}
		if rt, _ := find(f.word); rt != nil {
			rt.enable(f)
		}
	}
}

// A borrower borrows Locals for several calls on end, one at a time. The zero borrower has none; call end in the end.
type borrower struct {
	l *Local
	s *stripe
}

// local is a Local of that runtime, until the next call with another one, or end.
func (b *borrower) local(rt *Runtime) *Local {
	if b.l == nil || b.l.runtime != rt {
		b.end()
		b.l, b.s = rt.borrow()
	}
	return b.l
}

func (b *borrower) end() {
	if b.l != nil {
		b.l.runtime.giveBack(b.l, b.s)
		*b = borrower{}
	}
}
