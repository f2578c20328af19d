package fencert

import (
	"github.com/fencert/fencert/epoch"
)

// A Reclaimer destroys what was retired, see Runtime.Reclaimer. Zero value: not usable.
type Reclaimer struct {
	runtime *Runtime
	id      epoch.ReclaimerID
}

// Reclaimer registers, for good, a function that destroys what its argument stands for. It is called by
// Collect, on the goroutine that calls it. It allocates. Errors: ErrConfig for nil; ErrExhausted.
func (rt *Runtime) Reclaimer(f func(arg uint64)) (Reclaimer, error) {
	if f == nil {
		return Reclaimer{}, ErrConfig
	}
	if rt.closed.Load() {
		return Reclaimer{}, ErrClosed
	}
	id, err := rt.domain.Reclaimer(f)
	if err != nil {
		return Reclaimer{}, ErrExhausted
	}
	return Reclaimer{rt, id}, nil
}

// Pin begins a read section on this Local: until Unpin nothing that can be reached now is reclaimed.
// Sections nest. In callbacks: yes, ended there too. Wait-free but for the first on a Local, which registers
// it. Errors: ErrExhausted when Config.Readers Locals have registered.
func (l *Local) Pin() error {
	if l.participant == nil {
		if err := l.registerReader(); err != nil {
			return err
		}
	}
	l.participant.Pin()
	return nil
}

// Unpin ends the innermost read section of this Local. Wait-free. Without one it panics.
func (l *Local) Unpin() {
	if l.participant == nil {
		panic(epoch.ErrNotPinned)
	}
	l.participant.Unpin()
}

// Retire has the reclaimer called with arg once nobody can still see what arg stands for; the caller has
// unlinked it by an atomic operation. It is called by a later Collect, of this Local or, after Close,
// another one. Wait-free but for the first on a Local; no allocation after that. Errors: ErrExhausted:
// the Local has too much waiting, since a reader stays pinned or Collect isn't called; nothing was retired.
// ErrForeign.
func (l *Local) Retire(r Reclaimer, arg uint64) error {
	if r.runtime != l.runtime {
		return ErrForeign
	}
	if l.participant == nil {
		if err := l.registerReader(); err != nil {
			return err
		}
	}
	if err := l.participant.Retire(r.id, arg); err != nil {
		l.check()
		return ErrExhausted
	}
	return nil
}

// Collect reclaims what has become due and returns how much that was. Not in a signaling section: it calls
// the user's functions. It doesn't wait for readers.
func (l *Local) Collect() int {
	if l.participant == nil {
		return 0
	}
	return l.participant.Collect()
}

//go:noinline
func (l *Local) registerReader() error {
	if l.state == ended {
		l.misused()
	}
	p, err := l.runtime.domain.Register()
	if err != nil {
		return l.ranOut(ResourceReaders)
	}
	l.participant = p
	return nil
}
