//go:build explore

package explore

import (
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// An entry is a release store in its thread's buffer, with what its storer had done by then (B6).
type entry struct {
	store atomicx.BufferedStore
	clock clock
}

// Release implements atomicx.Extended (B1).
func (r *run) Release(s atomicx.BufferedStore) {
	t := r.pause(op{kind: atomicx.KindRelease, addr: s.Addr}, nil)
	if r.straightOn() {
		s.Commit()
		return
	}
	t.buffer = append(t.buffer, entry{s, t.clock})
	t.clock[t.id]++
	r.sawNumber(s.Value)
}

// Newest implements atomicx.Extended (B3).
func (r *run) Newest(addr unsafe.Pointer) (v uint64, ok bool) {
	b := r.current.buffer
	for i := len(b) - 1; i >= 0; i-- {
		if b[i].store.Addr == addr {
			return b[i].store.Value, true
		}
	}
	return 0, false
}

// flush takes the oldest entry to its word (B2).
func (r *run) flush(t *thread) {
	e := t.buffer[0]
	t.buffer = t.buffer[1:]
	t.flushed++
	e.store.Commit()
	r.writes++
	t.writes++
	r.word(e.store.Addr).clock = e.clock
	r.sawNumber(e.store.Value)
}

// Membarrier implements atomicx.Extended (B5).
func (r *run) Membarrier() {
	t := r.pause(op{kind: atomicx.KindMembarrier}, nil)
	if r.straightOn() || !r.o.StoreBuffers {
		return
	}
	var due [MaxThreads]int
	for i, o := range r.scenario.threads {
		due[i] = o.flushed + len(o.buffer)
	}
	due[t.id] = 0
	r.pause(op{kind: atomicx.KindBarred}, func() bool {
		for i, o := range r.scenario.threads {
			if o.flushed < due[i] {
				return false
			}
		}
		return true
	})
}
