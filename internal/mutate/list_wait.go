package main

// waitFaults are of what the other invariants of runtime name: waits, contexts, tables, shared places, timelines.
var waitFaults = []*fault{
	{name: "the last fence wakes nobody", file: "runtime/waiter_wake.go", run: "ExploreWaitAgainst",
		old: `case v&parked != 0 && fired(v) == need:`, new: `case v&parked != 0 && fired(v) > need:`},
	{name: "a record is used after a Local gave it up", file: "runtime/waiter_wake.go", run: "ExploreWaitsAgain",
		old: `			l.channel = w // with what take has made of it; the closed channel stays until the next one
			continue
		}
		w.fire()
`, new: `			l.channel = w
			continue
		}
		w.fire()
		arg = link.Get()
`},
	{name: "a record is used after it was given up", file: "runtime/waiter_wake.go", run: "ExploreWaitsAgain",
		old: `		arg = link.Get() // w may be another's right after fire
		w.fire()
`, new: `		w.fire()
		arg = link.Get()
`},
	{name: "a record that its goroutine has left stays", file: "runtime/waiter_wake.go", run: "ExploreTimeoutAgainstSignal|ExploreLeaving",
		old: `	case references(v) == 0: // the goroutine has left
		w.pass()
		w.put()
`, new: ``},
	{name: "who has left takes its chunk along", file: "runtime/waiter.go", run: "ExploreChunkAgainstLeaving",
		old: `		w.pass()
		w.put()
	}
}`, new: `		w.put()
	}
}`},
	{name: "who has left is woken without its chunk", file: "runtime/waiter_wake.go", run: "ExploreChunkAgainstLeaving",
		old: `	case references(v) == 0: // the goroutine has left
		w.pass()
`, new: `	case references(v) == 0: // the goroutine has left
`},
	{name: "parking doesn't look again", file: "runtime/wait_park.go", run: "ExploreWaitAgainst|ExploreTimeoutAgainst",
		old: `		if w.state.CompareAndSwap(v, v|parked) {`, new: `		if w.state.Store(v | parked); true {`},
	{name: "the token of a wake-up is left", file: "runtime/wait_park.go", run: "ExploreTimeoutAgainst|ExploreWaitA",
		old: `			w.parker.Park(nil, nil) // the token that is left would wake the record's next owner
`, new: ``},
	{name: "a wait gives its record up under the signaler", file: "runtime/wait.go", run: "ExploreTimeoutAgainstSignal",
		old: `	if canceled {
		w.put()
		return e.cause()`, new: `	if canceled || e.can() {
		w.put()
		return e.cause()`},
	{name: "a canceled wait wins over the signal", file: "runtime/wait.go", plain: true, run: "Wait",
		old: `	if f.Signaled() { // and its callbacks run
		return rt.poll(e, f)
	}
	if e.over() {
		return e.cause()
	}
`, new: `	if e.over() {
		return e.cause()
	}
	if f.Signaled() { // and its callbacks run
		return rt.poll(e, f)
	}
`},
	{name: "a wait for all forgets what it missed", file: "runtime/wait_group.go", plain: true, run: "WaitAll",
		old: `		change += missing * oneFired
`, new: ``},
	{name: "a group leaves without its references", file: "runtime/wait_group.go", run: "ExploreWaitAnyLeavingAgainstSignal|ExploreWaitAnyAgainst",
		old: `	g.lead.drop(canceled + 1)`, new: `	g.lead.drop(1)`},
	{name: "WaitAny takes the highest", file: "runtime/wait_group.go", plain: true, run: "WaitAny",
		old: `for i := len(fences) - 1; i >= 0; i-- {`, new: `for i := range fences {`},
	{name: "EnableSignaling is called twice", file: "runtime/enable.go", run: "ExploreEnableSignaling",
		old: `!e.enabled.CompareAndSwap(life, life|enabledBit) {`, new: `func() bool { e.enabled.Store(life | enabledBit); return false }() {`},
	{name: "a hook's false doesn't signal", file: "runtime/enable.go", run: "ExploreEnableSignalingFindsItDone",
		old: `	if !pending {
		_ =`, new: `	if n == 0 {
		_ =`},
	{name: "a sooner deadline isn't passed on", file: "runtime/deadline.go", run: "ExploreDeadlines",
		old: `	return e.deadline.CompareAndSwap(d, d&^telling)`, new: `	e.deadline.Store(e.deadline.Load() &^ telling)
	return true`},
	{name: "two pass deadlines on", file: "runtime/deadline.go", run: "ExploreDeadlines",
		old: `return old&telling == 0`, new: `return true`},
	{name: "two timestamps for one signal", file: "runtime/timestamp.go", run: "ExploreTimestamp",
		old: `if s.CompareAndSwap(wanted, now) {`, new: `if s.Store(now); true {`},
	{name: "a timestamp of another life", file: "runtime/timestamp.go", run: "ExploreTimestamp",
		old: `	case f.word.Load()&lifeMask != f.life():
		return time.Time{}, ErrStale
	case stamp`, new: `	case stamp`},
	{name: "Close of a context looks before it closes", file: "runtime/context_close.go", run: "ExploreArmAgainstContextClose",
		old: `	c.setMode(modeClosed)
`, new: `	defer c.setMode(modeClosed)
`},
	{name: "Close of a context doesn't empty store buffers", file: "runtime/context_close.go", run: "ContextClose",
		old: `	drainStores()
`, new: ``},
	{name: "two close a context", file: "runtime/context_close.go", run: "ExploreContextCloseTwice",
		old: `if !c.ended.result.CompareAndSwap(nil, &result) {`, new: `if c.ended.result.Store(&result); false {`},
	{name: "two close a runtime", file: "runtime/close.go", run: "ExploreCloseTwice",
		old: `if rt.closed.Swap(true) {`, new: `if c := rt.closed.Load(); func() bool { rt.closed.Store(true); return c }() {`},
	{name: "what is armed during Close stays pending", file: "runtime/close.go", run: "ExploreArmAgainstClose",
		old: `for b := w.Load(); b&closedBit == 0; b = w.Load() {`, new: `for b := w.Load(); b == 0; b = w.Load() {`},
	{name: "Close finds another life's seqno", file: "runtime/close.go", run: "ExploreArmAgainst|ExploreFinishAgainst",
		old: `b&lifeMask == o&lifeMask && o&^lifeMask != 0`, new: `b != 0 && o&^lifeMask != 0`},
	{name: "the stamp is taken before the life ends", file: "runtime/retired.go", run: "ExploreEndOfLifeAgainstEpoch|ExplorePinnedReader",
		old: `	rt.words[n].Store(arena.Next(closed))
	atomicx.StoreRelease64(&e.unlinked, rt.domain.Stamp()) // ours until the push below
`, new: `	atomicx.StoreRelease64(&e.unlinked, rt.domain.Stamp()) // ours until the push below
	rt.words[n].Store(arena.Next(closed))
`},
	{name: "user data ends its life by a release store", file: "runtime/retired.go", run: "ExploreEndOfLifeBehind",
		old: `	rt.words[n].Store(arena.Next(closed))
`, new: `	atomicx.StoreRelease64(&rt.words[n], arena.Next(closed))
`},
	{name: "user data is dropped at once", file: "runtime/retired.go", run: "ExplorePinnedReader",
		old: `if g.over(rt.extra(n).unlinked.Load()) {`, new: `if g.over(0) {`},
	{name: "retired slots are pushed by a store", file: "runtime/retired.go", run: "ExploreTwoRetire|ExploreRetire|ExploreSort",
		old: `if u.newest.CompareAndSwap(top, first) {`, new: `if u.newest.Store(first); true {`},
	{name: "what isn't due yet is forgotten", file: "runtime/retired.go", plain: true, run: "Table|Drop",
		old: `	u.push(rt.arena, first, last)
}`, new: `	_ = last
}`},
	{name: "an entry is dropped twice", file: "runtime/table.go", plain: true, run: "Table",
		old: `	atomicx.StoreRelease64(&e.life, 0)
	defer`, new: `	defer`},
	{name: "Get doesn't look whether the life has ended", file: "runtime/table.go", plain: true, run: "Get",
		old: `if n == 0 || f.word.Load()&lifeMask != f.life() {`, new: `if n == 0 {`},
	{name: "a shared place says stale when it was replaced", file: "runtime/shared.go", run: "ExploreSharedHold",
		old: `if s.ref.Load() == uint64(r) {`, new: `if r != 0 {`},
	{name: "a shared place is compared, then stored to", file: "runtime/shared.go", run: "ExploreShared",
		old: `if s.ref.CompareAndSwap(uint64(s.refOf(old)), uint64(r)) {`, new: `if s.ref.Store(uint64(r)); true {`},
	{name: "a shared place doesn't hold", file: "runtime/shared.go", run: "ExploreSharedFinishInPlace|ExploreSharedHold",
		old: `	giveUp(l, old)
	return nil`, new: `	giveUp(l, old)
	giveUp(l, Hold{fence: f, runtime: s.runtime.Load()})
	return nil`},
	{name: "a name is published after Close has looked", file: "runtime/publish.go", run: "ExplorePublishAgainstClose",
		old: `	if rt.closed.Load() {
		if r.remove(e)`, new: `	if e == nil {
		if r.remove(e)`},
	{name: "two unpublish a name", file: "runtime/publish.go", run: "ExplorePublish",
		old: `if !e.gone.CompareAndSwap(false, true) {`, new: `if e.gone.Store(true); false {`},
	{name: "a newer entry is taken out", file: "runtime/publish.go", run: "ExplorePublish",
		old: `return present, !loaded || present == e`, new: `return present, true`},
	{name: "a number comes back after it was unpublished", file: "runtime/publish.go", run: "ExplorePublish",
		old: `	if e.gone.Load() {
		r.byNumber.Delete(e.number)
	}
`, new: ``},
	{name: "a timeline is closed before its cause is known", file: "runtime/timeline_close.go", run: "ExploreCloseOfTimeline",
		old: `	first := t.cause.CompareAndSwap(nil, &cause)
	if w := t.window.Load(); w != nil { // after the cause (K6)
		w.close()
	}
	l.enter()
	_, due := l.owner().CloseWheel(&t.wheel, 1)
	l.leave()
`, new: `	l.enter()
	_, due := l.owner().CloseWheel(&t.wheel, 1)
	l.leave()
	first := t.cause.CompareAndSwap(nil, &cause)
`},
	{name: "an Advance delivers to nobody", file: "runtime/timeline_advance.go", run: "ExploreAdvanceAgainstAdd",
		old: `	l.comeDue(t, n)
	return nil
}

// Advance`, new: `	return nil
}

// Advance`},
	{name: "a timeline's callbacks wake nobody", file: "runtime/timeline_deliver.go", run: "ExploreWaitAgainstAdvance",
		old: `	(*l.runtime.handlers.Load())[c.Handler](l, c.Arg, t.result(c.Point))
	if !l.points.EndOne(&t.wheel) {
		l.deliverRest(t)
	}
	l.depth--
	l.returned = true
	return f.wake|uint64(l.puttingOff) != 0`, new: `	(*l.runtime.handlers.Load())[c.Handler](l, c.Arg, t.result(c.Point))
	if !l.points.EndOne(&t.wheel) {
		l.deliverRest(t)
	}
	l.depth--
	l.returned = true
	return uint64(l.puttingOff) != 0`},
	{name: "what came meanwhile isn't delivered", file: "runtime/timeline_deliver.go", run: "ExploreAdvanceAgainstAdd|ExploreFlush",
		old: `	if !l.points.EndOne(&t.wheel) {
		l.deliverRest(t)
	}
`, new: `	_ = l.points.EndOne(&t.wheel)
`},
}
