package main

// epochFaults are of what the invariants of epoch, I1 to I10, name.
var epochFaults = []*fault{
	{name: "an advance doesn't look at the readers", file: "epoch/domain.go",
		old: `	if d.inTheWay(e, used) {
		return e, true
	}
	// Publishes`, new: `	// Publishes`},
	{name: "an advance makes no barrier", file: "epoch/domain.go",
		old: `		barrier()
`, new: ``},
	{name: "the barrier comes after the look", file: "epoch/domain.go", run: "ExploreBarrierComes",
		old: `		barrier()
`, new: `		defer barrier()
`},
	{name: "an advance is a store", file: "epoch/domain.go", run: "ExploreTwoAdvance",
		old: `if !d.global.CompareAndSwap(e, e+1) {`, new: `if d.global.Store(e + 1); false {`},
	{name: "an advance looks at the readers before the epoch", file: "epoch/domain.go",
		old: `	e := d.global.Load()
	used := d.used.Load()
	if d.light`, new: `	e := d.global.Load()
	used := d.used.Load()
	if d.inTheWay(e, used) {
		return e, true
	}
	e = d.global.Load()
	if e > 0 {
		used = 0
	}
	if d.light`},
	{name: "one reader alone gets no barrier", file: "epoch/domain.go", run: "ExploreBarrierBehind",
		old: `if d.light && used > 0 {`, new: `if d.light && used > 1 {`},
	{name: "the look before the barrier is enough", file: "epoch/domain.go", run: "ExploreLookBehind",
		old: `		barrier()
	}
	if d.inTheWay(e, used) {`, new: `		barrier()
	}
	if !d.light && d.inTheWay(e, used) {`},
	{name: "a barrier though somebody is seen to be in the way", file: "epoch/domain.go", plain: true, run: "Barriers",
		old: `		if d.inTheWay(e, used) {
			return e, true
		}
		// Pairs`, new: `		// Pairs`},
	{name: "a pin of the last epoch is in nobody's way", file: "epoch/domain.go",
		old: `w&pinned != 0 && w>>1 != e {`, new: `w&pinned != 0 && w>>1 < e-1 {`},
	{name: "a grace period is one advance", file: "epoch/domain.go",
		old: `const gracePeriod = 2`, new: `const gracePeriod = 1`},
	{name: "freed one epoch early", file: "epoch/slot.go",
		old: `if e.epoch+grace > now {`, new: `if e.epoch+grace > now+1 {`},
	{name: "a ring takes one too many", file: "epoch/slot.go", plain: true,
		old: `if waiting >= uint64(n) {`, new: `if waiting > uint64(n) {`},
	{name: "the use of a ring isn't published", file: "epoch/slot.go",
		old: `	s.at(tail).Set(e)
	s.tail.Set(tail + 1)
	s.settle()
`, new: `	s.settle()
	s.at(tail).Set(e)
	s.tail.Set(tail + 1)
`},
	{name: "what is retired gets the reader's epoch", file: "epoch/retire.go",
		old: `	r := d.global.Load()
`, new: `	r := d.global.Load()
	if p.depth > 0 {
		r = s.word.Load() >> 1
	}
`},
	{name: "two reclaim functions in one place", file: "epoch/retire.go", run: "ExploreReclaimers",
		old: `if d.known.CompareAndSwap(n, n+1) {`, new: `if d.known.Store(n + 1); true {`},
	{name: "a portable pin is no barrier", file: "epoch/pin.go",
		old: `storeFull(&p.s.word, w)`, new: `storeRelease(&p.s.word, w)`},
	{name: "a light pin has no store", file: "epoch/pin.go", run: "ExploreLight",
		old: `		storePinned(&p.s.word, w)
`, new: `		_ = w
`},
	{name: "a light section ends where it begins", file: "epoch/pin.go", run: "ExploreLight",
		old: `storePinned(&p.s.word, w)`, new: `storePinned(&p.s.word, w&^pinned)`},
	{name: "pins are light though the domain isn't", file: "epoch/participant.go", plain: true, run: "Pinning",
		old: `light: d.light, id`, new: `light: true, id`},
	{name: "who has unregistered still pins", file: "epoch/participant.go", plain: true, run: "Unregister|Register",
		old: `	p.s, p.light = nil, false
`, new: `	p.s = nil
`},
	{name: "pins are light though the system refuses", file: "epoch/barrier_linux.go", plain: true, run: "Pinning",
		old: `return membarrier(registerPrivateExpedited) == nil }`, new: `_ = membarrier(registerPrivateExpedited); return true }`},
	{name: "a pin says the epoch before", file: "epoch/pin.go",
		old: `w := p.d.global.Load()<<1 | pinned`, new: `w := (p.d.global.Load()-1)<<1 | pinned`},
	{name: "the inner Unpin ends the section", file: "epoch/pin.go", plain: true,
		old: `	if p.depth != 1 {
		if p.depth == 0 {
			panic(ErrNotPinned)
		}
		p.depth--
		return
	}
`, new: `	if p.depth == 0 {
		panic(ErrNotPinned)
	}
	if p.depth--; p.depth > 0 {
		storeRelease(&p.s.word, 0)
		return
	}
`},
	{name: "an orphan is counted afterwards", file: "epoch/participant.go",
		old: `		d.orphans.Add(1) // I8: before
`, new: `		defer d.orphans.Add(1)
`},
	{name: "a slot is released without a count", file: "epoch/participant.go",
		old: `	d.released.Add(1) // I9: after
`, new: ``},
	{name: "a slot is owned by a store", file: "epoch/participant.go",
		old: `if !d.slots[i].state.CompareAndSwap(from, slotOwned) {`, new: `if d.slots[i].state.Store(slotOwned); from > slotSweeping {`},
	{name: "a newcomer isn't looked at", file: "epoch/participant.go",
		old: `if u >= n || d.used`, new: `if u >= 1 || d.used`},
	{name: "the slots in use become fewer", file: "epoch/participant.go", run: "ExploreUsedOnlyRises",
		old: `if u >= n || d.used.CompareAndSwap(u, n) {`, new: `if u >= n || func() bool { d.used.Store(n); return true }() {`},
	{name: "a slot with garbage is free", file: "epoch/participant.go", plain: true,
		old: `	if s.empty() {
`, new: `	if s.empty() || true {
`},
	{name: "a forgotten section stays open", file: "epoch/participant.go",
		old: `	s.word.Store(0)
`, new: ``},
	{name: "two sweep a slot", file: "epoch/collect.go",
		old: `if !s.state.CompareAndSwap(slotOrphan, slotSweeping) {`, new: `if s.state.Store(slotSweeping); false {`},
	{name: "a swept slot is free with what is left in it", file: "epoch/collect.go",
		old: `		s.state.Store(slotOrphan)
		return`, new: `		s.state.Store(slotFree)
		return`},
	{name: "who has no garbage doesn't look for orphans", file: "epoch/collect.go", plain: true,
		old: `if p.s.pending.Load() == 0 && p.d.orphans.Load() == 0 {`, new: `if p.s.pending.Load() == 0 {`},
	{name: "Synchronize waits for one advance", file: "epoch/grace.go",
		old: `target := at + d.grace`, new: `target := at + 1`},
	{name: "Barrier leaves the last one", file: "epoch/grace.go",
		old: `if s.head.Get() >= until {`, new: `if s.head.Get()+1 >= until {`},
	{name: "a stamp elapses one epoch early", file: "epoch/stamp.go",
		old: `now-stamp >= d.grace`, new: `now-stamp+1 >= d.grace`},
	{name: "two look for stalls", file: "epoch/stall.go",
		old: `if !x.busy.CompareAndSwap(0, 1) {`, new: `if x.busy.Store(1); false {`},
	{name: "a stall is told of again and again", file: "epoch/stall.go", plain: true,
		old: `			seen.told.Set(true)
`, new: `			seen.told.Set(false)
`},
}
