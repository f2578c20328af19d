package intake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fencert/fencert/bench/internal/machine"
	"github.com/fencert/fencert/bench/internal/results"
)

// suitePackage is what a file of this suite says it is of.
const suitePackage = "github.com/fencert/fencert/bench"

// schemaVersion is that of the files beside bench.txt.
const schemaVersion = 1

// needed are the keys without which a header isn't that of a run.
var needed = []string{"goos", "goarch", "pkg", "cpu", "cpus", "go", "commit", "dirty", "seed", "count", "benchtime"}

var rowName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*(/[a-z][a-z0-9-]*=[A-Za-z0-9_.,+%-]+)*-[1-9][0-9]*$`)

// verify looks at the files of a run and returns what its bench.txt holds. dir is where they are.
func verify(dir, run string, files map[string][]byte) (*results.Log, error) {
	for name, text := range files {
		if name == results.BenchFile {
			continue
		}
		var head struct{ Schema int }
		if err := json.Unmarshal(text, &head); err != nil {
			return nil, fmt.Errorf("%w: %s/%s: %w", ErrBroken, run, name, err)
		}
		if head.Schema != schemaVersion {
			return nil, fmt.Errorf("%w: %s/%s has schema %d, and this program reads %d", ErrForeign, run, name,
				head.Schema, schemaVersion)
		}
	}
	if err := printable(files[results.BenchFile]); err != nil {
		return nil, fmt.Errorf("%s/%s: %w", run, results.BenchFile, err)
	}
	log, err := results.Read(filepath.Join(dir, run))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBroken, run, err)
	}
	if err := whole(log); err != nil {
		return nil, fmt.Errorf("%s: %w", run, err)
	}
	if err := ours(log, run); err != nil {
		return nil, fmt.Errorf("%s: %w", run, err)
	}
	return log, nil
}

// printable: text that does nothing to a terminal, with its last line whole.
func printable(text []byte) error {
	odd := func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }
	switch {
	case !utf8.Valid(text) || bytes.ContainsFunc(text, odd):
		return fmt.Errorf("%w: it isn't plain text", ErrForeign)
	case len(text) == 0 || text[len(text)-1] != '\n':
		return fmt.Errorf("%w: its last line has no end", ErrBroken)
	}
	return nil
}

// whole: the run has come to its end, and its samples are there.
func whole(log *results.Log) error {
	last, samples := "", 0
	for _, note := range log.Notes {
		if rest, ok := strings.CutPrefix(note, "complete: "); ok {
			last = note
			number, _, _ := strings.Cut(rest, " ")
			samples, _ = strconv.Atoi(number)
		}
		if strings.HasPrefix(note, "incomplete: ") {
			last, samples = note, 0
		}
	}
	switch {
	case samples == 0:
		return fmt.Errorf("%w: the run has not come to its end (its last word is %q): finish it there first", ErrBroken, last)
	case len(log.Results) < samples:
		return fmt.Errorf("%w: %d of %d samples", ErrBroken, len(log.Results), samples)
	}
	return nil
}

// ours: of this suite, with a header as runs have it, under the name that follows from it.
func ours(log *results.Log, run string) error {
	for _, key := range needed {
		if log.Get(key) == "" {
			return fmt.Errorf("%w: its header has no %s", ErrForeign, key)
		}
	}
	if pkg := log.Get("pkg"); pkg != suitePackage {
		return fmt.Errorf("%w: it is of %q", ErrForeign, pkg)
	}
	for _, r := range log.Results {
		if name := r.Name.String(); !rowName.MatchString(name) {
			return fmt.Errorf("%w: a row %q", ErrForeign, name)
		}
	}
	start, err := time.Parse("20060102T150405Z", run[:len("20060102T150405Z")])
	if err != nil {
		return fmt.Errorf("%w: %q is no time", ErrName, run)
	}
	commit := log.Get("commit")
	if commit == machine.Unknown {
		commit = ""
	}
	want := results.Name(start, commit, log.Get("goos"), log.Get("goarch"), log.Get("cpu"))
	if rest, ok := strings.CutPrefix(run, want); !ok || rest != "" && !regexp.MustCompile(`^-[0-9]+$`).MatchString(rest) {
		return fmt.Errorf("%w: its header makes it %s", ErrName, want)
	}
	return nil
}

// store puts files into a folder below dir, which is new and nobody else's.
func store(dir, run string, files map[string][]byte) error {
	folder := filepath.Join(dir, run)
	if err := os.Mkdir(folder, 0o777); err != nil {
		return err
	}
	for name, text := range files {
		if err := write(filepath.Join(folder, name), text); err != nil {
			return err
		}
	}
	return nil
}

func write(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}
