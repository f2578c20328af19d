package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A fault is a change of one file that a check must notice.
type fault struct {
	name     string
	file     string // from the root
	old, new string // old stands in file exactly once
	plain    bool   // the tests of normal builds are tried first, and not the explorer
	run      string // the tests that are tried first; "": all
	by       string // the package whose tests are tried first, where it isn't the file's own
	// harmless says why no check can notice; "": one must.
	harmless string

	edits []edit // of a mechanical fault, in place of old and new
	kind  string // likewise
	where string // likewise: the line, without its number, which changes too often
}

// An edit replaces the bytes from one offset to another.
type edit struct {
	from, to int
	text     string
}

// folder is the package that has the fault.
func (f *fault) folder() string { return path.Dir(f.file) }

// source is the file without the fault.
func (f *fault) source(root string) (string, error) {
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(f.file)))
	return strings.ReplaceAll(string(b), "\r\n", "\n"), err
}

// mutant is the file with the fault.
func (f *fault) mutant(root string) (string, error) {
	text, err := f.source(root)
	if err != nil {
		return "", err
	}
	if f.edits != nil {
		for k := len(f.edits) - 1; k >= 0; k-- { // they are in order, so the last one moves nothing
			e := f.edits[k]
			text = text[:e.from] + e.text + text[e.to:]
		}
		return text, nil
	}
	if n := strings.Count(text, f.old); n != 1 {
		return "", fmt.Errorf("%s: what it replaces stands %d times in %s, not once", f.name, n, f.file)
	}
	if f.old == f.new {
		return "", fmt.Errorf("%s: it changes nothing", f.name)
	}
	return strings.Replace(text, f.old, f.new, 1), nil
}

// checks are what is tried, in this order.
func (f *fault) checks() []check {
	own := f.folder()
	first := check{folder: own, run: f.run, explore: !f.plain}
	if f.by != "" {
		first.folder = f.by
	}
	list := []check{first}
	for _, c := range []check{{folder: own}, {folder: own, explore: true}, {folder: "runtime"}, {folder: "runtime", explore: true}} {
		if c != first {
			list = append(list, c)
		}
	}
	return compact(list)
}

// compact leaves out what stands there before.
func compact(list []check) (short []check) {
	seen := map[check]bool{}
	for _, c := range list {
		if !seen[c] {
			seen[c] = true
			short = append(short, c)
		}
	}
	return short
}
