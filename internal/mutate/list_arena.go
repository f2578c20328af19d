package main

// arenaFaults are of what the invariants of arena, A1 to A5 and W1 to W6, name.
var arenaFaults = []*fault{
	{name: "a Give keeps one while slots are scarce", file: "arena/owner.go",
		old: `int32(t-o.head) >= int32(o.arena`, new: `int32(t-o.head) > int32(o.arena`},
	{name: "a used-up generation goes into the magazine", file: "arena/owner.go", plain: true, run: "UsedUp",
		old: ` || word >= o.last {`, new: ` {`},
	{name: "a generation too many", file: "arena/owner.go", plain: true,
		old: `	if word >= o.last {
`, new: `	if word > o.last {
`},
	{name: "a life ends by a store, whoever else ends it", file: "arena/owner.go",
		old: `!w.CompareAndSwap(b, Next(b)) {`, new: `func() bool { w.Store(Next(b)); return false }() {`},
	{name: "a life ends in its own generation", file: "arena/owner.go", plain: true,
		old: `next := Next(uint64(r))`, new: `next := uint64(r) &^ indexMask`},
	{name: "a Reserve doesn't see that the arena is shut", file: "arena/owner.go", plain: true, run: "Shut",
		old: `if o.words[r.Index()].Load()&indexMask != 0 {`, new: `if false {`},
	{name: "who gives doesn't look for who waits", file: "arena/gate.go",
		old: `	if int32(a.gate.Load()) < 0 {
		a.dispatch()
	}
`, new: ``},
	{name: "who gives looks for who waits first", file: "arena/gate.go",
		old: `	a.depot.Put(indices)
`, new: `	defer a.depot.Put(indices)
`},
	{name: "plenty, whoever waits", file: "arena/gate.go",
		old: `{ a.gate.CompareAndSwap(0, most) }`, new: `{ a.gate.Store(most) }`},
	{name: "scarce, whoever waits", file: "arena/gate.go",
		old: `{ a.gate.CompareAndSwap(seen, 0) }`, new: `{ a.gate.Store(0) }`},
	{name: "a Reserve overtakes who waits", file: "arena/gate.go", run: "ExploreReserveOvertakes",
		old: `if g = a.gate.Load(); int32(g) < 0 {`, new: `if g = 0; false {`},
	{name: "who waits isn't counted in the gate", file: "arena/queue.go",
		old: `if a.gate.CompareAndSwap(g, v) {
			break`, new: `if v != 0 {
			break`},
	{name: "a newcomer doesn't look at the depot", file: "arena/queue.go",
		old: `	a.dispatch()
}

// dispatch`, new: `}

// dispatch`},
	{name: "the dispatcher ends though somebody asked", file: "arena/queue.go",
		old: `if turn.CompareAndSwap(serving, resting) {`, new: `if turn.Store(resting); true {`},
	{name: "the dispatcher forgets who asked during its look", file: "arena/queue.go",
		old: `		a.match()
`, new: `		a.match()
		turn.Store(serving)
`},
	{name: "nobody asks who is at it", file: "arena/queue.go",
		old: `if t == again {`, new: `if t != resting {`},
	{name: "two dispatchers", file: "arena/queue.go",
		old: `			if t == serving {
				return
			}
			break`, new: `			break`},
	{name: "a slot is handed to who has left", file: "arena/queue.go",
		old: `if !w.state.CompareAndSwap(waiting, outcome) {`, new: `if w.state.Store(outcome); false {`},
	{name: "a slot that nobody took is lost", file: "arena/queue.go", plain: true,
		old: `	if n != 0 {
		a.depot.Put`, new: `	if n != 0 && shut {
		a.depot.Put`},
	{name: "who is served isn't woken", file: "arena/queue.go",
		old: `		w.parker.Wake()
`, new: ``},
	{name: "latest come, first served", file: "arena/queue.go", plain: true,
		old: `	if last := q.last.Get(); last != nil {
		last.next.Set(oldest)
	} else {
		q.first.Set(oldest)
	}
	q.last.Set(newest)
`, new: `	if q.last.Get() == nil {
		q.last.Set(newest)
	}
	newest.next.Set(q.first.Get())
	q.first.Set(oldest)
`},
	{name: "the queue's end is one that was unlinked", file: "arena/queue.go",
		old: `			if before.next.Set(next); next == nil {
				q.last.Set(before)
			}
`, new: `			before.next.Set(next)
`},
	{name: "the last one to go leaves the gate shut", file: "arena/queue.go",
		old: `		if v == waitersBit {
			v = 0
		}
`, new: ``},
	{name: "who has left stays linked", file: "arena/queue.go",
		old: `if gone == 0 || `, new: `if gone < waitersBit || `},
	{name: "who leaves takes no notice of a slot", file: "arena/waiter.go",
		old: `if !w.state.CompareAndSwap(waiting, left) {`, new: `if w.state.Store(left); false {`},
	{name: "who leaves doesn't ask to be unlinked", file: "arena/waiter.go",
		old: `	w.arena.dispatch() // to be unlinked, in time
`, new: ``},
	{name: "who leaves is counted afterwards", file: "arena/waiter.go",
		old: `	q.gone.Add(1) // before`, new: `	defer q.gone.Add(1) // before`},
	{name: "Shut is noted when all have been looked at", file: "arena/arena.go",
		old: `	a.shut.Store(true) // Pairs`, new: `	defer a.shut.Store(true) // Pairs`},
	{name: "new slots aren't for who waits", file: "arena/gate.go",
		old: `			a.dispatch() // the new slots are for who waits
`, new: ``},
}
