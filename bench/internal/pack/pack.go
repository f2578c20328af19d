// Package pack builds one static program that holds the compiled suite and the runner, for a machine without Go and without a
// checkout.
//
// The suite is compiled as a run compiles it, without cgo, and goes into the runner by go:embed: the build tag packed
// has the runner embed a file that is nowhere in the checkout, and an overlay of the build puts the suite in its place. So
// nothing is written into the checkout. The commit and its state are the linker's to put in.
package pack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/fencert/fencert/bench/internal/machine"
)

// Places in a checkout.
const (
	suite    = "./bench"
	runner   = "./bench/cmd/fencebench"
	embedded = "bench/cmd/fencebench/suite.bin"
	stamp    = "github.com/fencert/fencert/bench/internal/machine.packed"
)

// ErrBuild: the go command failed; what it printed follows. Test with errors.Is.
var ErrBuild = errors.New("the build failed")

// Options say what to build.
type Options struct {
	Repo   string // the checkout
	GOOS   string // "": this system
	GOARCH string // "": this architecture
	Out    string // the program's path; a file that is there is replaced
	Commit string // baked in
	Dirty  string // "yes", "no", or "" for unknown
}

// Build builds the program and returns its size. It takes the go command, and a minute where nothing is cached. The program
// appears when it is whole, or not at all.
func Build(ctx context.Context, o Options) (size int64, err error) {
	tmp, err := os.MkdirTemp(filepath.Dir(o.Out), ".packing-")
	if err != nil {
		return 0, fmt.Errorf("no place for %s: %w", o.Out, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	if tmp, err = filepath.Abs(tmp); err != nil {
		return 0, err
	}
	binary, program := filepath.Join(tmp, "suite"), filepath.Join(tmp, "program")
	if err := o.run(ctx, "test", "-c", "-ldflags=-s -w", "-o", binary, suite); err != nil {
		return 0, err
	}
	overlay, err := o.overlay(tmp, binary)
	if err != nil {
		return 0, err
	}
	flags := fmt.Sprintf("-s -w -X %sCommit=%s -X %sDirty=%s", stamp, known(o.Commit), stamp, known(o.Dirty))
	if err := o.run(ctx, "build", "-tags=packed", "-overlay="+overlay, "-ldflags="+flags, "-o", program, runner); err != nil {
		return 0, err
	}
	info, err := os.Stat(program)
	if err != nil {
		return 0, err
	}
	return info.Size(), os.Rename(program, o.Out)
}

// overlay writes the file by which the build finds the suite where the runner embeds it.
func (o Options) overlay(tmp, binary string) (string, error) {
	place, err := filepath.Abs(filepath.Join(o.Repo, filepath.FromSlash(embedded)))
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": {place: binary}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(tmp, "overlay.json")
	return path, os.WriteFile(path, text, 0o666)
}

func (o Options) run(ctx context.Context, args ...string) error {
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir = o.Repo
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if o.GOOS != "" {
		c.Env = append(c.Env, "GOOS="+o.GOOS)
	}
	if o.GOARCH != "" {
		c.Env = append(c.Env, "GOARCH="+o.GOARCH)
	}
	out, err := c.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("%w: go %s: %w\n    %s", ErrBuild, args[0], err, strings.Join(lines[max(0, len(lines)-20):], "\n    "))
	}
	return nil
}

func known(s string) string {
	if s == "" {
		return machine.Unknown
	}
	return s
}
