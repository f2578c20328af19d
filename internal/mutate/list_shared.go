package main

// sharedFaults are of what the invariants of runtime/sharedtimeline, H1 to H8, name.
var sharedFaults = []*fault{
	{name: "a sleeper looks before it wishes", file: "runtime/sharedtimeline/wait.go",
		old: `		turn := m.line.prepare(n)
		// Between the wish and the sleep. Pairs with: the CAS in raise.
		if done, err := m.reached(ctx, n); done {
			return err
		}
`, new: `		if done, err := m.reached(ctx, n); done {
			return err
		}
		turn := m.line.prepare(n)
`},
	{name: "a sleeper reads the turn behind its wish", file: "runtime/sharedtimeline/line.go",
		old: `	turn = l.h.turn.Load() // before the wish is seen, and so before it can be taken away (H2). Pairs with: the Add in rouse
	l.announce(n)
	return turn
`, new: `	l.announce(n)
	return l.h.turn.Load()
`},
	{name: "the turn stays", file: "runtime/sharedtimeline/line.go",
		old: `	l.h.turn.Add(1) // pairs`, new: `	// pairs`},
	{name: "the turn is raised behind the wake-up", file: "runtime/sharedtimeline/line.go",
		old: `	l.h.turn.Add(1) // pairs`, new: `	defer l.h.turn.Add(1) // pairs`},
	{name: "wishes are never taken away", file: "runtime/sharedtimeline/line.go", plain: true, run: "TestWakeOnlyWhoIsDue",
		old: `	l.h.wanted.Swap(nobody) // all are`, new: `	// all are`},
	{name: "a wish hides a lower one", file: "runtime/sharedtimeline/line.go",
		old: `w <= n || l.h.wanted`, new: `w == n || l.h.wanted`},
	{name: "who wishes for what another wishes for says nothing", file: "runtime/sharedtimeline/line.go",
		old: `w <= n || l.h.wanted`, new: `w != nobody || l.h.wanted`},
	{name: "nobody is due at his own point", file: "runtime/sharedtimeline/line.go",
		old: `l.h.wanted.Load() > v {`, new: `l.h.wanted.Load() >= v {`},
	{name: "the value is looked at before what was seen", file: "runtime/sharedtimeline/line.go",
		old: `		seen := l.seen.Load()
		v := l.h.value.Load() // pairs`, new: `		v := l.h.value.Load()
		seen := l.seen.Load() // pairs`},
	{name: "an advance is a store", file: "runtime/sharedtimeline/line.go",
		old: `if l.h.value.CompareAndSwap(v, n) {`, new: `if l.h.value.Store(n); true {`},
	{name: "an advance is a store that may come late", file: "runtime/sharedtimeline/line.go", run: "TestExploreSleepAgainstAdvance",
		old: `if l.h.value.CompareAndSwap(v, n) {`, new: `if atomicx.StoreRelease64(&l.h.value, n); true {`},
	{name: "who comes to write wakes nobody", file: "runtime/sharedtimeline/writer.go",
		old: `	h.wanted.Swap(nobody) // whoever has a wish is roused
	return l.rouse()
`, new: `	h.wanted.Swap(nobody)
	return nil
`},
	{name: "numbers begin behind the value", file: "runtime/sharedtimeline/writer.go", plain: true, run: "TestOneWriter",
		old: `w.numbers.Store(max(v, issued))`, new: `w.numbers.Store(v)`},
	{name: "a number isn't written down", file: "runtime/sharedtimeline/writer.go",
		old: `err = w.m.touch(func() error { return w.record(last + count) })`, new: `err = nil`},
	{name: "a number is written over a higher one", file: "runtime/sharedtimeline/writer.go",
		old: `case issued >= n: //`, new: `case issued == n: //`},
	{name: "nobody takes the lock", file: "runtime/sharedtimeline/writer.go", plain: true, run: "TestOneWriter",
		old: `err := lock(m.file)`, new: `var err error`},
	{name: "garbage is a value", file: "runtime/sharedtimeline/line.go", plain: true, run: "TestWhatIsNotShared",
		old: `case v > fencert.MaxPoint:`, new: `case v == nobody-1:`},
	{name: "the value may go back", file: "runtime/sharedtimeline/line.go", plain: true, run: "TestHostile|TestCut",
		old: `case v < seen:`, new: `case v < seen && v == nobody:`},
	{name: "a fault is a signal", file: "runtime/sharedtimeline/guard.go", plain: true, run: "TestCut",
		old: `}(debug.SetPanicOnFault(true))`, new: `}(debug.SetPanicOnFault(false))`},
	{name: "any panic is a fault", file: "runtime/sharedtimeline/guard.go", plain: true, run: "TestGuard",
		old: `	panic(p)
`, new: `	return ErrTruncated
`},
	{name: "nobody looks at the header again", file: "runtime/sharedtimeline/mapping.go", plain: true, run: "TestHeaderChanges",
		old: `if !m.line.h.sound() {`, new: `if false {`},
	{name: "nobody looks at the size again", file: "runtime/sharedtimeline/mapping.go", plain: true, run: "TestCut",
		old: `s.Size() < FileBytes {`, new: `s.Size() < 0 {`},
	{name: "a short file is mapped", file: "runtime/sharedtimeline/format.go", plain: true, run: "TestWhatIsNotShared",
		old: `	if len(b) < FileBytes {`, new: `	if len(b) < 24 {`},
	{name: "sleep has no end", file: "runtime/sharedtimeline/wait.go", plain: true, run: "TestNobodyComes",
		old: `again      = 50 * time.Millisecond`, new: `again      = time.Hour`},
	{name: "memory goes with Close", file: "runtime/sharedtimeline/mapping.go", plain: true,
		old: `	_ = unlock(m.file)
	err := m.file.Close()
`, new: `	_ = unlock(m.file)
	unmap(m.bytes)
	err := m.file.Close()
`},
}
