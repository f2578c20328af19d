package sharedtimeline

import (
	"os"
	"runtime"
	"sync"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// A Mapping is a shared timeline in this process: its value only grows, and point n is signaled as soon as the value is n or more.
// What a process did before it advanced the value, in memory that both share, is visible to who sees the value.
//
// Make one with Create, Open, OpenReadOnly, New or OpenFile, and Close it when it is no longer used; the zero Mapping is not
// usable, and it must not be copied. Any goroutine may call any method. Several of one file, in one process or many, are independent.
type Mapping struct {
	line     line            // first: its words are polled
	seen     *atomicx.Uint64 // the line's; polls are inlined, and may cost no more than this
	polled   *atomicx.Uint64 // the shared value where it is steady, else always, so that polls look more closely
	always   atomicx.Uint64  // all ones
	steady   bool            // the kernel refuses to cut it: no guard is needed
	readOnly bool
	path     string
	file     *os.File
	bytes    []byte       // the mapped memory
	closed   atomicx.Bool // false, then true for good
	claimed  atomicx.Bool // there is a Writer; CAS, and the store of its Close

	mu        sync.Mutex // followers: starting and stopping them isn't lock-free
	followers map[*Follower]struct{}
}

// newMapping is the Mapping of a file that was mapped. The memory is unmapped when the collector finds that nobody has it (H8).
func newMapping(f *os.File, path string, b []byte, readOnly, steady bool) *Mapping {
	m := &Mapping{file: f, path: path, bytes: b, readOnly: readOnly, steady: steady, followers: map[*Follower]struct{}{}}
	// Safety: b is FileBytes of mapped memory at the beginning of a page, the format has no pointers, and who has the
	// Mapping keeps it mapped.
	m.line.h = (*header)(unsafe.Pointer(unsafe.SliceData(b)))
	m.line.os = system
	m.always.Store(1<<64 - 1)
	m.seen, m.polled = &m.line.seen, &m.always
	if steady {
		m.polled = &m.line.h.value
	}
	runtime.AddCleanup(m, unmap, b)
	return m
}

// Path is the name that the file was opened by; for New the name that it was given.
func (m *Mapping) Path() string { return m.path }

// ReadOnly tells whether it was opened for reading.
func (m *Mapping) ReadOnly() bool { return m.readOnly }

// Steady tells whether nobody can cut the memory, as in what New makes: then a poll costs two loads, and else a guard against
// that, some nanoseconds.
func (m *Mapping) Steady() bool { return m.steady }

// Value is how far the timeline has been advanced.
//
// Any goroutine may call it, in callbacks and signaling sections too. Wait-free; three loads, and a guard where it isn't Steady;
// no allocation. Errors: ErrTruncated, ErrCorrupt, ErrBackwards: then the value is the last one that was good. ErrClosed.
func (m *Mapping) Value() (v uint64, err error) {
	if m.closed.Load() {
		return m.line.seen.Load(), ErrClosed
	}
	v = m.line.seen.Load()
	err = m.touch(func() (err error) {
		v, err = m.line.look()
		return err
	})
	runtime.KeepAlive(m)
	return v, err
}

// Signaled tells whether the value is n or more. Once true for a Mapping it is true for ever. false says also that the file was
// damaged or the Mapping closed: Value tells.
//
// Any goroutine may call it, in callbacks and signaling sections too. Wait-free; no allocation. A poll of a point that is pending is
// two loads, inlined, where the Mapping is Steady; else as Value.
func (m *Mapping) Signaled(n uint64) bool {
	return max(m.seen.Load(), m.polled.Load()) >= n && m.signaledSlow(n)
}

//go:noinline
func (m *Mapping) signaledSlow(n uint64) bool {
	if m.line.seen.Load() >= n {
		return true
	}
	v, _ := m.Value() // with an error, what was good before
	return v >= n
}

// ended is why the Mapping is no longer usable.
func (m *Mapping) ended() error {
	if m.closed.Load() {
		return ErrClosed
	}
	return m.line.failure()
}

// check looks whether the file is still what it was: the part that the value doesn't show.
func (m *Mapping) check() error {
	if err := m.ended(); err != nil {
		return err
	}
	if s, err := m.file.Stat(); err == nil && s.Size() < FileBytes { // an error: it is just being closed
		return m.line.fail(ErrTruncated)
	}
	if !m.line.h.sound() {
		return m.line.fail(ErrCorrupt)
	}
	_, err := m.line.look()
	return err
}

// Close ends the Mapping in this process: followers stop, and close their local timelines with ErrClosed; who waits gets
// ErrClosed; the Writer is closed. The shared timeline, and other processes, notice
// nothing but the writer's leaving. Points that were reached stay reached.
//
// Not in a callback of a timeline that follows this one: it waits for the follower. Errors: ErrClosed: it was closed before.
func (m *Mapping) Close() error {
	if !m.closed.CompareAndSwap(false, true) { // ABA: it is set once
		return ErrClosed
	}
	m.mu.Lock()
	var running []*Follower
	for f := range m.followers {
		running = append(running, f)
	}
	m.mu.Unlock()
	if !m.readOnly && m.line.failure() == nil { // a file that isn't ours is left as it is
		_ = m.touch(m.line.rouse) // who sleeps here looks at closed; others sleep on
	}
	for _, f := range running {
		f.cancel() // those at the end of the numbers wait for nothing else; others have seen closed before
		<-f.ended
	}
	_ = unlock(m.file)
	err := m.file.Close()
	runtime.KeepAlive(m)
	return err
}
