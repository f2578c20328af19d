//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package sharedtimeline

import (
	"os"

	"golang.org/x/sys/unix"
)

// supported: the system shares memory, and the processor changes 64 bits in one step.
const supported = wholeWords

// mapFile maps the whole file.
func mapFile(f *os.File, readOnly bool) (b []byte, err error) {
	how := unix.PROT_READ | unix.PROT_WRITE
	if readOnly {
		how = unix.PROT_READ
	}
	err = control(f, func(fd uintptr) error {
		b, err = unix.Mmap(int(fd), 0, FileBytes, how, unix.MAP_SHARED)
		return os.NewSyscallError("mmap", err)
	})
	return b, err
}

func unmap(b []byte) { _ = unix.Munmap(b) }

// control calls do with the descriptor, which is not closed meanwhile.
func control(f *os.File, do func(fd uintptr) error) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := c.Control(func(fd uintptr) { failed = do(fd) }); err != nil {
		return err
	}
	return failed
}
