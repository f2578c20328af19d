package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Put replaces a file that is made of others as a whole: cut short by an error, the old one stays, and
// nothing is left beside it. It makes the folder. What is no ordinary file (a terminal, a pipe) is written to.
func Put(path string, data []byte) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return fmt.Errorf("writing %s: it is a folder; name a file", path)
		}
		return putInto(path, data)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("making a place for %s: %w", path, err)
	}
	next := fmt.Sprintf("%s.new-%d", path, os.Getpid())
	if err := os.WriteFile(next, data, 0o666); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", path, err), remove(next))
	}
	if err := os.Rename(next, path); err != nil {
		return errors.Join(err, remove(next))
	}
	return nil
}

func putInto(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// remove takes away what may not be there.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
