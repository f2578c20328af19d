package sample

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/quiet"
)

// A Binary is a compiled benchmark suite. Its methods start one process each and wait
// for its end. One at a time: two would measure each other.
type Binary struct {
	Path string
	Dir  string // the package's directory, where its processes run

	// Patience is how long a process may run beyond what it was asked for.
	Patience time.Duration

	// Root is where /proc is found, to see what other processes use; nil: nobody looks.
	Root fs.FS

	// Pin keeps a process on as many processors as its row is measured on, the first of
	// those that are allowed. CanPin tells whether this system can.
	Pin bool

	costs map[plan.Row]time.Duration
}

// Build compiles the tests of a package, given as a directory below repo.
// An error carries what the compiler printed.
func Build(ctx context.Context, repo, pkg, path string) error {
	c := exec.CommandContext(ctx, "go", "test", "-c", "-o", path, "./"+pkg)
	c.Dir = repo
	out, err := c.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("go test -c ./%s: %w\n%s", pkg, err, indent(out))
	}
	return nil
}

// List returns the rows that match a -test.bench pattern, in the order of the suite. To
// learn them it runs each for a single iteration, at one CPU.
func (b *Binary) List(ctx context.Context, pattern string) ([]plan.Row, error) {
	lines := &clocked{now: time.Now}
	out, _, err := b.start(ctx, 10*time.Minute, nil, lines, "-test.bench", pattern, "-test.benchtime", "1x", "-test.cpu", "1")
	if bytes.Contains(out, []byte("invalid regexp")) {
		return nil, fmt.Errorf("%w: %s", ErrPattern, pattern)
	}
	if err != nil {
		return nil, err
	}
	if b.costs == nil {
		b.costs = map[plan.Row]time.Duration{}
	}
	var rows []plan.Row
	r := benchfmt.NewReader(bytes.NewReader(out), b.Path)
	for r.Scan() {
		if res, ok := r.Result().(*benchfmt.Result); ok {
			row := plan.Row("Benchmark" + res.Name.String())
			rows = append(rows, row)
			b.costs[row] = lines.took(string(row))
		}
	}
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrOutput, err)
	}
	return rows, nil
}

// Costs returns how long the rows of earlier Lists took for a single iteration, most of which
// is their set-up.
func (b *Binary) Costs() map[plan.Row]time.Duration { return b.costs }

// Take measures one item for about d.
func (b *Binary) Take(ctx context.Context, item plan.Item, d time.Duration) (Sample, error) {
	var on []int
	if b.Pin {
		var err error
		if on, err = firstAllowed(item.CPUs); err != nil {
			return Sample{}, err
		}
	}
	var meter quiet.Meter
	if b.Root != nil {
		meter = quiet.StartMeter(b.Root, on...)
	}
	var printed bytes.Buffer
	out, used, err := b.start(ctx, 10*d, on, &printed,
		"-test.bench", item.Row.Pattern(), "-test.benchtime", d.String(),
		"-test.cpu", strconv.Itoa(item.CPUs), "-test.count", "1", "-test.benchmem")
	if err != nil {
		return Sample{}, fmt.Errorf("%s: %w", full(item), err)
	}
	s, err := parse(out, item)
	if b.Root != nil {
		s.Others, _ = meter.Others(used)
		if !b.Pin { // pinned, it can't go where others aren't
			s.Spare = max(0, 1-float64(item.CPUs)/float64(runtime.NumCPU()))
		}
	}
	return s, err
}

// A capture keeps what a process prints.
type capture interface {
	io.Writer
	Bytes() []byte
}

// start runs the binary to its end and returns what it printed and how much processor
// time it used, or kills it when it doesn't come to one. (The
// binary's own -test.timeout covers tests, not benchmarks.) It stays on the processors
// with these numbers, if there are any.
func (b *Binary) start(ctx context.Context, expected time.Duration, on []int, printed capture, args ...string) (out []byte, used time.Duration, err error) {
	limit := expected + b.Patience
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c := exec.CommandContext(timed, b.Path, append([]string{"-test.run", "^$"}, args...)...)
	c.Dir = b.Dir
	c.WaitDelay = time.Second
	c.Stdout, c.Stderr = printed, printed
	if err = pinned(on, c.Start); err == nil {
		err = c.Wait()
	}
	if err == nil {
		return printed.Bytes(), c.ProcessState.UserTime() + c.ProcessState.SystemTime(), nil
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		// A terminal sends its interrupt to the child too, and the child may be
		// the first to hear of it.
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
	switch {
	case ctx.Err() != nil:
		return nil, 0, ctx.Err()
	case timed.Err() != nil:
		return nil, 0, fmt.Errorf("%w within %v", ErrTime, limit)
	}
	return printed.Bytes(), 0, fmt.Errorf("%w (%v):\n%s", ErrBench, err, indent(printed.Bytes()))
}

// indent shows the end of what a program printed below a message of ours.
func indent(out []byte) string {
	const most = 40
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) > most {
		lines = append([]string{fmt.Sprintf("... %d lines", len(lines)-most)}, lines[len(lines)-most:]...)
	}
	return "    " + strings.Join(lines, "\n    ")
}
