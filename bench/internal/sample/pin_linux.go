package sample

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// CanPin tells whether this system can keep a process on some of its processors.
const CanPin = true

// pinned calls start, which starts a process, on a thread that may use only the first n of the processors it
// is allowed; the process inherits that from its first instruction on. With n = 0, or more than are allowed, it changes
// nothing.
func pinned(n int, start func() error) (err error) {
	if n == 0 {
		return start()
	}
	runtime.LockOSThread()
	var allowed, few unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("reading the CPU affinity: %w", err)
	}
	for cpu, last := 0, len(allowed)*64; cpu < last && few.Count() < n; cpu++ {
		if allowed.IsSet(cpu) {
			few.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &few); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("setting the CPU affinity: %w", err)
	}
	defer func() {
		if back := unix.SchedSetaffinity(0, &allowed); back != nil {
			err = errors.Join(err, back) // and the thread stays locked, so that it ends with its goroutine
			return
		}
		runtime.UnlockOSThread()
	}()
	return start()
}
