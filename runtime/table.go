package fencert

import (
	"slices"
	"unsafe"

	"github.com/fencert/fencert/epoch"
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/pad"
)

// ErrNotPinned is what Table.Get panics with outside a read section: nothing would keep the entry from being dropped.
var ErrNotPinned = epoch.ErrNotPinned

// A Table keeps user data beside fences: one T for each, under the index of its slot. Every fence armed in a fence context
// that was made with UserData has an entry, zero at Arm, until it is dropped: after the fence was signaled, its issuer
// dropped and the last hold released, and after the grace period of every reader who might see it.
//
// Make one with NewTable; the zero Table is not usable. It must not be copied. It belongs to its runtime for good.
// Callers: any goroutine may call any method, within what At and Get say.
// Ordering: Arm doesn't publish an entry, nor does the Table order two who use one at a time. What the issuer writes
// before it shares the fence comes with how the fence is shared; what it writes before Signal or Finish is visible to
// whoever sees the fence signaled, callbacks and waiters among them. All that was done to an entry by those who might
// comes before its drop.
// Progress: At and Get are wait-free.
// Errors: none; misuse panics.
//
// Memory: New doesn't know of it; a table takes the size of T and 8 bytes for each of Config.Fences, at once, but as an
// array that the system maps when it is touched. A T without pointers is never looked at by the garbage collector; one
// with pointers has it walk the whole array in each cycle, as far as fences were ever armed. Where there are millions,
// keep an index there.
type Table[T any] struct {
	runtime *Runtime
	entries []tableEntry[T]
	drop    func(*T)
}

// A tableEntry is one life's T.
type tableEntry[T any] struct {
	// life that has the value, 0: nobody. Release-stored by who arms and by who drops: both have the slot (U1).
	life  atomicx.Uint64
	value T
}

// NewTable makes a table. drop, if not nil, is called once for each fence that had an entry, when nobody can see it any
// more; then the entry is zeroed. It runs on a goroutine that reserves (a Reserve or NewFence that finds its magazine
// empty), in Local.Collect, Runtime.Collect or Runtime.Close, and in none of the calls that a signaling section is made
// of: not in Signal, Finish, Drop, Release or Cancel, nor, through the Local that the callback is given, in a callback.
// It may do what a callback may, and must not keep the pointer. There is no order among drops. A panic goes
// where those of callbacks go, after the others were dropped; runtime.Goexit doesn't stop the others either.
//
// Any goroutine may call it. It allocates, see Table; a T so large that the table has no place in memory panics, as make
// does. Each fence with user data costs a look at every table of the runtime when it is dropped.
func NewTable[T any](rt *Runtime, drop func(*T)) *Table[T] {
	var e tableEntry[T]
	before := pad.Size/int(unsafe.Sizeof(e)) + 1 // leaves the first line of the array unused
	t := &Table[T]{
		runtime: rt,
		entries: make([]tableEntry[T], before+int(rt.fences))[before-1:],
		drop:    drop,
	}
	rt.addTable(t)
	return t
}

// At is the entry of the issuer's fence, for the one who has the issuer, until it drops it: before the fence is shared
// nobody else can see the entry, afterwards T itself must bear who uses it. nil: the fence's context doesn't have this
// table, or the handle is stale. In callbacks: yes. After Close of the runtime: yes. Wait-free; two loads.
func (t *Table[T]) At(i Issuer) *T {
	return t.find(i.fence)
}

// Get is the entry of this very fence, for readers: l is pinned (Local.Pin), and until the Unpin of its outermost section
// the entry isn't dropped and its slot isn't used again, even when the fence is signaled, dropped and recycled meanwhile.
// false: it was recycled before, or its context doesn't have this table, or it is another runtime's. It panics with
// ErrNotPinned when l is not pinned, with ErrForeign when l is another runtime's.
//
// In callbacks: yes, pinned there. After Close of the runtime: yes. Wait-free; two loads.
func (t *Table[T]) Get(l *Local, f Fence) (*T, bool) {
	if l.runtime != t.runtime {
		panic(ErrForeign)
	}
	if p := l.participant; p == nil || !p.Pinned() {
		panic(ErrNotPinned)
	}
	p := t.find(f)
	return p, p != nil
}

// find is the entry of a life that hasn't ended.
func (t *Table[T]) find(f Fence) *T {
	n := t.runtime.index(f.word)
	// The look that counts. Pairs with: the store in retire that ends the life (U2). The word is the link to the entry.
	if n == 0 || f.word.Load()&lifeMask != f.life() {
		return nil
	}
	e := &t.entries[n]
	if e.life.Load() != f.life() {
		return nil
	}
	return &e.value
}

// AnyTable is a *Table of any type, for UserData.
type AnyTable interface {
	of() *Runtime
	begin(n uint32, life uint64)
	end(n uint32)
}

func (t *Table[T]) of() *Runtime {
	if t == nil {
		return nil
	}
	return t.runtime
}

// begin gives the slot's entry, which is zero, to a life. The caller has the slot.
func (t *Table[T]) begin(n uint32, life uint64) { atomicx.StoreRelease64(&t.entries[n].life, life) }

// end drops the slot's entry, if it has one. The caller has the slot, and the grace period is over. The entry is given up
// first, so that it is dropped once, whatever drop does (U4).
func (t *Table[T]) end(n uint32) {
	e := &t.entries[n]
	if e.life.Load() == 0 {
		return
	}
	atomicx.StoreRelease64(&e.life, 0)
	defer e.clear()
	if t.drop != nil {
		t.drop(&e.value)
	}
}

func (e *tableEntry[T]) clear() {
	var zero T
	e.value = zero
}

// UserData gives every fence armed in the context an entry in each of the tables. Arm then costs a store per table and
// one CAS more, and the fence's slot is used again only after a grace period: it counts against Config.Fences until
// then, so leave room for some hundreds of them per goroutine. NewFenceContext answers ErrForeign for a table of another
// runtime, or nil.
func UserData(tables ...AnyTable) ContextOption {
	return func(c *FenceContext) {
		for _, t := range tables {
			if !slices.Contains(c.tables, t) {
				c.tables = append(c.tables, t)
			}
		}
		if len(c.tables) > 0 {
			c.setMode(modeSpecial)
		}
	}
}

// checkTables finds a table that isn't of the context's runtime.
func (c *FenceContext) checkTables() error {
	for _, t := range c.tables {
		if t == nil || t.of() != c.runtime {
			return ErrForeign
		}
	}
	return nil
}

// beginTables gives the entries of a slot to the life that is being armed. Nobody else has the fence yet.
func (c *FenceContext) beginTables(e *extra, n uint32, life uint64) {
	if len(c.tables) == 0 {
		return
	}
	for _, t := range c.tables {
		t.begin(n, life)
	}
	// One writer: who has the slot. Read by who ends this life.
	atomicx.StoreRelease64(&e.data, life)
}
