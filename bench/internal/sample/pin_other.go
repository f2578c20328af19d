//go:build !linux

package sample

import "errors"

// CanPin tells whether this system can keep a process on some of its processors.
const CanPin = false

func firstAllowed(int) ([]int, error) { return nil, errors.ErrUnsupported }

func pinned(_ []int, start func() error) error { return start() }
