package results

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestPutReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "charts", "a.svg")
	for _, want := range []string{"first", "second, longer", ""} {
		if err := Put(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got := contents(t, path); got != want {
			t.Errorf("the file holds %q, want %q", got, want)
		}
	}
	if err := Put(filepath.Dir(path), nil); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder is replaced: %v", err)
	}
	if err := Put(filepath.Join(path, "b"), nil); err == nil {
		t.Error("a file below a file")
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left beside it: %v", left)
	}
}

// TestPutFullDisk: the system's full device is written to, refuses, and stays what it is.
func TestPutFullDisk(t *testing.T) {
	before, err := os.Lstat("/dev/full")
	if err != nil {
		t.Skip("needs /dev/full")
	}
	if err := Put("/dev/full", []byte("page")); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "/dev/full") {
		t.Errorf("got %v", err)
	}
	if after, err := os.Lstat("/dev/full"); err != nil || after.Mode() != before.Mode() {
		t.Errorf("the device became %v, %v", after, err)
	}
}

func TestTime(t *testing.T) {
	if at, ok := Time("results/20260203T040506Z-x"); !ok || at.Hour() != 4 || Date("20260203T040506Z-x") != "2026-02-03" {
		t.Errorf("got %v, %v", at, ok)
	}
	if _, ok := Time("elsewhere"); ok || Date("elsewhere") != "unknown" {
		t.Error("a time out of nothing")
	}
}
