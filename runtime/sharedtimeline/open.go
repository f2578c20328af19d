package sharedtimeline

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"syscall"

	fencert "github.com/fencert/fencert/runtime"
)

// Create makes a file with a timeline at value start (a new log: 0), whose first number is start+1, and opens it. The
// file is there at once and whole, or not at all. Who may read it may wait, and who may write it can advance, wake, and
// damage: mode says who, less the umask.
//
// Errors: fs.ErrExist: it is there; Open does. fencert.ErrRange; ErrUnsupported; what the system says.
func Create(path string, mode fs.FileMode, start uint64) (*Mapping, error) {
	if start > fencert.MaxPoint {
		return nil, fencert.ErrRange
	}
	if !supported {
		return nil, ErrUnsupported
	}
	// Written under another name and linked: a link doesn't replace what is there, and nobody sees half a file.
	made := fmt.Sprintf("%s.%016x.new", path, rand.Uint64())
	f, err := os.OpenFile(made, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(fresh(start))
	if err == nil {
		err = os.Link(made, path)
	}
	_ = os.Remove(made)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return attach(f, path, false)
}

// New makes a timeline in memory without a file, at value start, which the kernel refuses to cut (Steady). Other processes get it
// by Mapping.File, as a descriptor that they inherit or are sent. name is for people. Linux has it. Errors: fencert.ErrRange;
// ErrUnsupported; what the system says.
func New(name string, start uint64) (*Mapping, error) {
	if start > fencert.MaxPoint {
		return nil, fencert.ErrRange
	}
	if !supported {
		return nil, ErrUnsupported
	}
	f, err := newMemory(name, fresh(start))
	if err != nil {
		return nil, err
	}
	return attach(f, name, false)
}

// Open maps what Create has made, for waiting and for Claim. Errors: fs.ErrNotExist and others of the system; ErrNotShared, ErrVersion,
// ErrFormat, ErrTruncated, ErrCorrupt; ErrUnsupported.
func Open(path string) (*Mapping, error) { return open(path, false) }

// OpenReadOnly is Open for who may only read, or shouldn't do more. It polls and waits, but can't be woken: waits look, with pauses
// of up to a millisecond.
func OpenReadOnly(path string) (*Mapping, error) { return open(path, true) }

// OpenFile maps the file of a descriptor, such as one of Mapping.File that this process was given. It opens that anew (by
// /proc): a lock belongs to an open file, and so two processes with the same one couldn't be told apart. So f stays the caller's,
// who may close it. Errors: as Open.
func OpenFile(f *os.File, readOnly bool) (*Mapping, error) {
	if !supported {
		return nil, ErrUnsupported
	}
	path, err := reopened(f)
	if err != nil {
		return nil, err
	}
	m, err := open(path, readOnly)
	if err != nil {
		return nil, err
	}
	m.path = f.Name()
	return m, nil
}

// File is a descriptor of the file, for exec.Cmd.ExtraFiles or to be sent: there OpenFile takes it. The caller closes it. Errors:
// ErrClosed; what the system says.
func (m *Mapping) File() (*os.File, error) {
	if m.closed.Load() {
		return nil, ErrClosed
	}
	path, err := reopened(m.file)
	if err != nil {
		return nil, err
	}
	flag := os.O_RDWR
	if m.readOnly {
		flag = os.O_RDONLY
	}
	return os.OpenFile(path, flag, 0)
}

func open(path string, readOnly bool) (*Mapping, error) {
	if !supported {
		return nil, ErrUnsupported
	}
	flag := os.O_RDWR
	if readOnly {
		flag = os.O_RDONLY
	}
	f, err := os.OpenFile(path, flag|syscall.O_NONBLOCK, 0) // a pipe by that name would wait for its other end
	if errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ENXIO) {
		return nil, fmt.Errorf("%w: %w", ErrNotShared, err)
	}
	if err != nil {
		return nil, err
	}
	return attach(f, path, readOnly)
}

// attach maps an open file when it is what it should be. It closes the file when it isn't.
func attach(f *os.File, path string, readOnly bool) (*Mapping, error) {
	m, err := tryAttach(f, path, readOnly)
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if _, err := m.Value(); err != nil {
		_ = m.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func tryAttach(f *os.File, path string, readOnly bool) (*Mapping, error) {
	s, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !s.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: it is no regular file", ErrNotShared)
	}
	b := make([]byte, FileBytes)
	n, err := f.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if err := parse(b[:n]); err != nil {
		return nil, err
	}
	if s.Size() != FileBytes {
		return nil, fmt.Errorf("%w: it has %d bytes, not %d", ErrFormat, s.Size(), FileBytes)
	}
	steady, err := examine(f)
	if err != nil {
		return nil, err
	}
	mapped, err := mapFile(f, readOnly)
	if err != nil {
		return nil, err
	}
	return newMapping(f, path, mapped, readOnly, steady), nil
}
