//go:build linux && (amd64 || arm64 || 386) && !race && !explore

package epoch

import (
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// Commands of membarrier(2).
const (
	privateExpedited         = 1 << 3
	registerPrivateExpedited = 1 << 4
)

// membarrier is a variable so that a test can refuse.
var membarrier = func(command uintptr) error {
	number := uintptr(283) // arm64
	switch runtime.GOARCH {
	case "amd64":
		number = 324
	case "386":
		number = 375
	}
	// Raw: the scheduler isn't told, so it doesn't give this goroutine's place to another for the 10 us or so. With
	// more goroutines ready than processors it took up to a time slice, 10 ms, to get it back.
	if _, _, errno := syscall.RawSyscall(number, command, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// canBeLight tells whether a plain store will do in Pin. It registers the process, once.
var canBeLight = sync.OnceValue(registerProcess)

func registerProcess() bool { return membarrier(registerPrivateExpedited) == nil }

// barrier has every thread of the process that runs pass a full barrier at some moment between the call and the return;
// those that don't run have passed one when they were taken off their processor. The caller passes two.
func barrier() {
	if membarrier(privateExpedited) == nil {
		return
	}
	// Refused from now on, by a filter of system calls that was installed late, but pins are light already.
	// Stopping the world has every thread that runs Go code pass a barrier too: each is seen to have stopped,
	// by atomic operations of its own.
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
}

// storePinned is a plain store: what makes it visible in time is barrier (I2).
//
// Safety: Uint64 is a struct whose only field with a size is the uint64, at offset 0, aligned to 8 bytes on 386 too. On
// amd64 and arm64 the store is a single one. On 386 it is two halves, in any order; the word is 0 before, so what a scan
// can see in between is the value with its high half 0, or 0: either not pinned, as before the store, or pinned, and
// then at this epoch or at one that is below 2^31 while global isn't, which stops the advance as it should.
func storePinned(w *atomicx.Uint64, v uint64) { *(*uint64)(unsafe.Pointer(w)) = v }
