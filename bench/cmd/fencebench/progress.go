package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/fencert/fencert/bench/internal/rounds"
)

// sparsely is how often progress is told where lines cannot be rewritten.
const sparsely = 5 * time.Second

// A progress tells how far a run is: on a terminal by rewriting one line, elsewhere by a
// line now and then.
type progress struct {
	out      io.Writer
	terminal bool
	now      func() time.Time

	last time.Time
	open bool // an unfinished line is on the terminal
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p *progress) tell(r rounds.Progress) {
	if !p.terminal && p.now().Sub(p.last) < sparsely {
		return
	}
	p.last = p.now()
	text := fmt.Sprintf("round %d/%d, %d of %d samples, %v left", r.Round, r.Rounds, r.Done, r.Total, r.Left.Round(time.Second))
	if r.Rejected > 0 {
		text += fmt.Sprintf(", %d rejected", r.Rejected)
	}
	name := strings.TrimPrefix(fmt.Sprintf("%s-%d", r.Next.Row, r.Next.CPUs), "Benchmark")
	if r.Waiting {
		name = "waiting for other processes"
	}
	if !p.terminal {
		if r.Waiting {
			text += ": " + name
		}
		_, _ = fmt.Fprintln(p.out, text)
		return
	}
	if room := 79 - len(text) - len(": "); room < len(name) {
		name = name[:max(0, room)]
	}
	_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s: %s", text, name)
	p.open = true
}

// clear takes an unfinished line away.
func (p *progress) clear() {
	if p.open {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
		p.open = false
	}
}
