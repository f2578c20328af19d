//go:build unix

package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

// processTime returns the CPU time that the process has used so far, in user and
// kernel mode; false where the system doesn't tell.
func processTime() (time.Duration, bool) {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
