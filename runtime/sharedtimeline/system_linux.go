package sharedtimeline

import (
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/fencert/fencert/internal/atomicx"
)

// Operations of futex(2). Without the flag for private ones: other processes shall find it, by the file and the place in it.
const (
	futexWait       = 0
	futexWake       = 1
	futexCmpRequeue = 4
	allOfThem       = 1<<31 - 1
)

// system is how this system lets goroutines sleep.
var system sleeper = futex{}

// A futex has the kernel compare the word and put the thread to sleep, in one step.
type futex struct{}

// sleep blocks a thread. The scheduler is told (Syscall, not RawSyscall), so the goroutine's processor goes to others when it takes
// longer, and the garbage collector doesn't wait for it.
func (futex) sleep(word *atomicx.Uint32, old uint32, d time.Duration) (late bool, err error) {
	limit := unix.NsecToTimespec(int64(d))
	// Safety: the kernel reads the word and the limit while the call lasts; the word is mapped memory or is kept by the caller.
	_, _, errno := unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWait, uintptr(old), uintptr(unsafe.Pointer(&limit)), 0, 0)
	switch errno {
	case 0, unix.EAGAIN, unix.EINTR: // the last is the Go scheduler's signal, too
		return false, nil
	case unix.ETIMEDOUT:
		return true, nil
	}
	return false, errno // EFAULT: the page is gone
}

// wake isn't announced to the scheduler (RawSyscall): it takes a few microseconds and doesn't block.
func (futex) wake(word *atomicx.Uint32) error {
	// Safety: as in sleep.
	_, _, errno := unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWake, allOfThem, 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("%w: waking: %w", ErrTruncated, errno)
	}
	return nil
}

// stepAside lets other threads run that are queued for this processor.
func stepAside() { _, _, _ = unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }

// sleepers counts the threads that sleep on a word: the kernel tells how many it moves from one word to another, here to the same,
// which leaves them where they are.
func sleepers(word *atomicx.Uint32) int {
	// Safety: word is mapped memory, which doesn't move; who asks keeps the Mapping meanwhile. The kernel reads it, and nobody
	// makes a pointer of p again.
	p := uintptr(unsafe.Pointer(word))
	for range 8 {
		n, _, errno := unix.RawSyscall6(unix.SYS_FUTEX, p, futexCmpRequeue, 0, allOfThem, p, uintptr(word.Load()))
		if errno == 0 {
			return int(n)
		}
		if errno != unix.EAGAIN { // the word was just changed
			break
		}
	}
	return -1
}

// lock takes the lock of who writes. It belongs to the open file, which no other process has: descriptors are closed by
// exec, and OpenFile opens anew. So it is gone when this process is.
func lock(f *os.File) error {
	err := setLock(f, unix.F_WRLCK)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return ErrHeld
	}
	return err
}

func unlock(f *os.File) error { return setLock(f, unix.F_UNLCK) }

func setLock(f *os.File, kind int16) error {
	return control(f, func(fd uintptr) error {
		return unix.FcntlFlock(fd, unix.F_OFD_SETLK, &unix.Flock_t{Type: kind})
	})
}

// held tells whether another open file has the lock.
func held(f *os.File) (held, known bool) {
	l := unix.Flock_t{Type: unix.F_WRLCK}
	err := control(f, func(fd uintptr) error { return unix.FcntlFlock(fd, unix.F_OFD_GETLK, &l) })
	return l.Type != unix.F_UNLCK, err == nil
}

// elsewhere are file systems whose files may be written on other machines: there is no memory that both share.
var elsewhere = []uint32{
	unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.CEPH_SUPER_MAGIC,
	unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC, unix.CODA_SUPER_MAGIC, unix.V9FS_MAGIC,
}

// examine refuses files that can't be shared, and tells whether nobody can cut this one.
func examine(f *os.File) (steady bool, err error) {
	err = control(f, func(fd uintptr) error {
		var s unix.Statfs_t
		if err := unix.Fstatfs(int(fd), &s); err != nil {
			return err
		}
		for _, e := range elsewhere {
			if uint32(s.Type) == e {
				return fmt.Errorf("%w: it lies on a network file system", ErrUnsupported)
			}
		}
		seals, err := unix.FcntlInt(fd, unix.F_GET_SEALS, 0)
		steady = err == nil && seals&unix.F_SEAL_SHRINK != 0
		return nil
	})
	return steady, err
}

// newMemory is a file without a name that can't be cut.
func newMemory(name string, content []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), name)
	_, err = f.Write(content)
	if err == nil {
		err = control(f, func(fd uintptr) error {
			_, err := unix.FcntlInt(fd, unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
			return os.NewSyscallError("fcntl F_ADD_SEALS", err)
		})
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// reopened is a path by which a descriptor's file is opened anew.
func reopened(f *os.File) (path string, err error) {
	err = control(f, func(fd uintptr) error {
		path = fmt.Sprintf("/proc/self/fd/%d", fd)
		return nil
	})
	return path, err
}
