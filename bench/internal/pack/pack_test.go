package pack

import (
	"context"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// small is a module with what Build looks for in a checkout.
var small = map[string]string{
	"go.mod":              "module github.com/fencert/fencert\n\ngo 1.26\n",
	"bench/small_test.go": "package bench\n\nimport \"testing\"\n\nfunc BenchmarkSmall(b *testing.B) {}\n",
	"bench/internal/machine/machine.go": `package machine

var packedCommit, packedDirty string

func Say() string { return packedCommit + " " + packedDirty }
`,
	"bench/cmd/fencebench/packed.go": `//go:build packed

package main

import _ "embed"

//go:embed suite.bin
var suite []byte
`,
	"bench/cmd/fencebench/main.go": `package main

import (
	"os"
	_ "os/user" // by cgo where there is cgo

	"github.com/fencert/fencert/bench/internal/machine"
)

func main() {
	os.Stdout.WriteString(machine.Say())
	if err := os.WriteFile(os.Args[1], suite, 0o700); err != nil {
		panic(err)
	}
}
`,
}

func checkout(t *testing.T) string {
	t.Helper()
	repo := t.TempDir()
	for name, text := range small {
		path := filepath.Join(repo, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return repo
}

// TestBuild: the program has the suite in it and knows its commit, needs no library, and the checkout is as it was.
func TestBuild(t *testing.T) {
	repo := checkout(t)
	before := names(t, repo)
	dir := t.TempDir()
	out := filepath.Join(dir, "program")
	if err := os.WriteFile(out, []byte("an older one"), 0o666); err != nil {
		t.Fatal(err)
	}
	size, err := Build(context.Background(), Options{Repo: repo, Out: out, Commit: "48e22e7"})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(out); err != nil || info.Size() != size || size < 1<<20 {
		t.Errorf("%d bytes, %v, %v", size, info, err)
	}
	if after := names(t, repo); after != before {
		t.Errorf("the checkout had %s, and has %s", before, after)
	}
	if left := names(t, dir); left != "program" {
		t.Errorf("there is %s", left)
	}
	suite := filepath.Join(t.TempDir(), "suite")
	said, err := exec.Command(out, suite).CombinedOutput()
	if err != nil || string(said) != "48e22e7 unknown" {
		t.Errorf("says %q, %v", said, err)
	}
	if list, err := exec.Command(suite, "-test.list", ".").CombinedOutput(); err != nil || string(list) != "BenchmarkSmall\n" {
		t.Errorf("the suite lists %q, %v", list, err)
	}
	if runtime.GOOS == "linux" {
		static(t, out)
		static(t, suite)
	}
}

// static checks that a program asks for no loader and no library.
func static(t *testing.T, path string) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	libraries, _ := f.ImportedLibraries()
	if len(libraries) > 0 {
		t.Errorf("%s needs %q", path, libraries)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Errorf("%s needs a loader", path)
		}
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, strings.TrimPrefix(path, dir+string(filepath.Separator)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, " ")
}

func TestBuildFails(t *testing.T) {
	repo := checkout(t)
	dir := t.TempDir()
	older := filepath.Join(dir, "program")
	if err := os.WriteFile(older, []byte("an older one"), 0o666); err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(context.Background())
	end()
	for name, c := range map[string]struct {
		ctx  context.Context
		o    Options
		want error
	}{
		"no such architecture": {context.Background(), Options{Repo: repo, Out: older, GOARCH: "abacus"}, ErrBuild},
		"no such folder":       {context.Background(), Options{Repo: repo, Out: filepath.Join(dir, "none", "x")}, os.ErrNotExist},
		"no checkout":          {context.Background(), Options{Repo: t.TempDir(), Out: older}, ErrBuild},
		"interrupted":          {ended, Options{Repo: repo, Out: older}, context.Canceled},
	} {
		if _, err := Build(c.ctx, c.o); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if text, err := os.ReadFile(older); err != nil || string(text) != "an older one" || names(t, dir) != "program" {
			t.Errorf("%s: there is %s with %q, %v", name, names(t, dir), text, err)
		}
	}
}

// TestPlaces: what Build looks for is where it looks.
func TestPlaces(t *testing.T) {
	const repo = "../../.."
	text, err := os.ReadFile(filepath.Join(repo, filepath.Dir(embedded), "packed.go"))
	if err != nil || !strings.Contains(string(text), "//go:embed "+filepath.Base(embedded)+"\n") {
		t.Errorf("the runner embeds something else: %v", err)
	}
	text, err = os.ReadFile(filepath.Join(repo, "bench/internal/machine/revision.go"))
	if err != nil || !strings.Contains(string(text), "var packedCommit, packedDirty string\n") {
		t.Errorf("the linker finds no variables: %v", err)
	}
}
