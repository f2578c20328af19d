package bench

import "slices"

// A callback is one entry of a callbackList.
type callback struct {
	run Handler // nil: canceled
	arg uint64
	id  uint64
}

// A callbackList is what the locked implementations keep their callbacks in: one
// slice in the order of adding, ids rising along it. A canceled callback at the
// end is popped, one further in becomes a tombstone until there are more of them
// than of the living.
//
// Plain: guarded by the fence's lock while the fence is pending; owned by the
// signaler from then on.
type callbackList struct {
	items []callback
	next  uint64
	dead  int
}

// add appends one callback and returns its id. O(1) amortised.
func (l *callbackList) add(h Handler, arg uint64) uint64 {
	id := l.next
	l.next++
	l.items = append(l.items, callback{h, arg, id})
	return id
}

// addMany appends one callback for each of args.
func (l *callbackList) addMany(h Handler, args []uint64) {
	l.items = slices.Grow(l.items, len(args))
	for _, arg := range args {
		l.items = append(l.items, callback{h, arg, l.next})
		l.next++
	}
}

// cancel removes the callback with that id; false: it is gone already. O(1) for
// the newest, else O(log n) amortised.
func (l *callbackList) cancel(id uint64) bool {
	last := len(l.items) - 1
	if last < 0 {
		return false
	}
	if l.items[last].id == id {
		l.items = l.items[:last]
		l.trim()
		return true
	}
	i, ok := slices.BinarySearchFunc(l.items, id, func(c callback, id uint64) int {
		switch {
		case c.id < id:
			return -1
		case c.id > id:
			return 1
		}
		return 0
	})
	if !ok || l.items[i].run == nil {
		return false
	}
	l.items[i].run = nil
	l.dead++
	if l.dead > len(l.items)/2 {
		l.items = slices.DeleteFunc(l.items, func(c callback) bool { return c.run == nil })
		l.dead = 0
	}
	return true
}

// trim drops tombstones at the end, so that the last entry is always alive.
func (l *callbackList) trim() {
	for n := len(l.items); n > 0 && l.items[n-1].run == nil; n-- {
		l.items = l.items[:n-1]
		l.dead--
	}
}

// reset empties the list and keeps its memory. Ids go on, so that a ticket of an
// earlier life names nothing.
func (l *callbackList) reset() {
	l.items = l.items[:0]
	l.dead = 0
}

// runAll runs the living callbacks in order. When one panics or calls
// runtime.Goexit the others run all the same, and the first panic goes on.
func runAll(items []callback, err error) { runEach(items, err, false) }

// runEach is runAll; with swallow a panic is under way already, and later ones
// end here.
func runEach(items []callback, err error, swallow bool) {
	i := 0
	defer func() {
		if i < len(items) {
			if swallow {
				_ = recover()
			}
			runEach(items[i+1:], err, true)
		}
	}()
	for ; i < len(items); i++ {
		if c := &items[i]; c.run != nil {
			c.run(c.arg, err)
		}
	}
}
