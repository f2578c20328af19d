package results

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestName(t *testing.T) {
	start := time.Date(2026, 2, 3, 4, 5, 6, 0, time.FixedZone("", 3600))
	got := Name(start, "0123456789abcdef", "linux", "amd64", "Intel(R) Xeon(R) CPU @ 2.10GHz")
	if want := "20260203T030506Z-0123456-linux-amd64-intel-xeon-cpu-2-10ghz"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Name(start, "unknown", "linux", "arm64", "™"), "20260203T030506Z-unknown-linux-arm64-unknown"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFolder(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "results")
	f := New(parent, "run")
	if _, err := os.Stat(parent); !errors.Is(err, os.ErrNotExist) || f.Path() != "" {
		t.Fatalf("something is on disk before the first line: %v, %q", err, f.Path())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"a: b\n", "Benchmark1 1 1 ns/op\n"} {
		if err := f.Append(line); err != nil {
			t.Fatal(err)
		}
	}
	bench := filepath.Join(parent, "run", BenchFile)
	if got, want := contents(t, bench), "a: b\nBenchmark1 1 1 ns/op\n"; got != want {
		t.Errorf("before the end the file holds %q, want %q", got, want)
	}
	if err := errors.Join(f.Sync(), f.Close(), f.WriteTables("tables\n")); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, filepath.Join(parent, "run", TablesFile)); got != "tables\n" {
		t.Errorf("tables are %q", got)
	}
	if err := f.WriteTables("others\n"); !errors.Is(err, os.ErrExist) {
		t.Errorf("tables are overwritten: %v", err)
	}
}

func TestNeverOverwrites(t *testing.T) {
	parent := t.TempDir()
	for _, want := range []string{"run", "run-2", "run-3"} {
		f := New(parent, "run")
		if err := errors.Join(f.Append(want+"\n"), f.Close()); err != nil {
			t.Fatal(err)
		}
		if got := filepath.Base(f.Path()); got != want {
			t.Errorf("the folder is %q, want %q", got, want)
		}
	}
	if got := contents(t, filepath.Join(parent, "run", BenchFile)); got != "run\n" {
		t.Errorf("the first run's file now holds %q", got)
	}
}

var errFull = errors.New("no space left")

// A small disk takes so many bytes.
type smallDisk struct {
	*os.File
	room int
}

func (d *smallDisk) Write(p []byte) (int, error) {
	n := min(len(p), d.room)
	d.room -= n
	if _, err := d.File.Write(p[:n]); err != nil {
		return 0, err
	}
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func (d *smallDisk) WriteString(s string) (int, error) { return d.Write([]byte(s)) }

func onDisk(f *Folder, room int) *Folder {
	f.create = func(path string) (file, error) {
		w, err := os.Create(path)
		return &smallDisk{w, room}, err
	}
	return f
}

func TestFullDisk(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "results")
	f := onDisk(New(parent, "run"), 3)
	if err := f.Append("first line\n"); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(parent); !errors.Is(err, os.ErrNotExist) || f.Path() != "" {
		t.Errorf("a full disk leaves an empty folder: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}

	f = onDisk(New(parent, "run"), 15)
	if err := f.Append("first line\n"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Append("second line\n"); !errors.Is(err, errFull) || !strings.Contains(err.Error(), BenchFile) {
			t.Errorf("got %v", err)
		}
	}
	if got := contents(t, filepath.Join(f.Path(), BenchFile)); !strings.HasPrefix(got, "first line\n") || strings.Contains(got, "seco") {
		t.Errorf("the file holds %q", got)
	}
	if err := f.WriteTables(strings.Repeat("x", 100)); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(f.Path(), TablesFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a table stays: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// The system's own full device.
func TestDevFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("needs /dev/full")
	}
	parent := t.TempDir()
	f := New(parent, "run")
	f.create = func(string) (file, error) { return os.OpenFile("/dev/full", os.O_WRONLY, 0) }
	if err := f.Append("line\n"); err == nil {
		t.Error("a full device takes a line")
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestNoPlace(t *testing.T) {
	place := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(place, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	f := New(place, "run")
	if err := f.Append("line\n"); err == nil {
		t.Error("a folder was made below a file")
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}
