//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly

package sharedtimeline

import (
	"os"

	"github.com/fencert/fencert/internal/atomicx"
)

// supported: what follows is never called.
const supported = false

var system sleeper = looker{}

func sleepers(*atomicx.Uint32) int               { return -1 }
func lock(*os.File) error                        { return ErrUnsupported }
func unlock(*os.File) error                      { return ErrUnsupported }
func held(*os.File) (held, known bool)           { return false, false }
func examine(*os.File) (steady bool, err error)  { return false, ErrUnsupported }
func newMemory(string, []byte) (*os.File, error) { return nil, ErrUnsupported }
func reopened(*os.File) (string, error)          { return "", ErrUnsupported }
func mapFile(f *os.File, _ bool) ([]byte, error) { return nil, ErrUnsupported }
func stepAside()                                 {}
func unmap([]byte)                               {}
