//go:build race

package sharedtimeline

import (
	"runtime"
	"unsafe"
)

// The race detector doesn't look into mapped memory, so it is told what the value orders: who publishes a value, of any shared
// timeline, before who sees one. That is more than is true between two timelines, so it may miss a race; it invents none.

var order byte

// racing: this is a build with the race detector.
const racing = true

// Safety: the detector takes the address for a name, and touches nothing there.
func published() { runtime.RaceReleaseMerge(unsafe.Pointer(&order)) }
func saw()       { runtime.RaceAcquire(unsafe.Pointer(&order)) }
