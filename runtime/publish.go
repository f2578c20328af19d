package fencert

import (
	"errors"

	"github.com/puzpuzpuz/xsync/v3"

	"github.com/fencert/fencert/atomicseq"
	"github.com/fencert/fencert/internal/atomicx"
)

// ErrPublished: another fence is published under this name. Unpublish it first.
var ErrPublished = errors.New("fencert: the name is taken")

// A registry is the fences that are published: two maps that lead to entries, and entries that know by themselves whether
// they still count.
//
// V2: an entry's hold belongs to it until gone is set, then to who has set it, by the one CAS that anybody makes of it.
// Linearization: Publish, its LoadOrStore of the name (of the number, without a name); Unpublish, the CAS of gone; Lookup,
// its load of gone. The maps are cleared after that. Publish enters a number after the name and then looks at gone;
// who sets gone removes the number afterwards: one of the two sees the other, and no entry stays behind.
type registry struct {
	numbers  atomicseq.IDs
	byName   *xsync.MapOf[string, *entry]
	byNumber *xsync.MapOf[uint64, *entry]
}

// An entry is one published fence. All but gone is written before it enters a map.
type entry struct {
	name   string // "": none
	number uint64
	hold   Hold
	gone   atomicx.Bool
}

func newRegistry() registry {
	return registry{byName: xsync.NewMapOf[string, *entry](), byNumber: xsync.NewMapOf[uint64, *entry]()}
}

// Publish makes a fence known under a name and a number, for containers that can carry nothing else: a file format, a
// foreign library, another language. The empty name publishes it by number alone. Numbers are of this runtime, rise from 1,
// and don't come back; a fence may be published several times.
//
// It takes a hold, which is released by Unpublish and by Close of the runtime: what is published isn't recycled, and its
// result stays known. What the caller did before is visible to who looks it up.
//
// Any goroutine may call it, in callbacks too. It allocates and may block for a moment: not in a signaling section.
// Errors: ErrPublished; ErrStale; ErrForeign; ErrClosed; ErrExhausted after 2^63 - 1 of them. Then nothing was published.
func (rt *Runtime) Publish(name string, f Fence) (number uint64, err error) {
	if rt.closed.Load() {
		return 0, ErrClosed
	}
	h, err := rt.Hold(f)
	if err != nil {
		return 0, err
	}
	r := &rt.published
	if number, err = r.numbers.Next(); err != nil {
		_ = rt.Release(h) // held since above
		return 0, ErrExhausted
	}
	e := &entry{name: name, number: number, hold: h}
	if !r.enterName(e) {
		_ = rt.Release(h) // as above
		return 0, ErrPublished
	}
	r.enterNumber(e)
	// Pairs with: the Swap in Close, which comes before it looks for entries: it finds this one, or we find it closed.
	if rt.closed.Load() {
		if r.remove(e) {
			_ = rt.Release(h)
		}
		return 0, ErrClosed
	}
	return number, nil
}

// enterName gives the entry its name, if it has one and that is free.
func (r *registry) enterName(e *entry) bool {
	if e.name == "" {
		return true
	}
	for {
		old, taken := r.byName.LoadOrStore(e.name, e)
		if !taken {
			return true
		}
		// Pairs with: the CAS in remove. Progress: an entry that is gone is on its way out; we take it out too.
		if !old.gone.Load() {
			return false
		}
		r.forget(old)
	}
}

// enterNumber gives the entry its number, unless somebody has found it by name and removed it meanwhile.
func (r *registry) enterNumber(e *entry) {
	e.step()
	r.byNumber.Store(e.number, e)
	// Pairs with: the CAS in remove (V2).
	if e.gone.Load() {
		r.byNumber.Delete(e.number)
	}
}

// forget takes an entry that is gone out of the names.
func (r *registry) forget(e *entry) {
	e.step()
	r.byName.Compute(e.name, func(present *entry, loaded bool) (*entry, bool) {
		return present, !loaded || present == e // deletes it if it is still ours
	})
}

// step lets other threads of an exploration in, which sees nothing of what the maps do.
func (e *entry) step() {
	if atomicx.Exploring {
		e.gone.Load()
	}
}

// remove ends an entry and tells whether it was this call: then its hold is the caller's to release.
func (r *registry) remove(e *entry) bool {
	// Owns: the hold (V2). Pairs with: the loads of gone. ABA: it changes once. No loop.
	if !e.gone.CompareAndSwap(false, true) {
		return false
	}
	if e.name != "" {
		r.forget(e)
	}
	r.byNumber.Delete(e.number)
	return true
}

// Lookup is the fence published under this name. The caller doesn't hold it: it is kept until it is unpublished, and who
// needs it longer takes a hold, where ErrStale tells that it was unpublished in between. Any goroutine may call it, in
// callbacks too. Lock-free; no allocation. Errors: ErrNotFound, for the empty name too and after Close.
func (rt *Runtime) Lookup(name string) (Fence, error) {
	e, ok := rt.published.byName.Load(name)
	return e.fence(ok)
}

// LookupNumber is Lookup by the number that Publish returned.
func (rt *Runtime) LookupNumber(number uint64) (Fence, error) {
	e, ok := rt.published.byNumber.Load(number)
	return e.fence(ok)
}

func (e *entry) fence(found bool) (Fence, error) {
	// Pairs with: the CAS in remove.
	if !found || e.gone.Load() {
		return Fence{}, ErrNotFound
	}
	return e.hold.fence, nil
}

// Unpublish takes the fence back that is published under this name, and releases its hold. The name is free then. Any
// goroutine may call it, in callbacks too; it may block for a moment. Errors: ErrNotFound: somebody else was first.
func (rt *Runtime) Unpublish(name string) error {
	e, ok := rt.published.byName.Load(name)
	return rt.unpublish(e, ok)
}

// UnpublishNumber is Unpublish by number. A name that it was published under is free then, too.
func (rt *Runtime) UnpublishNumber(number uint64) error {
	e, ok := rt.published.byNumber.Load(number)
	return rt.unpublish(e, ok)
}

func (rt *Runtime) unpublish(e *entry, found bool) error {
	if !found || !rt.published.remove(e) {
		return ErrNotFound
	}
	_ = rt.Release(e.hold) // held since Publish
	return nil
}

// close releases all that is published. The runtime is closed already, so what comes later is taken back by Publish.
func (r *registry) close(l *Local) {
	r.byNumber.Range(func(_ uint64, e *entry) bool {
		if r.remove(e) {
			_ = l.Release(e.hold)
		}
		return true
	})
}
