package sharedtimeline

import (
	"runtime"
	"runtime/debug"
	"unsafe"
)

// How the memory of a file is touched that somebody may cut meanwhile: its pages are gone then, and the kernel answers an access
// by a signal that would end the process. SetPanicOnFault makes that a panic of this goroutine.

// guard runs f, and makes a fault in the mapped memory the Mapping's error.
func (m *Mapping) guard(f func() error) (err error) {
	defer func(before bool) {
		debug.SetPanicOnFault(before)
		if p := recover(); p != nil {
			err = m.faulted(p)
		}
	}(debug.SetPanicOnFault(true))
	return f()
}

// faulted is the error for a panic that came out of the mapped memory; any other goes on.
//
//go:noinline
func (m *Mapping) faulted(p any) error {
	if e, ok := p.(interface {
		runtime.Error
		Addr() uintptr
	}); ok {
		// Safety: the address is compared and never used.
		if begin := uintptr(unsafe.Pointer(m.line.h)); e.Addr()-begin < FileBytes {
			return m.line.fail(ErrTruncated)
		}
	}
	panic(p)
}

// touch is guard where the memory can go away.
func (m *Mapping) touch(f func() error) error {
	if m.steady {
		return f()
	}
	return m.guard(f)
}

// A View polls without the guard that each poll of a file needs otherwise. It is good inside the Guard that gave it.
type View struct{ m *Mapping }

// Value is Mapping.Value, unchecked: what the file says at this moment. Wait-free; one load.
func (v View) Value() uint64 {
	n := v.m.line.h.value.Load() // pairs with: the CAS in raise
	saw()
	return n
}

// Signaled tells whether the value is n or more, unchecked as Value. Wait-free; one load.
func (v View) Signaled(n uint64) bool { return v.Value() >= n }

// Guard calls f with a View whose polls cost one load each, for loops that poll very often. Where the file is cut meanwhile,
// f ends at the poll that finds it, as by a panic (deferred calls run), and Guard returns ErrTruncated; else it returns what f
// returns. The View must not leave f, nor f's goroutine. Other panics of f go on.
//
// Any goroutine may call it, in callbacks too. Errors: f's; ErrTruncated; what ended the Mapping before.
func (m *Mapping) Guard(f func(v View) error) error {
	if err := m.ended(); err != nil {
		return err
	}
	err := m.guard(func() error { return f(View{m}) })
	runtime.KeepAlive(m)
	return err
}
