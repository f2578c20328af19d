package fencert

// The handlers of this package. Those of waiters run among the callbacks and wake nobody yet.
const (
	waitHandler  = iota // a wait for one fence
	groupHandler        // one of several fences
	doneHandler         // a channel
	funcHandler         // a closure
)

// ownTable is the beginning of the table of handlers.
func ownTable() []func(*Local, uint64, error) {
	return []func(*Local, uint64, error){
		waitHandler:  collectWaiter,
		groupHandler: func(l *Local, arg uint64, _ error) { l.collect(arg) },
		funcHandler:  callFunc,
		doneHandler:  func(l *Local, arg uint64, _ error) { l.collect(arg) },
	}
}

// collectWaiter gives the result to a wait for one fence, and puts it on the list; parked ones in chunks.
func collectWaiter(l *Local, arg uint64, result error) {
	w := &l.runtime.waiters.records[uint32(arg)]
	w.result.Set(result)
	// A guess: parked may be cleared any moment, but then fired decides who wakes the chunk.
	if w.state.Load()&parked == 0 {
		l.collect(arg)
		return
	}
	f := l.innermost()
	if f.wake == 0 || f.room == 0 {
		l.collect(arg)
		f.head, f.room = w.index, chunkSize-1
		return
	}
	head := &l.runtime.waiters.records[f.head]
	w.few[0].Set(head.chunk.Get())
	head.chunk.Set(arg)
	f.room--
}

// collect puts a waiter on the list of the innermost run.
func (l *Local) collect(arg uint64) {
	f := l.innermost()
	if f.wake == 0 {
		f.room = 0 // it is of an earlier run
	}
	_, link := l.runtime.waiters.at(arg)
	link.Set(f.wake)
	f.wake = arg
}

// wake is wakeAll by a Local, which keeps one record of a channel to itself.
func (l *Local) wake(arg uint64) {
	ws := &l.runtime.waiters
	for arg != 0 {
		w, link := ws.at(arg)
		arg = link.Get() // as below
		if l.channel == nil && w.need.Get() == 0 && len(ws.records) > keepPlaces {
			close(w.channel)
			l.channel = w // with what take has made of it; the closed channel stays until the next one
			continue
		}
		w.fire()
	}
}

// wakeAll wakes a list of waiters. The callbacks of their fence are done.
func (ws *waiters) wakeAll(arg uint64) {
	for arg != 0 {
		w, link := ws.at(arg)
		arg = link.Get() // w may be another's right after fire
		w.fire()
	}
}

// fire tells a waiter that one of its callbacks has come, and all others of that fence.
func (w *waiter) fire() {
	need := w.need.Get()
	if need == 0 {
		close(w.channel)
		w.put() // who adds the callback, or cancels it, has the record; nobody else knows it
		return
	}
	// Publishes: result, chunk, and what the signaler did. Gives a reference up. Pairs with: the load in done, the CAS in
	// park and unpark, the Add in drop (R8). ABA: none, it is a count. No loop.
	v := w.state.Add(oneFired - oneReference)
	switch {
	case v&parked != 0 && fired(v) == need:
		w.parker.Wake()
	case references(v) == 0: // the goroutine has left
		w.pass()
		w.put()
	}
}

// pass wakes the chunk that the waiter was given. Who has seen fired calls it once, or who finds the goroutine gone.
func (w *waiter) pass() {
	if chunk := w.chunk.Get(); chunk != 0 {
		w.home.wakeAll(chunk)
	}
}
