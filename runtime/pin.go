package fencert

import (
	"runtime"

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
	if debugging {
		debugCall("Runtime.Reclaimer", allocates)
	}
	id, err := rt.domain.Reclaimer(f)
	if err != nil {
		return Reclaimer{}, ErrExhausted
	}
	return Reclaimer{rt, id}, nil
}

// Pin begins a read section on this Local: until Unpin nothing that can be reached now is reclaimed.
// Sections nest. In callbacks: yes, ended there too. Wait-free but for the first on a Local, which registers
// it; see Config.Pinning for the cost, and Participant for less. Errors: ErrExhausted when Config.Readers Locals have
// registered.
func (l *Local) Pin() error {
	if debugging {
		l.check()
	}
	if l.participant == nil {
		if err := l.registerReader(); err != nil {
			return err
		}
	}
	l.participant.Pin()
	runtime.KeepAlive(l) // a Local that looks forgotten is unpinned
	return nil
}

// Unpin ends the innermost read section of this Local. Wait-free. Without one it panics.
func (l *Local) Unpin() {
	if debugging {
		l.check()
	}
	if l.participant == nil {
		panic(epoch.ErrNotPinned)
	}
	l.participant.Unpin()
	runtime.KeepAlive(l)
}

// Participant returns what this Local reads and retires with: its Pin and Unpin are those of the Local, but inlined
// where they are called, so that a section costs half an atomic add or less where pins are light; and its ID is the one
// that a Stall names. It belongs to the Local: whoever may use the Local may use it, as long as the Local is
// reachable and not closed; never call its Unregister. The first use on a Local registers it. Errors: as Pin.
func (l *Local) Participant() (*epoch.Participant, error) {
	if l.participant == nil {
		if err := l.registerReader(); err != nil {
			return nil, err
		}
	}
	l.check()
	return l.participant, nil
}

// Retire has the reclaimer called with arg once nobody can still see what arg stands for; the caller has
// unlinked it by an atomic operation. It is called by a later Collect, of this Local or, after Close,
// another one. Wait-free but for the first on a Local; no allocation after that. Errors: ErrGarbageFull:
// the Local has Config.Retired waiting, since a reader stays pinned, which Config.OnStall is told, or Collect isn't
// called; nothing was retired, and it works again after a Collect that reclaims. ErrExhausted, as Pin. ErrForeign.
func (l *Local) Retire(r Reclaimer, arg uint64) error {
	if r.runtime != l.runtime {
		return ErrForeign
	}
	if debugging {
		l.check()
	}
	if l.participant == nil {
		if err := l.registerReader(); err != nil {
			return err
		}
	}
	if err := l.participant.Retire(r.id, arg); err != nil {
		l.check()
		return ErrGarbageFull
	}
	runtime.KeepAlive(l)
	return nil
}

// Collect reclaims what has become due, user data of fences (Table) too, and returns how much that was. Not in a signaling
// section: it calls the user's functions, Config.OnStall among them. It doesn't wait for readers. Without garbage it does
// nothing; with some, a call costs up to 10 us or so where pins are light, however much there is.
func (l *Local) Collect() int {
	if debugging {
		debugCall("Local.Collect", callsOut)
	}
	n := l.dropDue(int(l.runtime.fences))
	if l.participant == nil {
		return n
	}
	n += l.participant.Collect()
	runtime.KeepAlive(l)
	return n
}

//go:noinline
func (l *Local) registerReader() error {
	if l.state == ended {
		l.misused()
	}
	if debugging {
		debugCall("the first Pin or Retire of a Local", allocates)
	}
	p, err := l.runtime.domain.Register()
	if err != nil {
		return l.ranOut(ResourceReaders)
	}
	l.participant = p
	return nil
}
