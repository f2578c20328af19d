//go:build !explore

package main

import "errors"

// atomics needs atomics that tell of themselves.
func atomics(int) error { return errors.New("built without the tag explore, which counts atomics") }
