package fencert

import (
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// runtimes are those that are open, so that a Fence, which is only a word and a number, finds its
// own. Replaced as a whole: there are few, and New and Close are rare.
var runtimes atomicx.Pointer[[]*Runtime]

func register(rt *Runtime) {
	change(func(old []*Runtime) []*Runtime { return append(old[:len(old):len(old)], rt) })
}

func unregister(rt *Runtime) {
	change(func(old []*Runtime) []*Runtime {
		kept := make([]*Runtime, 0, len(old))
		for _, o := range old {
			if o != rt {
				kept = append(kept, o)
			}
		}
		return kept
	})
}

func change(f func([]*Runtime) []*Runtime) {
	for {
		p := runtimes.Load()
		var old []*Runtime
		if p != nil {
			old = *p
		}
		changed := f(old)
		// Publishes: the slice. ABA: impossible while p is held. Progress: lock-free.
		if runtimes.CompareAndSwap(p, &changed) {
			return
		}
	}
}

// find is the runtime and the index of a word, nil when it is no open runtime's.
func find(word *atomicx.Uint64) (*Runtime, uint32) {
	if p := runtimes.Load(); p != nil {
		for _, rt := range *p {
			if i := rt.index(word); i != 0 {
				return rt, i
			}
		}
	}
	return nil, 0
}

// index is the index of a word, 0 when it isn't one of this runtime's.
//
// Safety: the pointers are only compared as numbers. words is kept alive by rt, and the collector
// doesn't move it, so a word in its range lies in it, and word pointers come from it alone.
func (rt *Runtime) index(word *atomicx.Uint64) uint32 {
	i := rt.offset(word)
	if i-1 >= rt.fences {
		return 0
	}
	return uint32(i)
}

// offset is index without the check, which the caller makes.
//
// Safety: as in index.
func (rt *Runtime) offset(word *atomicx.Uint64) uintptr {
	return (uintptr(unsafe.Pointer(word)) - rt.base) / 8
}
