package fencert

import (
	"cmp"
	"errors"
	"iter"
	"slices"
)

// ErrNotFound: nothing has this name or number. It may have had.
var ErrNotFound = errors.New("fencert: nothing has this name or number")

// Names are the names of the fence's context: the driver's and the timeline's. They are strings of their own: safe to keep
// whatever becomes of fence, context and runtime. In callbacks: yes. Lock-free; no allocation. Errors: ErrStale once the
// fence is recycled, and after Close of the runtime: then they are no longer known. Until then a hold keeps them known.
func (f Fence) Names() (driver, timeline string, err error) {
	// The context of a life stays in the registry until the life has ended, and ids don't come back. So what is found is the
	// right one, and what isn't is of a life that has ended since Context looked.
	c, err := f.Context()
	if err != nil {
		return "", "", err
	}
	return c.driver, c.timeline, nil
}

// Context is the fence context with this id; 0 is the stub's. Any goroutine may call it, in callbacks and after Close too.
// Lock-free; no allocation. Errors: ErrNotFound.
func (rt *Runtime) Context(id uint64) (*FenceContext, error) {
	if id == 0 {
		return &stub.context, nil
	}
	if c, ok := rt.contexts.Load(id); ok {
		return c, nil
	}
	return nil, ErrNotFound
}

// Contexts goes through the runtime's fence contexts by rising id, without the stub's. One that is made or goes away
// meanwhile may be among them or not. Any goroutine may call it; it allocates, so not in a signaling section.
func (rt *Runtime) Contexts() iter.Seq[*FenceContext] {
	return func(yield func(*FenceContext) bool) {
		var all []*FenceContext
		rt.contexts.Range(func(_ uint64, c *FenceContext) bool {
			all = append(all, c)
			return true
		})
		slices.SortFunc(all, func(a, b *FenceContext) int { return cmp.Compare(a.id, b.id) })
		for _, c := range all {
			if !yield(c) {
				return
			}
		}
	}
}

// FindContext is the fence context with these names, the one with the lowest id if there are several. Any goroutine may call
// it. It looks at every context: for people and for setting up. Errors: ErrNotFound.
func (rt *Runtime) FindContext(driver, timeline string) (*FenceContext, error) {
	var found *FenceContext
	rt.contexts.Range(func(_ uint64, c *FenceContext) bool {
		if c.driver == driver && c.timeline == timeline && (found == nil || c.id < found.id) {
			found = c
		}
		return true
	})
	if found == nil {
		return nil, ErrNotFound
	}
	return found, nil
}
