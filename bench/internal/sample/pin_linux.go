package sample

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// CanPin tells whether this system can keep a process on some of its processors.
const CanPin = true

// firstAllowed returns the numbers of the first n processors that this process may use, or of
// all of them.
func firstAllowed(n int) ([]int, error) {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return nil, fmt.Errorf("reading the CPU affinity: %w", err)
	}
	var cpus []int
	for cpu, all := 0, allowed.Count(); len(cpus) < min(n, all); cpu++ {
		if allowed.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// pinned calls start, which starts a process, on a thread that may use only these processors; the process
// inherits that from its first instruction on. With none it changes nothing.
func pinned(cpus []int, start func() error) (err error) {
	if len(cpus) == 0 {
		return start()
	}
	var before, few unix.CPUSet
	for _, cpu := range cpus {
		few.Set(cpu)
	}
	runtime.LockOSThread()
	if err = unix.SchedGetaffinity(0, &before); err == nil {
		err = unix.SchedSetaffinity(0, &few)
	}
	if err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("keeping a process on %d CPUs: %w", len(cpus), err)
	}
	defer func() {
		if back := unix.SchedSetaffinity(0, &before); back != nil {
			err = errors.Join(err, back) // the thread stays locked, so that no other goroutine gets it
			return
		}
		runtime.UnlockOSThread()
	}()
	return start()
}
