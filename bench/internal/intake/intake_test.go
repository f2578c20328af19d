package intake

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fencert/fencert/bench/internal/results"
)

const (
	run    = "20261121T090028Z-48e22e7-linux-arm64-big-machine-96"
	run2   = "20261121T100028Z-48e22e7-linux-arm64-big-machine-96"
	header = `goos: linux
goarch: arm64
pkg: github.com/fencert/fencert/bench
cpu: Big(R) Machine 96
cpus: 96
go: go1.26.8
commit: 48e22e7d5f8a
dirty: no
seed: 7
count: 2
benchtime: 100ms

`
	lines = `# round 1 of 2: quiet, others used 0.0 %; psi unknown
BenchmarkLifecycle/callbacks=1/impl=mutex-1 100 30.5 ns/op 1 cpus 0 B/op 0 allocs/op
BenchmarkLifecycle/callbacks=1/impl=mutex-96 100 1.5 ns/op 96 cpus 0 B/op 0 allocs/op
`
	complete = "# complete: 2 samples in 5s\n"
)

var good = header + lines + complete

// An entry is one of an archive.
type entry struct {
	name, text string
	kind       byte // 0: a file
}

func archive(t *testing.T, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Mode: 0o644, Size: int64(len(e.text))}
		if e.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if e.kind == tar.TypeSymlink || e.kind == tar.TypeLink {
			h.Linkname = "/etc/passwd"
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "results.tar.gz")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// under lists the files below a directory, by their texts.
func under(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		found[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestTakeArchive(t *testing.T) {
	from := archive(t,
		entry{name: "results/", kind: tar.TypeDir}, entry{name: "results/" + run + "/", kind: tar.TypeDir},
		entry{name: "results/" + run + "/bench.txt", text: good},
		entry{name: "results/" + run + "/tables.txt", text: "lies"},
		entry{name: "results/" + run + "/report.html", text: "<script>"},
		entry{name: "results/" + run + "/noise.json", text: `{"schema": 1, "rows": []}`},
		entry{name: "./results/" + run2 + "/bench.txt", text: good},
		entry{name: "results/" + run + "/charts/", kind: tar.TypeDir},
		entry{name: "results/" + run + "/charts/Add-goroutines=1-time.svg", text: "<svg>"},
		entry{name: "results/README.md", text: "x"})
	parent := filepath.Join(t.TempDir(), "new", "results")
	taken, err := Take(from, parent)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(taken.Folders, []string{run, run2}) || len(taken.LeftOut) != 4 {
		t.Errorf("%+v", taken)
	}
	files := under(t, parent)
	names := slices.Sorted(maps.Keys(files))
	want := []string{run + "/bench.txt", run + "/noise.json", run + "/tables.txt", run2 + "/bench.txt", run2 + "/tables.txt"}
	if !slices.Equal(names, want) {
		t.Errorf("there are %q", names)
	}
	if files[run+"/bench.txt"] != good || !strings.Contains(files[run+"/tables.txt"], "30.50n") {
		t.Errorf("%q", files)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) != 2 {
		t.Errorf("%v, %v is left", left, err)
	}

	// A second time it is there, whole or in part, and stays as it is.
	if _, err := Take(from, parent); !errors.Is(err, ErrThere) {
		t.Errorf("twice: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(parent, run)); err != nil {
		t.Fatal(err)
	}
	if _, err := Take(from, parent); !errors.Is(err, ErrThere) || len(under(t, parent)) != 2 {
		t.Errorf("with one of two there: %v, %q", err, under(t, parent))
	}
}

func TestTakeFolder(t *testing.T) {
	at := filepath.Join(t.TempDir(), run)
	if err := os.Mkdir(at, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(at, results.BenchFile), []byte(good), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{at, filepath.Dir(at)} {
		parent := t.TempDir()
		if taken, err := Take(from, parent); err != nil || len(taken.Folders) != 1 || under(t, parent)[run+"/bench.txt"] != good {
			t.Errorf("%s: %+v, %v", from, taken, err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(at, "noise.json")); err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	if _, err := Take(at, parent); !errors.Is(err, ErrKind) || len(under(t, parent)) != 0 {
		t.Errorf("a link: %v", err)
	}
}

func TestTakeNothing(t *testing.T) {
	bench := func(text string) []entry { return []entry{{name: run + "/bench.txt", text: text}} }
	with := func(name, text string) []entry { return append(bench(good), entry{name: name, text: text}) }
	for _, c := range []struct {
		name    string
		entries []entry
		want    error
	}{
		{"nothing", nil, ErrNothing},
		{"no run", []entry{{name: "README.md", text: "x"}}, ErrNothing},
		{"no bench.txt", []entry{{name: run + "/noise.json", text: `{"schema": 1}`}}, ErrBroken},
		{"up", with("../x/bench.txt", good), ErrName},
		{"up inside", with(run+"/../bench.txt", good), ErrName},
		{"from the root", with("/"+run+"/noise.json", good), ErrName},
		{"a drive", with(`c:\x`, good), ErrName},
		{"backwards", with(run+`\..\..\x`, good), ErrName},
		{"hidden", with(run+"/.git", good), ErrName},
		{"a bell", with(run+"/\anoise.json", good), ErrName},
		{"another folder", with("other/bench.txt", good), ErrName},
		{"too deep", with(run+"/a/b/c.txt", good), ErrName},
		{"no time", []entry{{name: strings.Replace(run, "1121", "1399", 1) + "/bench.txt", text: good}}, ErrName},
		{"another's name", []entry{{name: strings.Replace(run, "arm64", "amd64", 1) + "/bench.txt", text: good}}, ErrName},
		{"a name with more", []entry{{name: run + "-x/bench.txt", text: good}}, ErrName},
		{"twice", with("results/"+run+"/bench.txt", good), ErrName},
		{"a link", append(bench(good), entry{name: run + "/noise.json", kind: tar.TypeSymlink}), ErrKind},
		{"a hard link", append(bench(good), entry{name: run + "/noise.json", kind: tar.TypeLink}), ErrKind},
		{"a device", append(bench(good), entry{name: run + "/null", kind: tar.TypeChar}), ErrKind},
		{"empty", bench(""), ErrBroken},
		{"cut in a line", bench(good[:len(good)-40]), ErrBroken},
		{"cut at a line", bench(header + lines), ErrBroken},
		{"interrupted", bench(header + lines + "# incomplete: 2 of 9 samples\n"), ErrBroken},
		{"interrupted again", bench(good + "# incomplete: 2 of 9 samples\n"), ErrBroken},
		{"fewer lines than said", bench(strings.Replace(good, "complete: 2", "complete: 3", 1)), ErrBroken},
		{"no benchmarks", bench(header + complete), ErrBroken},
		{"not the format", bench(header + "BenchmarkX-1 many 3 ns/op\n" + complete), ErrBroken},
		{"not a number", bench(strings.Replace(good, "30.5", "NaN", 1)), ErrBroken},
		{"no header", bench(lines + complete), ErrForeign},
		{"half a header", bench(strings.Replace(good, "commit: 48e22e7d5f8a\n", "", 1)), ErrForeign},
		{"another suite", bench(strings.Replace(good, "fencert/fencert", "other/fencert", 1)), ErrForeign},
		{"an escape", bench(strings.Replace(good, "quiet", "\x1b[2J", 1)), ErrForeign},
		{"no text", bench(strings.Replace(good, "quiet", "\xff", 1)), ErrForeign},
		{"a strange row", bench(strings.Replace(good, "callbacks=1", "callbacks=<b>", 1)), ErrForeign},
		{"another commit", bench(strings.Replace(good, "48e22e7", "58e22e7", 1)), ErrName},
		{"noise of another schema", with(run+"/noise.json", `{"schema": 2}`), ErrForeign},
		{"noise without one", with(run+"/noise.json", `{}`), ErrForeign},
		{"half the noise", with(run+"/noise.json", `{"schema": 1, `), ErrBroken},
	} {
		t.Run(c.name, func(t *testing.T) {
			top := t.TempDir()
			parent := filepath.Join(top, "results")
			taken, err := Take(archive(t, c.entries...), parent)
			if !errors.Is(err, c.want) || taken.Folders != nil {
				t.Errorf("%+v, %v, want %v", taken, err, c.want)
			}
			if left, err := os.ReadDir(top); err != nil || len(left) != 0 {
				t.Errorf("%v, %v is left", left, err)
			}
		})
	}
}

// TestBrokenArchives cuts one in many places, and changes a byte of its sum.
func TestBrokenArchives(t *testing.T) {
	whole, err := os.ReadFile(archive(t, entry{name: run + "/bench.txt", text: good}))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x")
	parent := t.TempDir()
	try := func(what string, text []byte) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Take(path, parent); err == nil {
			t.Errorf("%s is taken", what)
		}
		if left, err := os.ReadDir(parent); err != nil || len(left) != 0 {
			t.Fatalf("%s leaves %v, %v", what, left, err)
		}
	}
	for n := 0; n < len(whole); n += 13 {
		try(fmt.Sprintf("%d of %d bytes", n, len(whole)), whole[:n])
	}
	try("all but a byte", whole[:len(whole)-1])
	whole[len(whole)-6] ^= 1
	try("a wrong sum", whole)
	try("a tar that isn't compressed", []byte(good))
	if _, err := Take(filepath.Join(parent, "none"), parent); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that isn't there: %v", err)
	}
}

// TestCommittedRuns: what a run leaves behind is taken, whatever it has been made into since.
func TestCommittedRuns(t *testing.T) {
	const committed = "../../../results"
	folders, err := filepath.Glob(filepath.Join(committed, "2*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("%v, %v", folders, err)
	}
	for _, from := range folders {
		parent := t.TempDir()
		taken, err := Take(from, parent)
		if err != nil || !slices.Equal(taken.Folders, []string{filepath.Base(from)}) {
			t.Errorf("%s: %+v, %v", from, taken, err)
		}
	}
}

func TestPrintable(t *testing.T) {
	for text, says := range map[string]string{"a\tb\n": "", "": "no end", "a": "no end", "a\r\n": "plain text", "a\x00\n": "plain text"} {
		if err := printable([]byte(text)); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTooMany(t *testing.T) {
	b := &bundle{runs: map[string]map[string][]byte{}, files: MaxFiles}
	if err := b.add(run+"/bench.txt", 1, strings.NewReader("x")); !errors.Is(err, ErrSize) {
		t.Errorf("one more: %v", err)
	}
	b = &bundle{runs: map[string]map[string][]byte{}}
	if err := b.add(run+"/noise.json", MaxFile+1, strings.NewReader("x")); !errors.Is(err, ErrSize) {
		t.Errorf("a file that is too large: %v", err)
	}
	if err := b.add(run+"/noise.json", 9, strings.NewReader("less")); !errors.Is(err, ErrBroken) {
		t.Errorf("a file that is shorter than said: %v", err)
	}
	b = &bundle{runs: map[string]map[string][]byte{}, total: MaxTotal}
	if err := b.add(run+"/bench.txt", 1, strings.NewReader("x")); !errors.Is(err, ErrSize) {
		t.Errorf("a byte more: %v", err)
	}
}

// TestNoRoom: what cannot be written is nothing that was changed.
func TestNoRoom(t *testing.T) {
	from := archive(t, entry{name: run + "/bench.txt", text: good})
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Take(from, filepath.Join(file, "results")); err == nil {
		t.Error("results go below a file")
	}
	if os.Getuid() == 0 {
		return // root may write everywhere
	}
	parent := t.TempDir()
	if err := os.Chmod(parent, 0o555); err != nil {
		t.Fatal(err)
	}
	if _, err := Take(from, parent); !errors.Is(err, os.ErrPermission) {
		t.Errorf("a folder that can't be written: %v", err)
	}
}

// TestAppearAllOrNone: the second has no place, so the first goes back.
func TestAppearAllOrNone(t *testing.T) {
	dir, parent := t.TempDir(), t.TempDir()
	for _, name := range []string{"a", "b"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(parent, "b", "full"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := appear(dir, parent, []string{"a", "b"}); err == nil {
		t.Error("a full folder was replaced")
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) != 1 || left[0].Name() != "b" {
		t.Errorf("there is %v, %v", left, err)
	}
}

func FuzzParts(f *testing.F) {
	for _, name := range []string{"results/" + run + "/bench.txt", "../x", "/", "a//b", "./a", "a/..", "results"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		list, err := parts(name)
		if err != nil {
			return
		}
		joined := filepath.Join(append([]string{"x"}, list...)...)
		if rel, err := filepath.Rel("x", joined); err != nil || strings.HasPrefix(rel, "..") || strings.ContainsAny(name, "\\\x00\n") {
			t.Errorf("%q leads to %q", name, rel)
		}
	})
}
