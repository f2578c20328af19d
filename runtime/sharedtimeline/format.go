package sharedtimeline

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

const (
	// FileBytes is the size of the file.
	FileBytes = 4096

	magic     = "fncrtSTL"
	orderMark = 0x01020304
	version   = 1
	width     = 64
	nobody    = math.MaxUint64 // in wanted
)

// A header is the file, as it lies in memory. The value, what sleepers write and what only writers write are on lines of their
// own. All words are atomics: other processes change them at any time.
type header struct {
	magic   atomicx.Uint64 // never written after the file was made, as the four that follow
	order   atomicx.Uint32
	version atomicx.Uint32
	size    atomicx.Uint32
	width   atomicx.Uint32
	_       [104]byte
	value   atomicx.Uint64 // 0-62 the value; CAS upwards (H1)
	_       [120]byte
	wanted  atomicx.Uint64 // CAS downwards of who will sleep, Swap of who wakes (H2)
	turn    atomicx.Uint32 // Add
	_       [116]byte
	issued  atomicx.Uint64 // CAS upwards (H6)
	claims  atomicx.Uint64 // for people, as the two that follow
	claimed atomicx.Uint64
	process atomicx.Uint32
	_       [FileBytes - 412]byte
}

// The format is the same for 32-bit and 64-bit processes.
var (
	_ [FileBytes - unsafe.Sizeof(header{})]struct{}
	_ [unsafe.Sizeof(header{}) - FileBytes]struct{}
	_ [unsafe.Offsetof(header{}.value) - 128]struct{}
	_ [unsafe.Offsetof(header{}.wanted) - 256]struct{}
	_ [unsafe.Offsetof(header{}.turn) - 264]struct{}
	_ [unsafe.Offsetof(header{}.issued) - 384]struct{}
	_ [408 - unsafe.Offsetof(header{}.process)]struct{}
)

// fresh is a new file, at that value.
func fresh(start uint64) []byte {
	b := make([]byte, FileBytes)
	order := binary.NativeEndian
	copy(b, magic)
	order.PutUint32(b[8:], orderMark)
	order.PutUint32(b[12:], version)
	order.PutUint32(b[16:], FileBytes)
	order.PutUint32(b[20:], width)
	order.PutUint64(b[128:], start)
	order.PutUint64(b[256:], nobody)
	order.PutUint64(b[384:], start)
	return b
}

// parse checks the beginning of a file. It reads nothing else of b.
func parse(b []byte) error {
	if len(b) < len(magic) || string(b[:len(magic)]) != magic {
		if len(b) == 0 {
			return fmt.Errorf("%w: it is empty", ErrNotShared)
		}
		return ErrNotShared
	}
	if len(b) < FileBytes {
		return fmt.Errorf("%w: it has %d bytes of %d", ErrTruncated, len(b), FileBytes)
	}
	order := binary.NativeEndian
	switch mark := order.Uint32(b[8:]); mark {
	case orderMark:
	case bits.ReverseBytes32(orderMark):
		return fmt.Errorf("%w: it was made on a machine with another byte order", ErrFormat)
	default:
		return fmt.Errorf("%w: its byte order mark is %#x", ErrFormat, mark)
	}
	if v := order.Uint32(b[12:]); v != version {
		return fmt.Errorf("%w: %d, this program knows %d", ErrVersion, v, version)
	}
	if n := order.Uint32(b[16:]); n != FileBytes {
		return fmt.Errorf("%w: it says that it has %d bytes, not %d", ErrFormat, n, FileBytes)
	}
	if n := order.Uint32(b[20:]); n != width {
		return fmt.Errorf("%w: its value has %d bits, not %d", ErrFormat, n, width)
	}
	return nil
}

// sound tells whether the beginning is what parse has seen.
func (h *header) sound() bool {
	return h.magic.Load() == binary.NativeEndian.Uint64([]byte(magic)) && h.order.Load() == orderMark && h.version.Load() == version &&
		h.size.Load() == FileBytes && h.width.Load() == width
}
