//go:build explore

package explore

import (
	"fmt"
	"strconv"
	"strings"
)

// trace writes the schedule as runs of one thread: "0x5.1x2" is five steps of
// thread 0, then two of thread 1.
func (r *run) trace() string {
	var b strings.Builder
	for i := 0; i < len(r.choices); {
		id := r.choices[i].enabled[r.choices[i].taken]
		n := i
		for n < len(r.choices) && r.choices[n].enabled[r.choices[n].taken] == id {
			n++
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		fmt.Fprintf(&b, "%dx%d", id, n-i)
		i = n
	}
	return b.String()
}

func parseTrace(s string) ([]uint8, error) {
	var prefix []uint8
	for part := range strings.SplitSeq(s, ".") {
		id, count, ok := strings.Cut(part, "x")
		i, err1 := strconv.ParseUint(id, 10, 8)
		n, err2 := strconv.ParseUint(count, 10, 16)
		if !ok || err1 != nil || err2 != nil || i >= MaxThreads {
			return nil, fmt.Errorf("explore: %q is no trace", s)
		}
		for range n {
			prefix = append(prefix, uint8(i))
		}
	}
	return prefix, nil
}

// table writes one line per step, one column per thread; words are numbered in the
// order in which they were first used.
func (r *run) table() string {
	var b strings.Builder
	const width = 18
	for _, t := range r.scenario.threads {
		fmt.Fprintf(&b, "%-*s", width, t.name)
	}
	b.WriteByte('\n')
	for _, e := range r.log {
		what := "start"
		if e.addr != nil {
			n, ok := r.names[e.addr]
			if !ok {
				n = len(r.names)
				r.names[e.addr] = n
			}
			what = fmt.Sprintf("%v w%d", e.kind, n)
		} else if e.kind != 0 {
			what = e.kind.String()
		}
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat(" ", width*e.thread.id), what)
	}
	return b.String()
}
