package results

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func begun(t *testing.T, parent, text string) *Folder {
	t.Helper()
	f := New(parent, "run")
	if err := f.Append(text); err != nil {
		t.Fatal(err)
	}
	return f
}

// What is appended follows what was there, without the half line; files that were made from it are made again.
func TestReopen(t *testing.T) {
	parent := t.TempDir()
	f := begun(t, parent, "a: b\nBenchmark1 1 1 ns/op\nBenchm")
	if _, _, err := Reopen(f.Path()); !errors.Is(err, ErrInUse) {
		t.Errorf("a folder that is written to: %v", err)
	}
	if err := errors.Join(f.Close(), f.WriteTables("of one")); err != nil {
		t.Fatal(err)
	}
	again, text, err := Reopen(f.Path())
	if err != nil || text != "a: b\nBenchmark1 1 1 ns/op\n" || again.Path() != f.Path() {
		t.Fatalf("%q, %v", text, err)
	}
	if _, _, err := Reopen(f.Path()); !errors.Is(err, ErrInUse) {
		t.Errorf("a folder that was reopened: %v", err)
	}
	if err := errors.Join(again.Append("Benchmark2 1 1 ns/op\n"), again.Close(), again.WriteTables("of two")); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, filepath.Join(f.Path(), BenchFile)); got != text+"Benchmark2 1 1 ns/op\n" {
		t.Errorf("the file holds %q", got)
	}
	if got := contents(t, filepath.Join(f.Path(), TablesFile)); got != "of two" {
		t.Errorf("the tables are %q", got)
	}
	if _, _, err := Reopen(filepath.Join(parent, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// After a write that failed half way, the next line follows the last whole one.
func TestAppendAfterFailure(t *testing.T) {
	f := New(t.TempDir(), "run")
	var disk *smallDisk
	f.create = func(path string) (file, error) {
		w, err := createFile(path)
		if err != nil {
			return nil, err
		}
		disk = &smallDisk{w.(*os.File), 15}
		return disk, nil
	}
	if err := f.Append("first line\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Append("second line\n"); !errors.Is(err, errFull) {
		t.Fatal(err)
	}
	disk.room = 100
	if err := errors.Join(f.Append("third line\n"), f.Close()); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, filepath.Join(f.Path(), BenchFile)); got != "first line\nthird line\n" {
		t.Errorf("the file holds %q", got)
	}
}

// Other processes see a file that is put whole or not at all, and on a full disk the old one stays.
func TestPut(t *testing.T) {
	f := begun(t, t.TempDir(), "line\n")
	if err := errors.Join(f.Close(), f.Put("a.json", []byte("old"))); err != nil {
		t.Fatal(err)
	}
	again, _, err := Reopen(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	onDisk(again, 3)
	if err := again.Put("a.json", []byte("newer")); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	if got := contents(t, filepath.Join(f.Path(), "a.json")); got != "old" {
		t.Errorf("after a full disk the file holds %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(f.Path(), "*.part")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestRuns(t *testing.T) {
	parent := t.TempDir()
	for _, name := range []string{"2", "1", "3"} {
		f := New(parent, name)
		if err := errors.Join(f.Append("line\n"), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(parent, "4"), 0o777); err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(parent, "3"), filepath.Join(parent, "2"), filepath.Join(parent, "1")}
	if got := Runs(parent); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if got := Runs(filepath.Join(parent, "[")); len(got) > 0 {
		t.Errorf("a pattern that is none: %v", got)
	}
}

// Check says the same as a first line would, and leaves nothing.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	place := filepath.Join(dir, "file")
	if err := os.WriteFile(place, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for path, good := range map[string]bool{
		dir: true, filepath.Join(dir, "a"): true, filepath.Join(dir, "a", "b", "c"): true,
		place: false, filepath.Join(place, "a"): false,
	} {
		if err := Check(path); (err == nil) != good || err != nil && !strings.Contains(err.Error(), "no place for results") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
