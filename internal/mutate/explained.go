package main

// A place is where a mechanical fault was made: its file, its kind, and the function and line.
type place struct{ file, kind, where string }

// explained says of mechanical faults that survived why nothing can notice them.
var explained = map[place]string{
	{"cbqueue/run.go", negated, "claimDense: if next == 0 || step != 1 && step+1 != 0 {"}: "it decides which lists take the quick way, " +
		"whose walk compares each link with its guess; claimAll takes any list",
	{"epoch/stats.go", moved, "Stats: if oldest < st.Epoch {"}:    "the lag of a section in the present epoch is 0 either way",
	{"epoch/stats.go", swapped, "Stats: switch s.state.Load() {"}: "the loads of a slot are of no one moment, and none decides about another",
	{"epoch/stats.go", swapped, "Stats: if w := s.word.Load(); w&pinned != 0 {"}: "the loads of a slot are of no one moment, and none decides " +
		"about another",
	{"runtime/wait_group.go", moved, "miss: if !p.held && f.number >= slotNumbers {"}: "a fence's number has its generation, at least 1, " +
		"above that bit, so none is slotNumbers itself",
	{"internal/wheel/advance.go", swapped, "only: atomicx.StoreRelease64(&w.exact, s)"}: "shown is a number for people; nothing is told " +
		"from it",
	{"internal/wheel/flush.go", moved, "Flush: case k < 64 || atomicx.Exploring:"}: "one pause more before it yields",
}
