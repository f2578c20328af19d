package main

// windowFaults are of what runtime's K1 to K5, F1 to F3, N1 and N2 name: commit windows, sources, writes at a signal.
var windowFaults = []*fault{
	{name: "a number is issued by a store", file: "runtime/window_issue.go", run: "ExploreIssueAtTheEdge",
		old: `if w.issued.CompareAndSwap(n, n+1) {`, new: `if w.issued.Store(n + 1); true {`},
	{name: "one number too many is issued", file: "runtime/window_issue.go", plain: true, run: "CommitWindow",
		old: `case n >= v+w.size:`, new: `case n > v+w.size:`},
	{name: "the value is read before what is issued", file: "runtime/window_issue.go", run: "ExploreIssueAtTheEdge|ExploreLinearWindow",
		old: `		n := w.issued.Load()
		// Pairs with: the CAS of the value by who has seen that there is room. In this order (K1).
		switch v := w.timeline.wheel.Word().Load(); {`, new: `		v := w.timeline.wheel.Word().Load()
		n := w.issued.Load()
		switch {`},
	{name: "a closed timeline issues", file: "runtime/window_issue.go", plain: true, run: "CommitWindow",
		old: `		case v > MaxPoint:
			return 0, *w.timeline.cause.Load() // set before the closed bit (P3)
		case n`, new: `		case n`},
	{name: "who waits for room waits for one point too many", file: "runtime/window_issue.go", plain: true, run: "IssueWaits",
		old: `w.issued.Load()-w.size+1)`, new: `w.issued.Load()-w.size+2)`},
	{name: "a number is completed by a store", file: "runtime/window_complete.go", run: "ExploreCompleteTwice",
		old: `if c.CompareAndSwap(before, n) {`, new: `if c.Store(n); true {`},
	{name: "a completer doesn't look whether it was issued", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `		case w.issued.Load() < n:
			return ErrNotIssued
`, new: ``},
	{name: "a completer doesn't look whether it is complete", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `		case before >= n:
			return ErrSignaled // by another call, or it is passed and the cell a later number's (K2)
`, new: ``},
	{name: "a completer doesn't look at the value", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `		case v&MaxPoint >= n:
			return ErrSignaled
`, new: ``},
	{name: "a completer looks at the value first", file: "runtime/window_complete.go", run: "ExploreMovers|ExploreCompletersClose|ExploreLinearWindow",
		old: `	if err := w.complete(n); err != nil {
		return err
	}
	if n := w.move();`, new: `	ahead := w.timeline.Value() < n-1
	if err := w.complete(n); err != nil || ahead {
		return err
	}
	if n := w.move();`},
	{name: "a completer looks for its own number only", file: "runtime/window_complete.go", run: "ExploreMovers|ExploreCompletersClose",
		old: `	if n := w.move(); n != 0 && !`, new: `	if w.timeline.Value() != n-1 {
		return nil
	}
	if n := w.move(); n != 0 && !`},
	{name: "a look ends at a cell of the next lap", file: "runtime/window_complete.go", run: "ExploreALapAhead",
		old: `return n, c < n+1`, new: `return n, c < n+1 || n >= v`},
	{name: "the value moves one beyond what is complete", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `	for n = v; ; n++ {`, new: `	for n = v + 1; ; n++ {`},
	{name: "only one number at a time is passed", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `		n, current := w.reach(v)
`, new: `		n, current := w.reach(v)
		n = min(n, v+1)
`},
	{name: "what lies in a cell counts for any number", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `c != n+1 {`, new: `c == 0 || n >= v+w.size {`},
	{name: "what comes due by a completion isn't delivered", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `	if n := w.move(); n != 0 && !`, new: `	if n := w.move(); n == 0 && !`},
	{name: "two numbers share a cell", file: "runtime/window.go", plain: true, run: "CommitWindow",
		old: `w.down = uint(width) - w.up`, new: `w.down = uint(width)`},

	{name: "the word is read before the value", file: "runtime/source.go", run: "ExploreTwoSync",
		old: `		v := value.Load()
		if v > MaxPoint {
			return 0, *s.timeline.cause.Load() // set before the closed bit (P3)
		}
		raw, n := s.read(v)`, new: `		raw, n := s.read(value.Load())
		v := value.Load()
		if v > MaxPoint {
			return 0, *s.timeline.cause.Load()
		}`},
	{name: "what looks like garbage isn't looked at again", file: "runtime/source.go", run: "ExploreTwoSync",
		old: `		case value.Load() != v: // F1, F2
			continue
`, new: ``},
	{name: "a jump by the bound is too far", file: "runtime/source.go", plain: true, run: "Source",
		old: `n-v <= s.bound:`, new: `n-v < s.bound:`},
	{name: "there is no bound", file: "runtime/source.go", plain: true, run: "Source",
		old: `case n > v && n <= MaxPoint && n-v <= s.bound:`, new: `case n > v && n <= MaxPoint:`},
	{name: "garbage beyond MaxPoint is not looked for", file: "runtime/source.go", plain: true, run: "Source",
		old: `case n > v && n <= MaxPoint && n-v <= s.bound:`, new: `case n > v && n-v <= s.bound|1<<63:`},
	{name: "a word of 32 bits doesn't wrap", file: "runtime/source.go", plain: true, run: "Source",
		old: `atomicseq.Extend32(v, low)`, new: `uint64(low) | atomicseq.Extend32(0, 0)`},
	{name: "garbage isn't counted", file: "runtime/source.go", plain: true, run: "Source",
		old: `		s.rejected.Add(1)
`, new: ``},
	{name: "a follower tells of the same garbage each time", file: "runtime/source_follow.go", plain: true, run: "Follow",
		old: `if f.OnReject == nil || f.told == err && f.raw == raw {`, new: `if f.OnReject == nil {`},
	{name: "a follower doesn't back off", file: "runtime/source_follow.go", plain: true, run: "Follow",
		old: `f.last = min(2*f.last, f.LastPause)`, new: `f.last = f.FirstPause`},
	{name: "a follower never begins anew", file: "runtime/source_follow.go", plain: true, run: "Follow",
		old: `		case moved:
			f.idle = 0
`, new: `		case moved:
`, harmless: "it looks less often, no more than once a millisecond by default: a matter of speed"},

	{name: "a misaligned word is taken", file: "runtime/address.go", plain: true, run: "SeqWriteRefuses|SourceRefuses",
		old: `if uintptr(unsafe.Pointer(address))%8 != 0 {`, new: `if uintptr(unsafe.Pointer(address))%4 != 0 {`},
	{name: "a misaligned narrow word is taken", file: "runtime/address.go", plain: true, run: "SeqWriteRefuses|SourceRefuses",
		old: `if uintptr(unsafe.Pointer(address))%4 != 0 {`, new: `if uintptr(unsafe.Pointer(address))%2 != 0 {`},
	{name: "who comes too late to attach doesn't write", file: "runtime/seqwrite.go", run: "ExploreAttachAgainst",
		old: `	if err != ErrSignaled {
		return SeqWrite{}, err
	}
	r.write()
	return SeqWrite{}, nil
}

// DetachWrite takes`, new: `	if err != ErrSignaled {
		return SeqWrite{}, err
	}
	return SeqWrite{}, nil
}

// DetachWrite takes`},
	{name: "a write to what is signaled waits", file: "runtime/seqwrite.go", plain: true, run: "SeqWrite",
		old: `	if f.Signaled() {
		r.write()
`, new: `	if f.Signaled() {
`},
	{name: "a place that was not used is lost", file: "runtime/seqwrite.go", plain: true, run: "SeqWrite",
		old: `	s.records[i].Set(seqRecord{}) // ours still
	l.putWrite(s, i)
`, new: `	s.records[i].Set(seqRecord{}) // ours still
`},
	{name: "the record is filled when the callback is there", file: "runtime/seqwrite.go", run: "ExploreAttachAgainst",
		old: `	s.records[i].Set(r)
	// Publishes`, new: `	defer s.records[i].Set(r)
	// Publishes`},
	{name: "whoever detaches has the record", file: "runtime/seqwrite.go", run: "ExploreDetachAgainst",
		old: `return w.of(l.runtime) && l.Cancel(w.ticket) && l.detached(w)`, new: `return w.of(l.runtime) && (l.Cancel(w.ticket) || true) && l.detached(w)`},
	{name: "a signaler that has freed its place looks at the record again", file: "runtime/seqwrite_table.go", run: "ExploreAttachTwo|ExploreAttachAgainst",
		old: `	l.putWrite(s, uint32(place))
	r.write()`, new: `	l.putWrite(s, uint32(place))
	r = c.Get()
	r.write()`},
	{name: "a record keeps its memory", file: "runtime/seqwrite_table.go", plain: true, run: "SeqWrite",
		old: `	r := c.Get() // ours (N1)
	c.Set(seqRecord{})
`, new: `	r := c.Get() // ours (N1)
`},
	{name: "a place of other writes is taken", file: "runtime/seqwrite_table.go", plain: true, run: "SeqWrite",
		old: `if p := &l.writes; p.of == s && p.n > 0 {`, new: `if p := &l.writes; p.n > 0 {`},
	{name: "spare places are lost with a Local", file: "runtime/local.go", plain: true, run: "SeqWrite",
		old: `	l.flushWrites()
`, new: ``},
}
