package sharedtimeline

import (
	"errors"
	"fmt"
)

// What calls answer, besides fencert.ErrSignaled and fencert.ErrRange; errors.Is finds them.
var (
	// ErrNotShared: no regular file, or one without the magic. Nothing was changed.
	ErrNotShared = errors.New("sharedtimeline: not a shared timeline; make one with Create")
	// ErrVersion: made by another version of this package.
	ErrVersion = errors.New("sharedtimeline: the file is of another version; make a new one")
	// ErrFormat: the magic is there, but the size, the width of the value or the byte order is another one.
	ErrFormat = errors.New("sharedtimeline: the file has another format; make a new one on this machine")
	// ErrTruncated: the file is too short, or was cut while it was mapped.
	ErrTruncated = errors.New("sharedtimeline: the file is too short, or was cut; make a new one")
	// ErrCorrupt: the file holds what no writer leaves: a value beyond fencert.MaxPoint, or a header that changed.
	ErrCorrupt = errors.New("sharedtimeline: the file holds garbage: something else writes it; make a new one")
	// ErrBackwards: the value is lower than it was.
	ErrBackwards = errors.New("sharedtimeline: the value went back: something else writes the file; make a new one")
	// ErrHeld: another one writes, in this process or elsewhere. It can be taken over when that one has ended.
	ErrHeld = errors.New("sharedtimeline: somebody else writes it; try again when that one has ended, or use WaitClaim")
	// ErrReadOnly: a Mapping of OpenReadOnly doesn't write.
	ErrReadOnly = errors.New("sharedtimeline: it was opened for reading; use Open")
	// ErrClosed: the Mapping, or the Writer, was closed.
	ErrClosed = errors.New("sharedtimeline: it is closed")
	// ErrUnsupported: this system, processor or file system doesn't share memory as is needed here. It is an
	// errors.ErrUnsupported as well.
	ErrUnsupported = fmt.Errorf("sharedtimeline: %w here; the system or the file system doesn't share memory between processes", errors.ErrUnsupported)
)
