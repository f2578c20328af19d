package commit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// Open opens the log in a file, which it makes where there is none. It reads what is there, cuts off a torn end, and returns a log that
// goes on behind the last whole record, with the mark there. torn tells how many bytes were cut off. A record
// that is damaged in the middle of the file can't be told from a torn end: what follows a lost write may lie in the file
// as well.
func Open(path string, mark Mark) (l *Log, torn int64, err error) {
	f, whole, torn, err := openFile(path)
	if err != nil {
		return nil, 0, fmt.Errorf("commit: opening %s: %w", path, err)
	}
	return New(f, whole, mark), torn, nil
}

// openFile opens a file for a log that goes on at position whole.
func openFile(path string) (f *os.File, whole uint64, torn int64, err error) {
	if f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		return nil, 0, 0, err
	}
	if whole, torn, err = recoverEnd(f); err == nil {
		err = syncDirectory(filepath.Dir(path))
	}
	if err != nil {
		return nil, 0, 0, errors.Join(err, f.Close())
	}
	return f, whole, torn, nil
}

// recoverEnd leaves the file with its whole records, durable, and stands behind them.
func recoverEnd(f *os.File) (whole uint64, torn int64, err error) {
	whole, err = Scan(bufio.NewReaderSize(f, 1<<16), func(uint64, []byte) error { return nil })
	if err != nil && !errors.Is(err, ErrTorn) {
		return 0, 0, err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, 0, err
	}
	if torn = size - int64(whole); torn > 0 {
		if err := f.Truncate(int64(whole)); err != nil {
			return 0, 0, err
		}
	}
	if err := f.Sync(); err != nil { // L4; and the new size
		return 0, 0, err
	}
	_, err = f.Seek(int64(whole), io.SeekStart)
	return whole, torn, err
}

// syncDirectory makes the name of a new file durable. Windows has no call for that, and needs none.
func syncDirectory(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}
