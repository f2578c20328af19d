//go:build !linux

package sample

// CanPin tells whether this system can keep a process on some of its processors.
const CanPin = false

func pinned(_ int, start func() error) error { return start() }
