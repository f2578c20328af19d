package peers

// patience is how many turns one goroutine takes at most for others in one call.
const patience = 64

// settle sees to it that what was just counted at index is looked at, by this goroutine or by the owner, and calls advance with
// each place that until has moved to. It does nothing when the index isn't what holds until back.
func (w *window) settle(index uint64, advance func(until uint64)) {
	// Pairs with: the store of stop in pass (P5).
	if index <= w.stop.Load() {
		w.look(advance)
	}
}

// look takes turns until nobody asks for another.
func (w *window) look(advance func(uint64)) {
	for range patience {
		if !w.takeTurn(advance) {
			return
		}
	}
	go w.look(advance) // somebody asked again: let the caller go
}

// takeTurn becomes the owner, or asks who is, and does one turn. True: somebody asked meanwhile, and another turn is due.
func (w *window) takeTurn(advance func(uint64)) (again bool) {
	if !w.own() {
		return false
	}
	before := w.until.Load()
	until := w.pass(before)
	// Publishes: the places and until to the next owner. Pairs with: the CAS in own, which either comes before it and is seen
	// here, or finds idle.
	again = w.turn.Swap(idle) == asked
	if until > before {
		ended := false
		defer func() {
			if !ended && again {
				w.look(advance) // a callback has panicked, and who asked has gone
			}
		}()
		advance(until)
		ended = true
	}
	return again
}

// own makes the caller the owner, or asks the owner for another turn.
func (w *window) own() bool {
	for {
		switch turn := w.turn.Load(); turn {
		case idle:
			// Claims: what only the owner writes. Pairs with: the Swap in takeTurn.
			// ABA: the states carry nothing. Progress: a failed CAS means that another one owns.
			if w.turn.CompareAndSwap(idle, owned) {
				return true
			}
		case owned:
			// Publishes: that something was counted. Pairs with: the Swap in takeTurn.
			// Progress: a failed CAS means that another one asked, or that the owner's turn has ended.
			if w.turn.CompareAndSwap(owned, asked) {
				return false
			}
		default:
			return false // the owner hasn't ended its turn: it will look again
		}
	}
}

// pass moves until as far as all is done, and returns it. It ends with a look at everything that comes after the last store of
// stop and finds the same index open (P5). Callers: the owner.
func (w *window) pass(until uint64) uint64 {
	for {
		// What begins after these two loads isn't passed in this look (P2).
		last, beyond := w.last.Load(), w.far.last.Load()
		floor := w.floor.Load()
		counts := uint64(0) // the first index of which it matters what was counted
		if floor > until {
			counts = floor + 1
		}
		done, open := w.scan(until, last, counts)
		if open == none && w.far.indices.Load() > 0 {
			var further uint64
			further, open = w.passFar(beyond, counts)
			done = max(done, further)
		}
		switch to := max(done, floor); {
		case to > until:
			until = to
			// Publishes: that the places below are empty, and where the window ends. Pairs with: the loads in count and countFar.
			w.until.Store(until)
			w.moveIn()
		case w.stop.Load() != open:
			// Publishes: which index has to be done for there to be a next turn. Pairs with: the load in settle.
			w.stop.Store(open)
		default:
			return until
		}
	}
}

// scan empties the places of what is done, from until to last. It returns the last index of these, 0 when there is none, and
// the first that is open.
func (w *window) scan(until, last, counts uint64) (done, open uint64) {
	for index := until; index <= last && index-until <= w.mask; index++ {
		p := w.place(index)
		for {
			old := p.Load()
			if old == 0 {
				break // a gap
			}
			if tally(old).open() && index >= counts {
				return done, index
			}
			// Claims: the place for the index that comes here next (P3). Pairs with: the CAS in add: who begins this index before
			// until has passed it is seen here, who begins it after that sees until.
			// ABA: a tally that went and came back is done all the same. Progress: a failed CAS means that somebody counted.
			if p.CompareAndSwap(old, 0) {
				done = index
				break
			}
		}
	}
	return done, none
}
