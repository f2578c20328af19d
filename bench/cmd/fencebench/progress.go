package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/fencert/fencert/bench/internal/rounds"
)

// sparsely is how often progress is told where lines cannot be rewritten.
const sparsely = 5 * time.Second

// A progress tells how far a run is: on a terminal by a bar, elsewhere by a line now and
// then.
type progress struct {
	out      io.Writer
	terminal bool
	now      func() time.Time

	last time.Time
	bar  *progressbar.ProgressBar
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (p *progress) tell(r rounds.Progress) {
	if p.terminal {
		p.draw(r)
		return
	}
	if p.now().Sub(p.last) < sparsely {
		return
	}
	p.last = p.now()
	text := fmt.Sprintf("round %d/%d, %d of %d samples, %v left%s", r.Round, r.Rounds, r.Done, r.Total, r.Left.Round(time.Second), rejected(r))
	if r.Waiting {
		text += ": " + next(r)
	}
	_, _ = fmt.Fprintln(p.out, text)
}

// draw moves the bar. What it doesn't manage to draw is no reason to end a run.
func (p *progress) draw(r rounds.Progress) {
	const barWidth, lineWidth = 20, 79
	if p.bar == nil {
		p.bar = progressbar.NewOptions(r.Total,
			progressbar.OptionSetWriter(p.out), progressbar.OptionSetWidth(barWidth), progressbar.OptionSetPredictTime(false),
			progressbar.OptionShowDescriptionAtLineEnd(), progressbar.OptionUseANSICodes(true), progressbar.OptionSetElapsedTime(false))
	}
	text := fmt.Sprintf("round %d/%d, %v left%s: ", r.Round, r.Rounds, r.Left.Round(time.Second), rejected(r))
	text += fmt.Sprintf("%.*s", max(0, lineWidth-barWidth-len("  100% ||   ")-len(text)), next(r))
	p.bar.Describe(text)
	_ = p.bar.Set(r.Done)
}

func rejected(r rounds.Progress) string {
	if r.Rejected == 0 {
		return ""
	}
	return fmt.Sprintf(", %d rejected", r.Rejected)
}

// next names what is going on.
func next(r rounds.Progress) string {
	if r.Waiting {
		return "waiting for other processes"
	}
	return strings.TrimPrefix(fmt.Sprintf("%s-%d", r.Next.Row, r.Next.CPUs), "Benchmark")
}

// clear takes an unfinished line away.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
