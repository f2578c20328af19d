package fencert

import "syscall"

type errnoType = syscall.Errno

// errno makes an error of the operating system's numbers.
func errno(n int) error { return errnoType(n) }
