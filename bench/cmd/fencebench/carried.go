package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fencert/fencert/bench/internal/machine"
	"github.com/fencert/fencert/bench/internal/sample"
)

// packedName is what the program is called that carries the suite.
const packedName = "fencert-bench"

// packed tells whether this program carries the suite with it. Then there is no checkout, and results go below the current
// directory.
func packed() bool { return packedSuite != nil }

// Errors of a carried suite.
var (
	errNoExec   = errors.New("programs can't be started there")
	errForeign  = errors.New("the suite is for another system or processor")
	errCheckout = errors.New("that takes a checkout of the project, and Go; this program carries neither")
)

// unpackSuite writes a suite to a place from which it can be started, and tries that. Whoever made the directory removes it.
func unpackSuite(ctx context.Context, suite []byte, binary string) (*sample.Binary, error) {
	if err := os.WriteFile(binary, suite, 0o700); err != nil {
		return nil, fmt.Errorf("unpacking the suite: %w", err)
	}
	start := binary
	if emulator := os.Getenv(machine.EmulatorEnv); emulator != "" {
		start += ".sh"
		script := fmt.Sprintf("#!/bin/sh\nexec %s %s \"$@\"\n", emulator, quote(binary))
		if err := os.WriteFile(start, []byte(script), 0o700); err != nil {
			return nil, fmt.Errorf("unpacking the suite: %w", err)
		}
	}
	if err := startable(ctx, start); err != nil {
		return nil, err
	}
	return &sample.Binary{Path: start, Dir: filepath.Dir(binary), Patience: 2 * time.Minute, Root: os.DirFS("/")}, nil
}

// startable runs the suite without any benchmark.
func startable(ctx context.Context, path string) error {
	c := exec.CommandContext(ctx, path, "-test.run=^$")
	c.Dir = filepath.Dir(path)
	out, err := c.CombinedOutput()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %s (mounted noexec?); set TMPDIR to a directory where they can: %w", errNoExec, filepath.Dir(path), err)
	case errors.Is(err, syscall.ENOEXEC):
		return fmt.Errorf("%w; %s=qemu-aarch64, or what runs it here: %w", errForeign, machine.EmulatorEnv, err)
	}
	return fmt.Errorf("the suite doesn't start: %w\n    %s", err, strings.ReplaceAll(strings.TrimSpace(string(out)), "\n", "\n    "))
}

// carry makes of an app one that needs neither a checkout nor Go.
func (a *app) carry(carried []byte) {
	a.err = renamer{a.err}
	a.build = func(ctx context.Context, _, binary string) (suite, error) {
		s, err := unpackSuite(ctx, carried, binary)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
}

// A renamer writes messages under the name that the program has.
type renamer struct{ w io.Writer }

func (r renamer) Write(p []byte) (int, error) {
	if _, err := io.WriteString(r.w, renamed(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

func renamed(text string) string { return strings.ReplaceAll(text, "benchstat.sh", packedName) }
