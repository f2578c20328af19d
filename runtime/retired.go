package fencert

import (
	"github.com/fencert/fencert/arena"
	"github.com/fencert/fencert/epoch"
	"github.com/fencert/fencert/internal/atomicx"
	"github.com/fencert/fencert/internal/depot"
	"github.com/fencert/fencert/internal/pad"
)

// How slots with user data come back.
//
//	life ends --retire--> retired --sort, grace period over--> due --drop, clear--> a magazine
//	                         ^              |
//	                         `-- not yet ---'
//
//	U1  An entry belongs to the life that it names: from Arm, which has the slot and names the life before anybody has
//	    the fence, until it is dropped by who has the slot then. In between nobody writes the name.
//	U2  The fence's word is the only link to an entry: who is pinned and then finds the word in the life has found the
//	    entry. The life ends by an atomic store, and the stamp is taken afterwards. So a reader that found the entry was
//	    pinned before the stamp, and while it stays so the stamp doesn't elapse (epoch, I2 and I3). A release store
//	    will not do: the stamp's load could overtake it, and a reader pinned after the stamp still find the entry.
//	U3  A retired slot is in one place: in the stack of the retired, with one who sorts, among the due, or with one who
//	    drops. Its link and its stamp belong to who has it.
//	U4  An entry is dropped once in a life: by the one who has the slot (U3), who clears the name before the call.
//	U5  Only retire is called where signaling goes on: one store, one load, one CAS loop. Nobody waits for readers; what they
//	    keep stays retired, and counts against the number of fences.
//
// ABA: the stack is pushed to by CAS, which doesn't care what happened below the top meanwhile, and taken as a whole by
// Swap. The due lie in a depot, which tags its takes (D4).

// userData is what a runtime with tables has besides.
type userData struct {
	tables atomicx.Pointer[[]AnyTable] // all of the runtime's; grows, replaced as a whole
	due    *depot.Depot                // slots whose entries nobody can see
	_      pad.Line
	newest atomicx.Uint32 // of the retired; the links are the arena's
	_      pad.Line
	// oldest is the least stamp that the last sort put back, 0 for none: before it has elapsed there is little to find. A
	// guess when two sort at once; then a sort comes an epoch or two too early or too late.
	oldest atomicx.Uint64
	_      pad.Line
}

// addTable makes a table known to who drops.
func (rt *Runtime) addTable(t AnyTable) {
	rt.makeExtras()
	if rt.userData.Load() == nil {
		u := &userData{due: depot.New(uint32(rt.fences))}
		u.tables.Store(new([]AnyTable))
		u.due.Shut() // empty, until slots are put there
		// Publishes: u. ABA: it is set once. No loop: a failure means that there is one.
		rt.userData.CompareAndSwap(nil, u)
	}
	tables := &rt.userData.Load().tables
	for {
		p := tables.Load()
		longer := append((*p)[:len(*p):len(*p)], t)
		// Publishes: the list with t. ABA: impossible while p is held. Progress: a failure is another's success.
		if tables.CompareAndSwap(p, &longer) {
			return
		}
	}
}

// retire ends a life that has user data. closed is its word, which nobody changes any more.
func (l *Local) retire(n uint32, closed uint64) {
	rt := l.runtime
	u, e := rt.userData.Load(), rt.extra(n)
	// Unlinks: ends the life. Pairs with: the load in find. Not a release store (U2).
	rt.words[n].Store(arena.Next(closed))
	atomicx.StoreRelease64(&e.unlinked, rt.domain.Stamp()) // ours until the push below
	u.push(rt.arena, n, n)
}

// push puts a chain of slots, linked from first to last, onto the retired.
func (u *userData) push(a *arena.Arena, first, last uint32) {
	for {
		top := u.newest.Load()
		atomicx.StoreRelease32(a.Link(last), top) // D3
		// Publishes: the chain, its stamps, and all that was done in its lives. Pairs with: the Swap in sort. ABA: harmless,
		// a push cares for the top only. Progress: a failure is another's success.
		if u.newest.CompareAndSwap(top, first) {
			return
		}
	}
}

// sort moves the retired slots whose grace period is over to the due. One in three or four calls has something to do while
// there are any: a slot is looked at a few times at most, however long a reader stays. Wait-free but for the pushes.
func (u *userData) sort(rt *Runtime) {
	if u.newest.Load() == 0 {
		return
	}
	if s := u.oldest.Load(); s != 0 && !rt.domain.Elapsed(s) {
		return
	}
	g := grace{domain: rt.domain, young: ^uint64(0)}
	var due [dropBatch]uint32
	var first, last uint32
	k := 0
	// Owns: all that were retired (U3). Pairs with: the CAS in push.
	for n := u.newest.Swap(0); n != 0; {
		next := rt.arena.Link(n).Load()
		if g.over(rt.extra(n).unlinked.Load()) {
			due[k] = n
			if k++; k == len(due) {
				u.due.Put(due[:])
				k = 0
			}
		} else {
			atomicx.StoreRelease32(rt.arena.Link(n), first)
			if first = n; last == 0 {
				last = n
			}
		}
		n = next
	}
	u.due.Put(due[:k])
	if first == 0 {
		u.oldest.Store(0)
		return
	}
	u.oldest.Store(g.young)
	u.push(rt.arena, first, last)
}

// grace asks the domain once for each of the few stamps that lie side by side.
type grace struct {
	domain     *epoch.Domain
	old, young uint64 // the highest stamp known to have elapsed, the lowest known not to have
}

func (g *grace) over(stamp uint64) bool {
	switch {
	case stamp <= g.old:
		return true
	case stamp >= g.young:
		return false
	case g.domain.Elapsed(stamp):
		g.old = stamp
		return true
	}
	g.young = stamp
	return false
}
