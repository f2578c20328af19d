package results

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// ErrInUse tells that another process writes to a folder. Test with errors.Is.
var ErrInUse = errors.New("another run is writing there")

// Reopen returns the folder at path to append to it, and the text that it has. A last line
// without its end was cut short when a run died: it is removed. While a Folder is open no other process can
// reopen it.
func Reopen(path string) (*Folder, string, error) {
	bench := filepath.Join(path, BenchFile)
	w, err := os.OpenFile(bench, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, "", err
	}
	text, err := reopen(w)
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("going on with %s: %w", bench, err), w.Close())
	}
	return &Folder{path: path, file: w, size: int64(len(text)), create: createFile, again: true}, string(text), nil
}

func reopen(w *os.File) ([]byte, error) {
	if err := lock(w); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(w)
	if err != nil {
		return nil, err
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	if len(whole) < len(text) {
		err = w.Truncate(int64(len(whole)))
	}
	return whole, err
}

// Runs returns the folders of runs below parent, the newest first.
func Runs(parent string) []string {
	files, err := filepath.Glob(filepath.Join(parent, "*", BenchFile))
	if err != nil { // the pattern is bad: such a parent can't be searched
		return nil
	}
	slices.Sort(files)
	slices.Reverse(files)
	for i, f := range files {
		files[i] = filepath.Dir(f)
	}
	return files
}

// Put stores a file that is made from the bench file, or stands beside it. It is there whole or
// not at all, and takes an older one's place only in a folder that was reopened.
func (f *Folder) Put(name string, text []byte) error {
	path := filepath.Join(f.path, name)
	if _, err := os.Stat(path); err == nil && !f.again {
		return fmt.Errorf("%s: %w", path, os.ErrExist)
	}
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	w, err := f.create(part)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	if err = errors.Join(err, w.Sync(), w.Close()); err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(part))
	}
	return nil
}

// Check tells whether results can be put below a directory, which needn't exist, by trying it. It
// leaves nothing behind.
func Check(parent string) error {
	made := missing(parent)
	err := os.MkdirAll(parent, 0o777)
	if err == nil {
		err = tryFile(parent)
	}
	for _, dir := range made {
		_ = os.Remove(dir) // where it isn't empty, somebody else uses it already
	}
	if err != nil {
		return fmt.Errorf("no place for results: %w", err)
	}
	return nil
}

// missing are the directories that would have to be made, the innermost first.
func missing(dir string) (dirs []string) {
	for {
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			return dirs
		}
		dirs = append(dirs, dir)
		up := filepath.Dir(dir)
		if up == dir {
			return dirs
		}
		dir = up
	}
}

func tryFile(dir string) error {
	w, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return err
	}
	_, err = w.Write(make([]byte, 4096)) // a full disk may still make empty files
	return errors.Join(err, w.Sync(), w.Close(), os.Remove(w.Name()))
}
