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

// first is the check that a fault names, or else the one that finds most.
func (f *fault) first() check {
	c := check{folder: f.folder(), run: f.run, explore: !f.plain}
	if f.by != "" {
		c.folder = f.by
	}
	return c
}

// checks are what is tried, in this order. Runtime's searches take minutes: what isn't in runtime gets a sample of each.
func (f *fault) checks() []check {
	own := f.folder()
	return compact([]check{f.first(), {folder: own}, {folder: own, explore: true}, {folder: "runtime"},
		{folder: "runtime", explore: true, quick: own != "runtime"}})
}

// shallow are those that are tried when most faults shall be seen soon.
func (f *fault) shallow() []check {
	if f.kind == "" {
		return []check{f.first()}
	}
	return []check{f.first(), {folder: f.folder(), explore: true}}
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
