//go:build explore

package explore

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// A table is what a run notes to be printed: one line per step.
type table struct {
	log    []logEntry
	labels map[unsafe.Pointer]string
	values map[uint64]string // names of pointers
}

type logEntry struct {
	agent  int
	op     op
	result string
	where  string
}

// logRace adds the access that was one too many: it is no step.
func (r *run) logRace(t *thread, does string) {
	if r.noting {
		r.log = append(r.log, logEntry{agent: t.id, result: does + " the cell", where: here()})
	}
}

// here is the place in the source that asks for an operation.
func here() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if !strings.Contains(f.Function, "/internal/atomicx.") && !strings.Contains(f.Function, "/internal/explore.(*run)") &&
			!strings.HasSuffix(f.Function, "/internal/explore.Choose") {
			dir, file := filepath.Split(f.File)
			return fmt.Sprintf("%s/%s:%d", filepath.Base(dir), file, f.Line)
		}
		if !more {
			return ""
		}
	}
}

func (r *run) logStep(agent int, o op, where string) {
	r.log = append(r.log, logEntry{agent: agent, op: o, where: where})
}

// Saw implements atomicx.Extended.
func (r *run) Saw(f atomicx.Finding, a, b uint64) {
	if r.straightOn() || len(r.log) == 0 {
		return
	}
	show := number
	if f.Pointers() {
		show = r.pointer
	}
	s := "= " + show(a)
	switch {
	case f.Changes():
		s = show(a) + " > " + show(b)
	case f.Refuses():
		s = fmt.Sprintf("is %s, not %s", show(a), show(b))
	}
	r.log[len(r.log)-1].result = s
}

func (r *run) sawNumber(v uint64) {
	if r.noting && len(r.log) > 0 {
		r.log[len(r.log)-1].result = "= " + number(v)
	}
}

func number(v uint64) string {
	switch {
	case v != 0 && -v <= 1000:
		return fmt.Sprintf("-%d", -v)
	case v < 1_000_000:
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%#x", v)
}

// pointer names an address by its order of appearance, which is the same each time.
func (r *run) pointer(v uint64) string {
	if v == 0 {
		return "nil"
	}
	if r.values == nil {
		r.values = map[uint64]string{}
	}
	if r.values[v] == "" {
		r.values[v] = fmt.Sprintf("p%d", len(r.values))
	}
	return r.values[v]
}

// describe is an operation and the name of its word.
func (r *run) describe(o op) string {
	if o.addr == nil || o.addr == r.clockWord() || o.kind == atomicx.KindSleep {
		return o.kind.String()
	}
	if name := r.scenario.names[o.addr]; name != "" {
		return o.kind.String() + " " + name
	}
	if r.labels == nil {
		r.labels = map[unsafe.Pointer]string{}
	}
	if r.labels[o.addr] == "" {
		r.labels[o.addr] = fmt.Sprintf("w%d", len(r.labels))
	}
	return o.kind.String() + " " + r.labels[o.addr]
}

// print writes a column per thread, and one for the clock where it ticks. What comes out of a buffer stands in
// brackets in the column of its thread.
func (r *run) print() string {
	names := make([]string, len(r.scenario.threads))
	for i, t := range r.scenario.threads {
		names[i] = t.name
	}
	cells, columns := make([]string, len(r.log)), make([]int, len(r.log))
	for i, e := range r.log {
		cells[i] = strings.TrimSpace(r.describe(e.op) + " " + e.result)
		if e.op == (op{}) {
			cells[i] = e.result
		}
		columns[i] = e.agent
		switch {
		case e.agent == theClock:
			if columns[i] = len(r.scenario.threads); len(names) == columns[i] {
				names = append(names, "clock")
			}
		case e.agent >= firstBuffer:
			columns[i] = e.agent - firstBuffer
			cells[i] = "[" + cells[i] + "]"
		}
	}
	return r.layOut(names, cells, columns)
}

func (r *run) layOut(names, cells []string, columns []int) string {
	width := make([]int, len(names))
	for i, name := range names {
		width[i] = len(name)
	}
	for i, c := range cells {
		width[columns[i]] = max(width[columns[i]], len(c))
	}
	var b strings.Builder
	line := func(n, column int, at func(i int) string, where string) {
		var l strings.Builder
		fmt.Fprintf(&l, "%4s  ", map[bool]string{true: fmt.Sprint(n)}[n > 0])
		for i := range names {
			s := ""
			if column < 0 || column == i {
				s = at(i)
			}
			fmt.Fprintf(&l, "%-*s  ", width[i], s)
		}
		b.WriteString(strings.TrimRight(l.String()+where, " ") + "\n")
	}
	line(0, -1, func(i int) string { return names[i] }, "")
	for i := range cells {
		line(i+1, columns[i], func(int) string { return cells[i] }, r.log[i].where)
	}
	return b.String()
}
