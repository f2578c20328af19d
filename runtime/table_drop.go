package fencert

import "github.com/fencert/fencert/arena"

const (
	// dropBatch is how many slots are dropped before an ordinary Reserve goes on, and how many move at a time.
	dropBatch = 64
	// graceTries is how often a Reserve that finds no slot looks whether retired ones have become due. Each look moves the
	// epoch on by one, unless a reader is in the way; with none, three find all that was retired before.
	graceTries = 4
)

// dropDue drops up to most of the entries that nobody can see any more, and gives their slots to this Local. Nothing in a
// callback (U5), nor in a drop.
func (l *Local) dropDue(most int) (dropped int) {
	u := l.runtime.userData.Load()
	if u == nil || l.depth > 0 {
		return 0
	}
	l.check()
	u.sort(l.runtime)
	d := dropping{l: l, u: u, left: most}
	if !d.more() {
		return 0
	}
	l.depth++ // what drop does is as if in a callback
	defer d.end()
	d.run()
	return d.dropped
}

// reserveRetired is Reserve for when the depot is empty: some fences may only wait for their grace period.
func (l *Local) reserveRetired() (arena.Ref, error) {
	u := l.runtime.userData.Load()
	for try := 0; u != nil && try < graceTries; try++ {
		waiting := u.newest.Load() != 0
		if l.dropDue(dropBatch) > 0 {
			l.enter()
			r, err := l.slots.Reserve()
			l.leave()
			if err != arena.ErrExhausted { // unless all of them have used up their generations
				return r, err
			}
		} else if !waiting {
			break
		}
	}
	return 0, arena.ErrExhausted
}

// A dropping is a dropDue under way.
type dropping struct {
	l       *Local
	u       *userData
	left    int // that may still be taken
	dropped int
	tables  []AnyTable
	batch   [dropBatch]uint32
	n       int // batch[:n] were taken from the due (U3)
	next    int // batch[:next] were given to the Local
	table   int // tables[:table] have dropped the entry of batch[next]
	panics  panicked
}

// run drops all of it, going on in a deferred call as often as a drop exits.
func (d *dropping) run() {
	ended := false
	defer func() {
		if !ended {
			d.run()
		}
	}()
	for d.more() {
		n := d.batch[d.next]
		for d.table < len(d.tables) {
			d.table++
			d.drop(d.tables[d.table-1], n)
		}
		d.table = 0
		d.next++
		d.dropped++
		d.l.give(n)
	}
	ended = true
}

// more tells whether there is a slot to drop, and takes some when none is left.
func (d *dropping) more() bool {
	if d.next < d.n {
		return true
	}
	d.next = 0
	d.n = d.u.due.Take(d.batch[:min(len(d.batch), d.left)])
	d.left -= d.n
	d.tables = *d.u.tables.Load() // has all tables that the taken ones have entries in
	return d.n > 0
}

func (d *dropping) drop(t AnyTable, n uint32) {
	defer func() {
		if p := recover(); p != nil {
			d.panics.keep(p)
		}
		d.l.state = idle // a call of this package that panicked may have left it busy
	}()
	t.end(n)
}

// end hands the first panic on.
func (d *dropping) end() {
	l := d.l
	l.depth--
	if l.puttingOff != 0 && !l.looping { // a drop has signaled what was put off
		l.runPutOff(d.panics)
		return
	}
	l.raise(d.panics)
}

// give puts a slot that is between two lives into the magazine. The word may have been closed by Runtime.Close; its
// generation is the next life's.
func (l *Local) give(n uint32) {
	l.enter()
	l.slots.Give(n, l.runtime.words[n].Load()&lifeMask)
	l.leave()
}

// Collect is Local.Collect on a borrowed Local, and reclaims what Locals that have closed had retired too, as far as
// Config.Readers leaves room for one more. It also forgets the fence contexts that were closed and have no fence any more.
// Not in a callback. A look at every slot ever used where contexts wait to be forgotten; allocates.
func (rt *Runtime) Collect() int {
	rt.forgetContexts()
	l, s := rt.borrow()
	defer rt.giveBack(l, s) // the user's functions may panic
	n := l.dropDue(int(rt.fences))
	p, err := rt.domain.Register()
	if err != nil {
		return n
	}
	defer func() { _ = p.Unregister() }() // not pinned
	return n + p.Collect()
}
