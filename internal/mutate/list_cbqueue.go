package main

// cbqueueFaults are of what the invariants of cbqueue, Q1 to Q7, name.
var cbqueueFaults = []*fault{
	{name: "a canceler doesn't look at the list a second time", file: "cbqueue/cancel.go",
		old: `	b := w.Load()
	if !Open(b, life) {
		return false, 0
	}
`, new: `	b := w.Load()
`},
	{name: "a canceler pops while somebody sweeps", file: "cbqueue/cancel.go",
		old: ` && b&Sweeping == 0 {`, new: ` {`},
	{name: "the right to cancel is taken by a store", file: "cbqueue/cancel.go",
		old: `if !n.word.CompareAndSwap(p, p|tentative) {`, new: `if n.word.Store(p | tentative); false {`},
	{name: "a pop is a store", file: "cbqueue/cancel.go",
		old: `if w.CompareAndSwap(b, v) {`, new: `if w.Store(v); true {`},
	{name: "a canceler decides by a store", file: "cbqueue/cancel.go",
		old: `if !n.word.CompareAndSwap(p|tentative, p|canceled) {`, new: `if n.word.Store(p | canceled); false {`},
	{name: "a ticket of an earlier life cancels", file: "cbqueue/cancel.go", plain: true,
		old: `if !t.names(p) || p&stateMask`, new: `if p&stateMask`},
	{name: "a ticket of no generation cancels", file: "cbqueue/cancel.go", plain: true, run: "Cancel",
		old: `if t <= HeadMask || i >=`, new: `if i == 0 || i >=`},
	{name: "a runner doesn't decide", file: "cbqueue/run.go",
		old: `p&stateMask == tentative && n.word.CompareAndSwap(p, p&^stateMask|claimed)`, new: `p&stateMask == tentative`},
	{name: "a lone callback runs though it is being canceled", file: "cbqueue/run.go", by: "runtime", run: "ExploreCancelAgainstFinish",
		old: `if n.next.Load()|uint32(word&stateMask) != 0 {`, new: `if n.next.Load() != 0 {`},
	{name: "neighbours run though they are being canceled", file: "cbqueue/run.go",
		old: `for n.word.Load()&stateMask == pending {`, new: `for n.word.Load()&stateMask <= tentative {`},
	{name: "the runner frees what the sweeper walks on", file: "cbqueue/run.go",
		old: `if closedWord&Sweeping != 0 && o.leave`, new: `if closedWord == 0 && o.leave`},
	{name: "the runner leaves before it has said what", file: "cbqueue/run.go",
		old: `	a.rest.Set(r.head)
`, new: `	defer a.rest.Set(r.head)
`},
	{name: "the runner leaves by a store", file: "cbqueue/run.go",
		old: `if w.CompareAndSwap(b, b&^Running) {`, new: `if w.Store(b &^ Running); true {`},
	{name: "the runner frees what was swept", file: "cbqueue/run.go",
		old: `			o.recount(r) // the sweeper took nodes out of the list
`, new: ``},
	{name: "a sweeper unlinks behind one that may be popped", file: "cbqueue/sweep.go",
		old: ` && before.word.Load()&stateMask != tentative {`, new: ` {`},
	{name: "two sweepers", file: "cbqueue/sweep.go",
		old: ` || b&Sweeping != 0 || `, new: ` || `},
	{name: "a sweeper frees what the runner stands on", file: "cbqueue/sweep.go",
		old: `			o.limbo = limbo{head: dead, word: w, life: life}
`, new: `			o.freeDead(dead)
`},
	{name: "a sweeper forgets the list that it was left", file: "cbqueue/sweep.go",
		old: `			o.freeList(a.rest.Get())
`, new: ``},
	{name: "a sweeper ends by a store", file: "cbqueue/sweep.go",
		old: `		if !w.CompareAndSwap(b, v) {
			continue
		}
`, new: `		w.Store(v)
`},
	{name: "a sweeper frees before its links are seen", file: "cbqueue/sweep.go", run: "ExploreSweepBehindAStoreBuffer",
		old: `	a.debt.Store(uint32`, new: `	if Open(w.Load(), life) {
		o.freeDead(dead)
		dead = 0
	}
	a.debt.Store(uint32`},
	{name: "a sweeper walks on after the close", file: "cbqueue/sweep.go", plain: true,
		old: `live%1024 == 0 && !Open(w.Load(), life) {`, new: `live == 0 {`,
		harmless: "it only ends a walk that is of no use any more; what it unlinks on the way waits in limbo as the rest does"},
	{name: "a limbo has always ended", file: "cbqueue/limbo.go",
		old: ` || b&Running == 0`, new: ` || true`},
	{name: "a limbo waits for the next life too", file: "cbqueue/limbo.go",
		old: `b>>LifeShift != l.life>>LifeShift || b&Running == 0`, new: `b&Running == 0`,
		harmless: "nodes come back later than they could, at the first look when no life of that word is running"},
	{name: "an orphan that hasn't ended is lost", file: "cbqueue/limbo.go",
		old: `			o.pool.adopt(orphan)
`, new: ``},
	{name: "an add that tries again keeps its first link", file: "cbqueue/add.go",
		old: `		atomicx.StoreRelease32(&oldest.next, uint32(b&HeadMask))
		v :=`, new: `		v :=`},
	{name: "an add that tries again doesn't look whether the list is closed", file: "cbqueue/add.go",
		old: `		if !Open(b, life) {
			return false
		}
		atomicx`, new: `		atomicx`},
	{name: "an add is a store", file: "cbqueue/add.go",
		old: `	if !w.CompareAndSwap(b, v) {
		return false
	}
`, new: `	w.Store(v)
`},
	{name: "a node keeps its generation", file: "cbqueue/add.go", plain: true,
		old: `.word.Load() | (1<<generationShift - 1)) + 1`, new: `.word.Load() &^ (1<<generationShift - 1))`},
	{name: "nodes of an add that came too late are lost", file: "cbqueue/add.go",
		old: `		o.takeBack(newest, len(args))
		o.Trim()
		return ErrClosed`, new: `		o.Trim()
		return ErrClosed`},
	{name: "a generation too many", file: "cbqueue/owner.go", plain: true,
		old: `		if w >= o.last {
`, new: `		if w > o.last {
`},
	{name: "what is reserved is given away", file: "cbqueue/owner.go", plain: true, run: "Reserved",
		old: `keep := max(o.most/2, o.reserved)`, new: `keep := o.most / 2`},
}
