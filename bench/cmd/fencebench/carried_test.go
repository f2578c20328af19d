package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/fencert/fencert/bench/internal/machine"
)

// suiteScript stands for a compiled suite.
const suiteScript = `#!/bin/sh
case "$*" in
*test.bench*) printf 'BenchmarkSmall/impl=a 1 3 ns/op\nPASS\n' ;;
esac
`

func needsShell(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a script stands for the suite, which Windows doesn't start")
	}
}

func TestUnpackSuite(t *testing.T) {
	needsShell(t)
	path := filepath.Join(t.TempDir(), "bench.test")
	s, err := unpackSuite(t.Context(), []byte(suiteScript), path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.List(t.Context(), ".")
	if err != nil || len(rows) != 1 || rows[0] != "BenchmarkSmall/impl=a" {
		t.Errorf("lists %v, %v", rows, err)
	}
	if fileText(t, path) != suiteScript {
		t.Error("another text")
	}
}

// TestEmulator: what runs the suite is given its path and its arguments.
func TestEmulator(t *testing.T) {
	needsShell(t)
	t.Setenv(machine.EmulatorEnv, "sh -e")
	path := filepath.Join(t.TempDir(), "it's here", "bench.test")
	if err := os.Mkdir(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	// Without its first line, which the kernel would look at, it is a program for another machine.
	s, err := unpackSuite(t.Context(), []byte(strings.TrimPrefix(suiteScript, "#!/bin/sh\n")), path)
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := s.List(t.Context(), "."); err != nil || len(rows) != 1 {
		t.Errorf("lists %v, %v", rows, err)
	}
}

func TestSuiteThatDoesNotStart(t *testing.T) {
	needsShell(t)
	ended, end := context.WithCancel(t.Context())
	end()
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.WriteFile(closed, []byte(suiteScript), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := startable(t.Context(), closed); !errors.Is(err, errNoExec) || !strings.Contains(err.Error(), "set TMPDIR") {
		t.Errorf("a folder without programs: %v", err)
	}
	for _, c := range []struct {
		name, text, path string
		ctx              context.Context
		want             error
		says             string
	}{
		{"another machine's", "\x7fELF?", "", t.Context(), errForeign, machine.EmulatorEnv},
		{"one that fails", "#!/bin/sh\necho broken; exit 3\n", "", t.Context(), nil, "exit status 3\n    broken"},
		{"interrupted", suiteScript, "", ended, context.Canceled, ""},
		{"no room", suiteScript, "/dev/full", t.Context(), syscall.ENOSPC, "unpacking the suite"},
	} {
		if c.path == "/dev/full" && runtime.GOOS != "linux" {
			continue // there alone is such a device
		}
		path := c.path
		if path == "" {
			path = filepath.Join(t.TempDir(), "bench.test")
		}
		_, err := unpackSuite(c.ctx, []byte(c.text), path)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestCarry: the app builds nothing, and speaks under its own name.
func TestCarry(t *testing.T) {
	needsShell(t)
	var out bytes.Buffer
	a := &app{err: &out}
	a.carry([]byte(suiteScript))
	a.remark("the same run again: ./benchstat.sh run")
	if got := out.String(); got != "the same run again: ./"+packedName+" run\n" {
		t.Errorf("says %q", got)
	}
	s, err := a.build(t.Context(), "no checkout", filepath.Join(t.TempDir(), "bench.test"))
	if err != nil || s == nil {
		t.Errorf("%v, %v", s, err)
	}
	if s, err := a.build(t.Context(), "", filepath.Join(t.TempDir(), "none", "bench.test")); err == nil || s != nil {
		t.Errorf("without a folder: %v, %v", s, err)
	}
	if packed() {
		t.Error("a test is no packed program")
	}
}
