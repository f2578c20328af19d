package rounds

import (
	"strconv"
	"strings"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/results"
)

// What a file says of the run: by roundPrefix the lines that follow are told apart by rounds, and by
// completeNote that nothing is left to do.
const (
	roundPrefix  = results.NotePrefix + "round "
	completeNote = "complete"
)

// A Point is where a run was interrupted.
type Point struct {
	Round int                // the one that goes on, from 0
	Has   map[plan.Item]bool // its samples that are kept already
	Kept  int                // samples of all rounds
}

// Complete tells that the text of a file is that of a run with nothing left to do.
func Complete(text string) bool {
	return strings.Contains(text, "\n"+results.NotePrefix+completeNote+": ")
}

// PointOf finds out from the text of a file where its run was interrupted. A sample of an earlier round that
// was given up stays given up; a round's own are tried again.
func PointOf(text string, p *plan.Plan) Point {
	items := map[string]plan.Item{}
	for _, i := range p.Items {
		items[string(i.Row)+"-"+strconv.Itoa(i.CPUs)] = i
	}
	at := Point{Has: map[plan.Item]bool{}}
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, roundPrefix); ok {
			number, _, _ := strings.Cut(rest, " ")
			if n, err := strconv.Atoi(number); err == nil && n > 0 && n != at.Round+1 {
				at.Round = n - 1
				clear(at.Has)
			}
			continue
		}
		name, _, _ := strings.Cut(line, " ")
		if item, ok := items[name]; ok {
			at.Has[item] = true
			at.Kept++
		}
	}
	return at
}
