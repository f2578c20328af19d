package fencert

import "syscall"

// errno makes an error of the operating system's numbers.
func errno(n int) error { return syscall.Errno(n) }
