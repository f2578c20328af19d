package intake

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/tables"
)

// Taken says what was taken in.
type Taken struct {
	Folders []string // in the order of their names
	LeftOut []string // as they were called
}

// Take takes the runs of a .tar.gz or folder into parent, which is made if it isn't there. With an error nothing has changed.
func Take(from, parent string) (taken Taken, err error) {
	b, err := read(from)
	if err != nil {
		return taken, fmt.Errorf("%s: %w", from, err)
	}
	runs := slices.Sorted(maps.Keys(b.runs))
	for _, run := range runs {
		if _, err := os.Lstat(filepath.Join(parent, run)); !errors.Is(err, fs.ErrNotExist) {
			return taken, errors.Join(fmt.Errorf("%s %w", filepath.Join(parent, run), ErrThere), err)
		}
	}
	_, missing := os.Stat(parent)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return taken, fmt.Errorf("making a place for results: %w", err)
	}
	dir, err := os.MkdirTemp(parent, ".adding-")
	if err != nil {
		return taken, err
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(dir))
		if err != nil && missing != nil {
			_ = os.Remove(parent) // as it was
		}
	}()
	for _, run := range runs {
		if err := prepare(dir, run, b.runs[run]); err != nil {
			return taken, err
		}
	}
	if err := appear(dir, parent, runs); err != nil {
		return taken, err
	}
	return Taken{runs, b.leftOut}, nil
}

// prepare puts a run together, and looks at it.
func prepare(dir, run string, files map[string][]byte) error {
	if err := store(dir, run, files); err != nil {
		return err
	}
	log, err := verify(dir, run, files)
	if err != nil {
		return err
	}
	text, err := tables.Render(log)
	if err != nil {
		return err
	}
	return write(filepath.Join(dir, run, results.TablesFile), []byte(text))
}

// appear renames all runs to their places, or none. A folder that came there in between is an error: renaming replaces an
// empty one at most.
func appear(dir, parent string, runs []string) error {
	for i, run := range runs {
		if err := os.Rename(filepath.Join(dir, run), filepath.Join(parent, run)); err != nil {
			for _, back := range runs[:i] {
				err = errors.Join(err, os.Rename(filepath.Join(parent, back), filepath.Join(dir, back)))
			}
			return fmt.Errorf("%s: %w", run, err)
		}
	}
	return nil
}
