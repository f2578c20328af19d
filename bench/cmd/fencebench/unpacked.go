//go:build !packed

package main

// packed tells whether this program carries the suite with it.
func packed() bool { return false }
