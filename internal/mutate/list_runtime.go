package main

// runtimeFaults are of what the invariants of runtime's fences name: signal, drop, hold, run, recycle.
var runtimeFaults = []*fault{
	{name: "Finish is a store", file: "runtime/signal.go", run: "ExploreCancelAgainstFinish|ExploreAddAgainstFinishAgainstHold",
		old: `if !w.CompareAndSwap(life, next) {`, new: `if w.Store(next); false {`},
	{name: "Signal is a store", file: "runtime/signal.go", run: "ExploreSignalTwice",
		old: `!w.CompareAndSwap(b, cbqueue.Close(b, c)|dropped) {`,
		new: `func() bool { w.Store(cbqueue.Close(b, c) | dropped); return false }() {`},
	{name: "a fence is signaled twice", file: "runtime/signal.go", plain: true, run: "Signal",
		old: `if b = w.Load(); !cbqueue.Open(b, life) {
			l.releaseCode(c)`, new: `if b = w.Load(); b&lifeMask != life {
			l.releaseCode(c)`},
	{name: "Drop is a store", file: "runtime/signal.go", run: "ExploreDropAgainst",
		old: `case w.CompareAndSwap(b, b|droppedBit):`, new: `case func() bool { w.Store(b | droppedBit); return true }():`},
	{name: "a life ends while its callbacks run", file: "runtime/signal.go", run: "ExploreDropWhileRunning",
		old: `if v&(droppedBit|cbqueue.Running|cbqueue.Sweeping) != droppedBit {`, new: `if v&(droppedBit|cbqueue.Sweeping) != droppedBit {`},
	{name: "a life ends while somebody sweeps", file: "runtime/signal.go", run: "ExploreSweepAgainst",
		old: `if v&(droppedBit|cbqueue.Running|cbqueue.Sweeping) != droppedBit {`, new: `if v&(droppedBit|cbqueue.Running) != droppedBit {`},
	{name: "a life ends although it is held", file: "runtime/signal.go", run: "ExploreFinishAgainstHold",
		old: `if v&heldBit == 0 || l.runtime.unhold(n, v&lifeMask) {`, new: `if l.runtime.unhold(n, v&lifeMask) || v != 0 {`},
	{name: "the result of who comes too late is kept", file: "runtime/signal.go", plain: true, run: "Result|Signal|Error",
		old: `			l.releaseCode(c)
			l.state = idle`, new: `			l.state = idle`},
	{name: "the end of a life leaves its generation", file: "runtime/signal.go", plain: true, run: "Stale",
		old: `next := arena.Next(v)`, new: `next := v & lifeMask`},
	{name: "a hold revives what all have given up", file: "runtime/hold.go", run: "ExploreFinishAgainstHold|ExploreDropAgainstHold",
		old: `case v&lifeMask > life || v == life:`, new: `case v&lifeMask > life:`},
	{name: "a hold is announced by a store", file: "runtime/hold.go", run: "AgainstHold",
		old: `if b&heldBit != 0 || w.CompareAndSwap(b, b|heldBit) {`, new: `if w.Store(b | heldBit); true {`},
	{name: "a hold doesn't announce itself", file: "runtime/hold.go", run: "AgainstHold",
		old: `if b&heldBit != 0 || w.CompareAndSwap(b, b|heldBit) {`, new: `if b != 0 {`},
	{name: "a hold doesn't look whether the life is about to end", file: "runtime/hold.go", run: "ExploreHoldAgainstTheEnd",
		old: `if b&lifeMask != life || b&(closedBit|droppedBit|heldBit) == closedBit|droppedBit {`, new: `if b&lifeMask != life {`},
	{name: "holds are counted by a store", file: "runtime/hold.go", run: "AgainstHold",
		old: `		if h.CompareAndSwap(v, next) {
			return true`, new: `		if h.Store(next); true {
			return true`},
	{name: "a release is a store", file: "runtime/hold.go", run: "AgainstRelease|ExploreShared",
		old: `		if h.CompareAndSwap(v, next) {
			return next == life`, new: `		if h.Store(next); true {
			return next == life`},
	{name: "the issuer gives up without a trace", file: "runtime/hold.go", run: "AgainstHold",
		old: `			next = life
		case v == life, v`, new: `			return true
		case v == life, v`},
	{name: "holds wrap", file: "runtime/hold.go", plain: true, run: "Hold",
		old: `		case v == life|maxHolds: // saturated for good
			return true
`, new: ``},
	{name: "a release too many isn't noticed", file: "runtime/hold.go", plain: true, run: "Hold|Release",
		old: ` || v == life|1 && b&droppedBit == 0 {`, new: ` || b == 0 {`},
	{name: "the end of the callbacks is a store", file: "runtime/run.go", run: "ExploreDropAgainstRun",
		old: `		if w.CompareAndSwap(b, v) {
			l.left(w, n, v)`, new: `		if w.Store(v); true {
			l.left(w, n, v)`},
	{name: "who ran doesn't look for a sweeper", file: "runtime/run.go", run: "ExploreSweepAgainst",
		old: `	if closed&(droppedBit|cbqueue.Sweeping) != droppedBit {
		if`, new: `	if closed&droppedBit == 0 {
		if`},
	{name: "a lone callback's fence ends under its holder", file: "runtime/run.go", run: "AgainstHold",
		old: `if closed&(droppedBit|heldBit|cbqueue.Sweeping) == droppedBit {`, new: `if closed&(droppedBit|cbqueue.Sweeping) == droppedBit {`},
	{name: "what is put off is forgotten", file: "runtime/run.go", plain: true, run: "Nest|Depth|Chain",
		old: `	l.puttingOff = 1
	l.leave()`, new: `	l.leave()`},
	{name: "a panic ends the run", file: "runtime/panic.go", plain: true, run: "Panic|Goexit",
		old: `	for !l.runGuarded(f, result, p) {
	}
`, new: ``},
	{name: "Seqno doesn't look at the life again", file: "runtime/fence.go", run: "ExploreSeqnoAgainstArm",
		old: ` || f.word.Load()&lifeMask != f.life() {
		return 0, 0`, new: ` {
		return 0, 0`},
	{name: "CallbacksDone while they run", file: "runtime/fence.go", run: "ExploreCallbacksDone",
		old: `(w&lifeMask != f.life() || !running(w))`, new: `(w&lifeMask != f.life() || w != 0)`},
	{name: "an error of the table is read without a hold", file: "runtime/result.go", run: "ExploreErrAgainstRecycling",
		old: `	if !rt.hold(f.word, i, f.life()) {
		return ErrStale
	}
	err := rt.results.decode(c)
	l.release(f.word, i, f.life())
`, new: `	err := rt.results.decode(c)
	_, _ = l, i
`},
	{name: "a stale ticket's fence isn't looked at", file: "runtime/arm.go", plain: true, run: "Unreserve|Reserve",
		old: `if owner.Load()&lifeMask >= r.ref.Life() || `, new: `if `},
	{name: "a reservation is armed twice", file: "runtime/arm.go", plain: true, run: "Arm",
		old: `if s.owner.Load()&lifeMask >= life {`, new: `if s.owner.Load()&lifeMask > life {`},
	{name: "NewFence doesn't look a second time whether the context is closed", file: "runtime/arm.go", run: "ExploreNewFenceAgainstContextClose",
		old: `	if c.quick.Load() != rt {
		return l.newFenceSpecial`, new: `	if c == nil {
		return l.newFenceSpecial`},
	{name: "Arm doesn't look whether the context is closed", file: "runtime/arm.go", run: "ExploreArmAgainstContextClose",
		old: `if c.mode.Load() != 0 {`, new: `if c.mode.Load() == modeSpecial {`},
	{name: "a callback's argument is another's", file: "runtime/callback.go", plain: true, run: "OnSignal",
		old: `l.nodes.Fill(i, node, arg, b)`, new: `l.nodes.Fill(i, node, uint64(i), b)`},
	{name: "an add that finds no callback doesn't look among the canceled ones", file: "runtime/callback.go", plain: true, run: "CanceledMakeRoom",
		old: `	if left := l.nodes.Sweep(f.word, &l.runtime.slots[n].anchor, f.life()); left != 0 {
		l.left(f.word, n, left)
	}
`, new: `	_ = n
`},
	{name: "what a Cancel has left isn't recycled", file: "runtime/callback.go", run: "ExploreSweepAgainst",
		old: `	if left != 0 {
		l.left(f.word, n, left)
	}
`, new: `	_ = left
`},
}
