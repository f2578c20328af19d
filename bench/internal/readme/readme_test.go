package readme

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkout makes one with runs of the given names; each has its own figures.
func checkout(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range names {
		folder := filepath.Join(dir, "results", name)
		if err := os.MkdirAll(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		text := "goos: linux\ngoarch: amd64\ncpu: Example CPU\ncpus: 2\nhypervisor: none\nkernel: 6.1.0\ngo: go1.26.8\n" +
			"commit: 0123456789abcdef\ndirty: no\ncount: 6\nbenchtime: 100ms\n\n"
		for range 6 {
			text += "BenchmarkX/impl=lockfree-1 1 " + strings.Repeat("1", i+1) + " ns/op\nBenchmarkX/impl=mutex-1 1 40 ns/op\n"
		}
		if err := os.WriteFile(filepath.Join(folder, "bench.txt"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const text = "# Title\n\n<!-- results:begin none -->\nno run committed yet\n<!-- results:end -->\n\nAfter it.\n"

func TestReplace(t *testing.T) {
	dir := checkout(t, "20260102T030405Z-a", "20260203T030405Z-b")
	first, err := Replace(text, dir, "results/20260102T030405Z-a")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Title\n\n<!-- results:begin results/20260102T030405Z-a -->\nMeasured 2026-01-02 on Example CPU (2 CPUs,",
		"commit 0123456;", "(results/20260102T030405Z-a/tables.txt)",
		"| X | 1 | 1.000 ns |", "<!-- results:end -->\n\nAfter it.\n",
	} {
		if !strings.Contains(first, want) {
			t.Errorf("no %q in\n%s", want, first)
		}
	}
	folder, contents, err := Folder(first)
	made, err2 := Contents(dir, folder)
	if err != nil || err2 != nil || contents != made {
		t.Errorf("the block of %s is %q, %v; made again %q, %v", folder, contents, err, made, err2)
	}
	second, err := Replace(first, dir, "results/20260203T030405Z-b")
	if err != nil || !strings.Contains(second, "| 11.00 ns |") || strings.Contains(second, "-a") {
		t.Errorf("a later run: %v\n%s", err, second)
	}
}

func TestRefusals(t *testing.T) {
	dir := checkout(t, "a")
	for _, c := range []struct {
		text, folder string
		want         error
	}{
		{"no marks", "results/a", ErrMarks},
		{text + text, "results/a", ErrMarks},
		{text, "elsewhere/a", ErrPlace},
		{text, "results/", ErrPlace},
		{text, "results/..", ErrPlace},
		{text, "results/a/b", ErrPlace},
		{text, "../results/a", ErrPlace},
		{text, "results/missing", fs.ErrNotExist},
	} {
		if _, err := Replace(c.text, dir, c.folder); !errors.Is(err, c.want) {
			t.Errorf("Replace with %s: %v, want %v", c.folder, err, c.want)
		}
	}
	if _, err := Add("no marks", dir, "results/a"); !errors.Is(err, ErrMarks) {
		t.Errorf("an index without marks: %v", err)
	}
}

// TestIndex: in the order of time, each run once, whatever the order of adding.
func TestIndex(t *testing.T) {
	names := []string{"20260102T030405Z-a", "20260203T030405Z-b", "20260304T030405Z-c"}
	dir := checkout(t, names...)
	index := "<!-- runs:begin -->\nno run committed yet\n<!-- runs:end -->\nAfter it.\n"
	for _, i := range []int{1, 0, 2, 1, 2} {
		var err error
		if index, err = Add(index, dir, "results/"+names[i]); err != nil {
			t.Fatal(err)
		}
	}
	listed, lines, err := Listed(index)
	if err != nil || strings.Join(listed, " ") != strings.Join(names, " ") {
		t.Fatalf("listed are %v, %v in\n%s", listed, err, index)
	}
	for i, name := range names {
		if want, err := Line(dir, "results/"+name); err != nil || lines[i] != want {
			t.Errorf("line %q, want %q, %v", lines[i], want, err)
		}
	}
	if !strings.HasSuffix(index, "<!-- runs:end -->\nAfter it.\n") || strings.Contains(index, Empty) {
		t.Errorf("the text around it:\n%s", index)
	}
}
