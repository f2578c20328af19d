package commit

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
)

// A File is what a log needs of an *os.File.
type File interface {
	io.WriteCloser
	Sync() error
}

// Errors of a log. Test with errors.Is.
var (
	// ErrFailed: a write or a sync of the file failed before. Its error is found by errors.Is too. What wasn't acknowledged by then
	// may be in the file or not; open the file again to see.
	ErrFailed = errors.New("commit: the log has failed")
	// ErrClosed: the log was closed. What was appended before is durable.
	ErrClosed = errors.New("commit: the log is closed")
)

// A Log is a file that records are appended to, and that is synced for all who wait at once.
//
// Make one with Open or New. Any goroutine may call any method. A Commit that returns nil comes after a sync of the file that
// began when the record had been written. Append takes a mutex for the time of a copy; Commit blocks until the sync. Neither
// allocates once the buffers have grown to the largest batch; what waiting costs is up to the mark.
type Log struct {
	file File
	mark Mark

	mu      sync.Mutex
	work    sync.Cond // on mu; the syncing goroutine waits there for a record, or for the end
	buf     []byte    // under mu: the records that nobody has taken, see L1
	end     uint64    // under mu: the position behind the last of them
	refused error     // under mu: why nothing can be appended, once that is so
	failure error     // of the file; written by the syncing goroutine before it closes stopped
	stopped chan struct{}
	shut    sync.Once
	closed  error // of closing the file; written in shut

	flushed Flushed // of the syncing goroutine, until it has closed stopped
}

// Flushed counts what a log's syncing goroutine has done.
type Flushed struct{ Syncs, Bytes uint64 }

// New returns a log whose first record goes to position start, where the file stands and up to which it is
// durable. The mark is at 0 or at start. The log owns the file from then on; the mark stays the caller's.
func New(file File, start uint64, mark Mark) *Log {
	l := &Log{file: file, mark: mark, end: start, stopped: make(chan struct{})}
	l.work.L = &l.mu
	if start > 0 {
		mark.Reach(start)
	}
	go l.run()
	return l
}

// Append puts a record behind all others and returns the position of its end; it isn't durable yet. The errors
// are ErrSize, ErrFailed and ErrClosed. The payload may be used again when Append has returned.
func (l *Log) Append(payload []byte) (end uint64, err error) {
	if len(payload) == 0 || len(payload) > MaxPayload {
		return 0, fmt.Errorf("%w, not %d", ErrSize, len(payload))
	}
	sum := crc32.Checksum(payload, castagnoli) // the longer part, before the lock
	l.mu.Lock()
	if err := l.refused; err != nil {
		l.mu.Unlock()
		return 0, err
	}
	first := len(l.buf) == 0
	l.buf = appendRecord(l.buf, l.end, payload, sum)
	l.end += RecordBytes(len(payload))
	end = l.end
	l.mu.Unlock()
	if first {
		l.work.Signal() // the one who fills an empty buffer; for the others it's taken along
	}
	return end, nil
}

// Wait returns nil when the log is durable to position, which Append has returned. See Mark.
func (l *Log) Wait(ctx context.Context, position uint64) error { return l.mark.Wait(ctx, position) }

// Commit appends a record and waits until it is durable. With an error of ctx it may become so later.
func (l *Log) Commit(ctx context.Context, payload []byte) (end uint64, err error) {
	if end, err = l.Append(payload); err != nil {
		return 0, err
	}
	return end, l.mark.Wait(ctx, end)
}

// Close writes and syncs what was appended, ends all waits, and closes the file. It returns what went wrong with the file. Later calls
// wait for the first, and return the same.
func (l *Log) Close() error {
	l.refuse(ErrClosed)
	l.work.Signal()
	<-l.stopped
	l.shut.Do(func() { l.closed = l.file.Close() })
	if l.failure != nil {
		return l.failure
	}
	return l.closed
}

// Flushed returns what was written and synced. Only after Close.
func (l *Log) Flushed() Flushed { return l.flushed }

// refuse makes appends fail from now on.
func (l *Log) refuse(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refused == nil {
		l.refused = err
	}
}

// run is the syncing goroutine.
func (l *Log) run() {
	defer close(l.stopped)
	var spare []byte
	for {
		batch, end := l.take(spare)
		if len(batch) == 0 {
			l.mark.Fail(ErrClosed)
			return
		}
		if err := l.flush(batch); err != nil {
			// Refused first: who appends after a wait has failed is told so at once.
			l.failure = fmt.Errorf("%w: %w", ErrFailed, err)
			l.refuse(l.failure)
			l.mark.Fail(l.failure)
			return
		}
		l.mark.Reach(end) // L2
		spare = batch[:0]
	}
}

// take waits for records and exchanges their buffer for an empty one. end is the position behind them. Without
// records, the log has been closed.
func (l *Log) take(spare []byte) (batch []byte, end uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.buf) == 0 && l.refused == nil {
		l.work.Wait()
	}
	batch, l.buf = l.buf, spare
	return batch, l.end
}

// flush makes the batch durable.
func (l *Log) flush(batch []byte) error {
	n, err := l.file.Write(batch)
	if err != nil {
		return err
	}
	if n != len(batch) {
		return io.ErrShortWrite
	}
	if err := l.file.Sync(); err != nil {
		return err
	}
	l.flushed.Syncs++
	l.flushed.Bytes += uint64(n)
	return nil
}
