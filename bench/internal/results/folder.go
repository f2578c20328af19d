// Package results keeps measurements in files: a folder per run, never overwritten, and
// nothing on disk before there is something to keep.
package results

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The files of a folder.
const (
	BenchFile  = "bench.txt"  // the benchmark format, as measured
	TablesFile = "tables.txt" // the tables made from it
)

// Name returns the name of a run's folder: when, what and where. Names sort by time.
func Name(start time.Time, commit, goos, goarch, model string) string {
	if len(commit) > 7 {
		commit = commit[:7]
	}
	return strings.Join([]string{
		start.UTC().Format("20060102T150405Z"), slug(commit), slug(goos), slug(goarch), slug(model),
	}, "-")
}

// slug reduces a text to lower-case letters, digits and single dashes.
func slug(s string) string {
	s = strings.NewReplacer("(R)", "", "(TM)", "", "(r)", "", "(tm)", "").Replace(s)
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	if len(words) == 0 {
		return "unknown"
	}
	return strings.Join(words, "-")
}

// file is the part of os.File that a folder needs.
type file interface {
	io.Writer
	Truncate(size int64) error
	Sync() error
	Close() error
}

// A Folder is where one run's measurements go. One goroutine at a time.
type Folder struct {
	parent, name string
	path         string // "" until it exists
	madeParent   bool
	file         file
	size         int64 // of whole lines

	create func(path string) (file, error)
	again  bool // it was reopened: what was made from the bench file is made again
}

// New returns a folder that does not exist yet: the first Append makes it.
func New(parent, name string) *Folder {
	return &Folder{parent: parent, name: name, create: createFile}
}

func createFile(path string) (file, error) {
	// To append: after a line that failed was cut off, the next one follows where the file ends.
	w, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	if filepath.Base(path) == BenchFile {
		_ = lock(w) // where there are no locks, no run is gone on with
	}
	return w, nil
}

// Path returns where the folder is, "" as long as nothing was appended.
func (f *Folder) Path() string { return f.path }

// Append writes whole lines to the bench file and makes the folder before the first.
// They are in the system's hands when it returns; Sync puts them on the disk. After an
// error the file ends where it ended before, and a folder without lines is gone again.
func (f *Folder) Append(lines string) error {
	if f.file == nil {
		if err := f.make(); err != nil {
			return err
		}
	}
	n, err := io.WriteString(f.file, lines)
	if err == nil {
		f.size += int64(n)
		return nil
	}
	err = fmt.Errorf("writing %s: %w", filepath.Join(f.path, BenchFile), err)
	if f.size == 0 {
		return errors.Join(err, f.file.Close(), f.unmake())
	}
	if n > 0 {
		err = errors.Join(err, f.file.Truncate(f.size))
	}
	return err
}

func (f *Folder) make() error {
	if _, err := os.Stat(f.parent); errors.Is(err, os.ErrNotExist) {
		f.madeParent = true
	}
	if err := os.MkdirAll(f.parent, 0o777); err != nil {
		return fmt.Errorf("making a place for results: %w", err)
	}
	for i := 1; ; i++ {
		f.path = filepath.Join(f.parent, f.name)
		if i > 1 {
			f.path += fmt.Sprintf("-%d", i)
		}
		err := os.Mkdir(f.path, 0o777)
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrExist) || i == 1000 {
			f.path = ""
			return errors.Join(fmt.Errorf("making a folder for results: %w", err), f.unmake())
		}
	}
	var err error
	if f.file, err = f.create(filepath.Join(f.path, BenchFile)); err != nil {
		f.file = nil
		return errors.Join(err, f.unmake())
	}
	return nil
}

// unmake removes what make made. Others may have put something beside it: then that and
// the folders above it stay, which is why only empty folders are removed.
func (f *Folder) unmake() error {
	if f.path != "" {
		bench := filepath.Join(f.path, BenchFile)
		if err := os.Remove(bench); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := os.Remove(f.path); err != nil {
			return err
		}
	}
	if f.madeParent {
		_ = os.Remove(f.parent)
	}
	f.path, f.file, f.madeParent = "", nil, false
	return nil
}

// Sync puts what was appended on the disk. It may take milliseconds.
func (f *Folder) Sync() error {
	if f.file == nil {
		return nil
	}
	if err := f.file.Sync(); err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Join(f.path, BenchFile), err)
	}
	return nil
}

// Close syncs and closes the bench file. Without a folder it does nothing.
func (f *Folder) Close() error {
	if f.file == nil {
		return nil
	}
	err := errors.Join(f.Sync(), f.file.Close())
	f.file = nil
	return err
}

// WriteTables stores the tables beside the bench file; see Put.
func (f *Folder) WriteTables(text string) error { return f.Put(TablesFile, []byte(text)) }

// Time reads when a run began out of its folder's name; ok is false where the name doesn't say.
func Time(folder string) (t time.Time, ok bool) {
	stamp, _, _ := strings.Cut(filepath.Base(folder), "-")
	t, err := time.Parse("20060102T150405Z", stamp)
	return t, err == nil
}

// Date is the day of Time, or "unknown".
func Date(folder string) string {
	if t, ok := Time(folder); ok {
		return t.Format(time.DateOnly)
	}
	return "unknown"
}
