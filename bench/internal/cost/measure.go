package cost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// program does the operations.
const program = "./bench/cmd/fencecost"

// Measure makes the table of the checkout repo. It needs the go command and a minute at most. Without valgrind it returns a
// table without instructions, and ErrNoValgrind beside it.
func Measure(ctx context.Context, repo string) (t *Table, err error) {
	tmp, err := os.MkdirTemp("", "fencecost-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	counting := filepath.Join(tmp, "atomics")
	if err := build(ctx, repo, counting, "-tags=explore"); err != nil {
		return nil, err
	}
	out, err := output(ctx, exec.CommandContext(ctx, counting, "atomics", strconv.Itoa(Operations)))
	if err != nil {
		return nil, err
	}
	if t, err = parseAtomics(out); err != nil {
		return nil, err
	}
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		return t, ErrNoValgrind
	}
	plain := filepath.Join(tmp, "instructions")
	if err := build(ctx, repo, plain); err != nil {
		return nil, err
	}
	return t, t.count(ctx, valgrind, plain, filepath.Join(tmp, "counts"))
}

func build(ctx context.Context, repo, path string, flags ...string) error {
	c := exec.CommandContext(ctx, "go", append(append([]string{"build", "-o", path}, flags...), program)...)
	c.Dir = repo
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return failed(ctx, "go build "+program, err, out)
	}
	return nil
}

// output runs a command of ctx and returns what it printed on stdout.
func output(ctx context.Context, c *exec.Cmd) ([]byte, error) {
	var out, problem bytes.Buffer
	c.Stdout, c.Stderr = &out, &problem
	if err := c.Run(); err != nil {
		return nil, failed(ctx, filepath.Base(c.Path), err, problem.Bytes())
	}
	return out.Bytes(), nil
}

// failed shows the end of what a program printed below its name.
func failed(ctx context.Context, what string, err error, printed []byte) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	const most = 20
	lines := strings.Split(strings.TrimSpace(string(printed)), "\n")
	lines = lines[max(0, len(lines)-most):]
	return fmt.Errorf("%w: %s: %w:\n    %s", ErrCounting, what, err, strings.Join(lines, "\n    "))
}

// parseAtomics reads what "fencecost atomics" prints.
func parseAtomics(out []byte) (*Table, error) {
	head, rest, _ := strings.Cut(string(out), "\n")
	host, err := parseHost(head)
	if err != nil {
		return nil, err
	}
	t := &Table{Schema: Name, Version: Version, Host: host}
	for line := range strings.Lines(rest) {
		var r Row
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return nil, fmt.Errorf("%w: unexpected line %q: %w", ErrCounting, line, err)
		}
		t.Rows = append(t.Rows, r)
	}
	return t, t.valid("the table made anew")
}

func parseHost(line string) (Host, error) {
	f := strings.Fields(line)
	if len(f) != 6 || f[0] != "host" {
		return Host{}, fmt.Errorf("%w: unexpected line %q", ErrCounting, line)
	}
	return Host{Go: f[1], GOOS: f[2], GOARCH: f[3], Level: f[4], Features: f[5]}, nil
}
