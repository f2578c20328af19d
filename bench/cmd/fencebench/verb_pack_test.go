package main

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPackRefusals(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args string
		code int
		text string
	}{
		{"pack x", 2, `no argument "x"`},
		{"pack --all", 2, "unknown flag --all"},
		{"pack --goarch", 2, "--goarch"},
		{"pack --goarch ../x", 2, "such as arm64"},
		{"pack --out " + dir, 1, "is no file"},
		{"pack --out " + filepath.Join(dir, "none", "x"), 1, "no place for"},
		{"pack --out " + filepath.Join(dir, "x"), 1, "the build failed"}, // there is no checkout
	} {
		command(t, "fake", "", strings.Fields(c.args)...).refused(t, c.code, c.text)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("leaves %v, %v", left, err)
	}
}

func TestPackedPath(t *testing.T) {
	a := &app{caller: "somewhere"}
	for _, c := range []struct{ out, goos, want string }{
		{"", "linux", "somewhere/fencert-bench-linux-arm64"},
		{"", "windows", "somewhere/fencert-bench-windows-arm64.exe"},
		{"x", "linux", "somewhere/x"},
		{"/x", "linux", "/x"},
	} {
		if got := filepath.ToSlash(a.packedPath(c.out, c.goos, "arm64")); got != c.want {
			t.Errorf("%q: %s, want %s", c.out, got, c.want)
		}
	}
}

func TestAddRefusals(t *testing.T) {
	prose := filepath.Join(t.TempDir(), "prose")
	if err := os.WriteFile(prose, []byte("no results\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		text string
	}{
		{"add", 2, "one file or folder"},
		{"add a b", 2, "one file or folder"},
		{"add --force x", 2, "unknown flag --force"},
		{"add missing", 1, "missing: no such file"},
		{"add " + prose, 1, "not a .tar.gz"},
		{"add " + t.TempDir(), 1, "no run in it"},
	} {
		command(t, "fake", "", strings.Fields(c.args)...).refused(t, c.code, c.text)
	}
}

// TestAdd: what was measured in one place goes into another's results, once.
func TestAdd(t *testing.T) {
	const run = "20261121T090028Z-unknown-linux-arm64-big"
	const text = "goos: linux\ngoarch: arm64\npkg: github.com/fencert/fencert/bench\ncpu: Big\ncpus: 4\ngo: go1.26.8\ncommit: unknown\n" +
		"dirty: unknown\nseed: 1\ncount: 1\nbenchtime: 1ms\n\nBenchmarkX/impl=a-1 1 3 ns/op\n# complete: 1 samples in 1s\n"
	path := filepath.Join(t.TempDir(), "results.tgz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	for _, name := range []string{"bench.txt", "tables.txt"} {
		if err := w.WriteHeader(&tar.Header{Name: "results/" + run + "/" + name, Mode: 0o600, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []func() error{w.Close, z.Close, f.Close} {
		if err := c(); err != nil {
			t.Fatal(err)
		}
	}
	c := command(t, "fake", "", "add", path)
	if code := exit(t, c.cmd.Run()); code != 0 || c.out.String() != filepath.Join("results", run)+"\n" {
		t.Fatalf("exits with %d: %s%s", code, c.out.String(), c.err.String())
	}
	if !strings.Contains(c.err.String(), "1 files left out, for they can be made again here: results/"+run+"/tables.txt\n") {
		t.Errorf("says %q", c.err.String())
	}
	if got := fileText(t, filepath.Join(c.cmd.Dir, "results", run, "bench.txt")); got != text {
		t.Errorf("added %q", got)
	}
	again := command(t, "fake", "", "add", path)
	again.cmd.Dir = c.cmd.Dir
	if code := exit(t, again.cmd.Run()); code != 1 || !strings.Contains(again.err.String(), "is there already") || again.out.Len() > 0 {
		t.Errorf("again: exits with %d: %s", code, again.err.String())
	}
}
