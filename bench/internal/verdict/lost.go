package verdict

import (
	"regexp"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/results"
)

// rejectedNote is what a file says of samples that others disturbed, see package rounds.
var rejectedNote = regexp.MustCompile(`^rejected: Benchmark(\S+): \d+ samples .*, (\d+) not replaced$`)

// lost returns the rows of which a run kept nothing, since others disturbed all of their samples. To
// leave them out silently would let a neighbor decide on what is judged.
func lost(log *results.Log, kept table) (names []string) {
	for _, note := range log.Notes {
		m := rejectedNote.FindStringSubmatch(note)
		if m == nil || m[2] == "0" || slices.Contains(names, m[1]) {
			continue
		}
		if !slices.ContainsFunc(kept.order, func(k key) bool { return k.name == m[1] }) {
			names = append(names, m[1])
		}
	}
	return names
}

// addLost adds a row that can't be told for each that a run has lost.
func (rep *Report) addLost(logs []*results.Log, tables []table) {
	for i, log := range logs {
		for _, name := range lost(log, tables[i]) {
			r := Row{Name: name, Unit: "sec/op", P: 1, Adjusted: 1, Equal: true, State: CantTell, Why: "others disturbed all samples"}
			if !r.control() && !slices.ContainsFunc(rep.Rows, func(r Row) bool { return r.Name == name }) {
				rep.Rows = append(rep.Rows, r)
			}
		}
	}
}

// unfinished tells that a run was interrupted and hasn't gone on.
func unfinished(log *results.Log) bool {
	for _, note := range slices.Backward(log.Notes) {
		switch {
		case strings.HasPrefix(note, "complete: "):
			return false
		case strings.HasPrefix(note, "incomplete: "):
			return true
		}
	}
	return false
}
