//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package sharedtimeline

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"github.com/fencert/fencert/internal/atomicx"
)

// system is how this system lets goroutines sleep.
var system sleeper = looker{}

// stepAside: not all of these have a system call for it.
func stepAside() {}

// sleepers can't be told.
func sleepers(*atomicx.Uint32) int { return -1 }

// lock takes the lock of who writes. It belongs to the open file, which no other process has: descriptors are closed by
// exec. So it is gone when this process is.
func lock(f *os.File) error {
	err := control(f, func(fd uintptr) error { return unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB) })
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrHeld
	}
	return err
}

func unlock(f *os.File) error {
	return control(f, func(fd uintptr) error { return unix.Flock(int(fd), unix.LOCK_UN) })
}

// held can't be told without taking the lock.
func held(*os.File) (held, known bool) { return false, false }

// examine: nothing keeps a file from being cut.
func examine(*os.File) (steady bool, err error) { return false, nil }

func newMemory(string, []byte) (*os.File, error) { return nil, ErrUnsupported }

// reopened: a descriptor can't be opened anew.
func reopened(*os.File) (string, error) { return "", ErrUnsupported }
