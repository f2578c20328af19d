package main

// windowFaults are of what runtime's K1 to K6, F1 to F3, N1 and N2 name: commit windows, sources, writes at a signal.
var windowFaults = []*fault{
	{name: "a number is issued by a store", file: "runtime/window_issue.go", run: "ExploreIssueAtTheEdge",
		old: `w.issued.CompareAndSwap(n, n+1)`, new: `func() bool { w.issued.Store(n + 1); return true }()`},
	{name: "one number too many is issued", file: "runtime/window_issue.go", plain: true, run: "CommitWindow",
		old: `	case n >= v+w.size:
		return ErrExhausted`, new: `	case n > v+w.size:
		return ErrExhausted`},
	{name: "there is room for one number too many", file: "runtime/window_issue.go", plain: true, run: "CommitWindow",
		old: `min(v+w.size, MaxPoint))
		return nil`, new: `min(v+w.size+1, MaxPoint))
		return nil`},
	{name: "room is raised by a store", file: "runtime/window_issue.go", run: "ExploreIssueAgainstClose",
		old: `w.room.CompareAndSwap(room, min(`, new: `w.room.Store(min(`},
	{name: "who waits for room waits for one point too many", file: "runtime/window_issue.go", plain: true, run: "IssueWaits",
		old: `w.issued.Load()-w.size+1)`, new: `w.issued.Load()-w.size+2)`},
	{name: "a number is completed by a store", file: "runtime/window_complete.go", run: "ExploreCompleteTwice",
		old: `if word.CompareAndSwap(before, after) {`, new: `if word.Store(after); true {`},
	{name: "a completer doesn't look whether it was issued", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `	if i < n {
		return ErrNotIssued
	}
`, new: ``},
	{name: "what is known is raised by a store", file: "runtime/window_complete.go", run: "ExploreWindowAgainstClose|ExploreLearning|ExploreLinearWindow",
		old: `w.known.CompareAndSwap(k, i+1)`, new: `w.known.Store(i + 1)`},
	{name: "a completer doesn't look whether it is complete", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `		case before == after:
			return 0, ErrSignaled
`, new: ``},
	{name: "an earlier lap replaces a later one", file: "runtime/window_complete.go", run: "ExploreALapLate",
		old: `			if int64(before-lap) > 0 {
				return 0, ErrSignaled // by another call, for it is passed
			}
`, new: ``},
	{name: "a number far below is taken for one that is open", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `for w.known.Load()-1-n >= w.size {`, new: `for k := w.known.Load(); k == 0 || k <= n; k = w.known.Load() {`,
		harmless: "its lap tells, but for one 2^48 laps ago, which takes days to come to"},
	{name: "a completer looks at the value first", file: "runtime/window_complete.go", run: "ExploreMovers|ExploreCompletersClose|ExploreLinearWindow",
		old: `		if word.CompareAndSwap(before, after) {
`, new: `		ahead := w.timeline.Value() < n-1
		if word.CompareAndSwap(before, after) {
			if ahead {
				return 0, nil
			}
`},
	{name: "a completer looks at the block before first", file: "runtime/window_complete.go", run: "ExploreMovers|ExploreCompletersClose|ExploreLinearWindow",
		old: `		if word.CompareAndSwap(before, after) {
`, new: `		gap := int64(w.word(block-1).Load()-w.lap(block-1)) < int64(blockMask)
		if word.CompareAndSwap(before, after) {
			if gap {
				return 0, nil
			}
`},
	{name: "a completer looks for its own number only", file: "runtime/window_complete.go", run: "ExploreMovers|ExploreCompletersClose",
		old: `	case int64(w.word(block-1).Load()-w.lap(block-1)) < int64(blockMask):
`, new: `	default:
`},
	{name: "a gap below in the block isn't seen", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `if (after+1)&(bit-1) != 0 {`, new: `if after&(bit-1) == 0 {`},
	{name: "a look ends at a word of the next lap", file: "runtime/window_complete.go", run: "ExploreALapAheadOfALook",
		old: `return n, int64(word-lap) < 0`, new: `return n, true`},
	{name: "the value moves one beyond what is complete", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `n = block<<blockBits + run - 1;`, new: `n = block<<blockBits + run;`},
	{name: "a look goes one beyond what is complete", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `		n += run
`, new: `		n += run + 1
`},
	{name: "only one number at a time is passed", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `		n, current := w.reach(v)
`, new: `		n, current := w.reach(v)
		n = min(n, v+1)
`},
	{name: "a lap counts as numbers", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `^(word & blockMask >> at)`, new: `^(word >> at)`},
	{name: "a full block counts as all", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `		if run < blockSize {
`, new: `		if true {
`},
	{name: "what comes due by a completion isn't delivered", file: "runtime/window_complete.go", plain: true, run: "CommitWindow",
		old: `	if n != 0 && !`, new: `	if n == 0 && !`},
	{name: "two laps share a word", file: "runtime/window.go", plain: true, run: "CommitWindow",
		old: `count := max(2, 2*w.size>>blockBits)`, new: `count := max(2, w.size>>blockBits)`},
	{name: "what was passed is open in a new window", file: "runtime/window.go", plain: true, run: "CommitWindow",
		old: `			word = block>>w.lapShift<<blockSize | 1<<((v+1)%blockSize) - 1`, new: `			word = block >> w.lapShift << blockSize`},
	{name: "a timeline has two windows", file: "runtime/window.go", run: "ExploreTwoWindows",
		old: `if !t.window.CompareAndSwap(nil, w) {`, new: `if t.window.Load() != nil || t.window.Swap(w) == w {`},
	{name: "a new window doesn't look for a cause", file: "runtime/window.go", run: "ExploreNewWindowAgainstClose",
		old: `	if cause := t.cause.Load(); cause != nil {
		w.close()
		return nil, *cause
	}
`, new: ``},
	{name: "others advance a timeline that has a window", file: "runtime/window.go", plain: true, run: "CommitWindow",
		old: `	t.advancer.Set(nil)
`, new: ``},
	{name: "a closed timeline issues", file: "runtime/timeline_close.go", plain: true, run: "CommitWindow",
		old: `		w.close()
`, new: ``},
	{name: "a closed window completes", file: "runtime/window.go", run: "ExploreWindowAgainstClose",
		old: `	w.known.Store(0)
`, new: ``},
	{name: "a window is closed after its timeline", file: "runtime/timeline_close.go", run: "ExploreLinearWindow|ExploreWindowAgainstClose",
		old: `	if w := t.window.Load(); w != nil { // after the cause (K6)
		w.close()
	}
`, new: `	if w := t.window.Load(); w != nil {
		defer w.close()
	}
`},

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
		old: `	p.record.Set(seqRecord{}) // ours still
	l.putWrite(s, i)
`, new: `	p.record.Set(seqRecord{}) // ours still
`},
	{name: "the record is filled when the callback is there", file: "runtime/seqwrite.go", run: "ExploreAttachAgainst",
		old: `	p.record.Set(r)
	// Publishes`, new: `	defer p.record.Set(r)
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
