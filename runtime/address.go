package fencert

import (
	"errors"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// ErrAddress: the address of a word is nil or misaligned. 32-bit words lie at multiples of 4, 64-bit words at multiples of
// 8, on 32-bit processors too, where Go's own variables needn't: a word in a sync/atomic type, or the first word of an
// allocation, does.
var ErrAddress = errors.New("fencert: the address is nil or no multiple of the word's 4 or 8 bytes")

// word32 is the atomic at a plain word, whoever else uses that. nil: the address is nil or misaligned.
//
// Safety: an atomicx.Uint32 has nothing but the uint32, in explore builds too (a layout test sees to that), and what is
// left of the address modulo 4 tells whether it lies as it must. The pointer stays a pointer, so the collector keeps what
// it is to.
func word32(address *uint32) *atomicx.Uint32 {
	if uintptr(unsafe.Pointer(address))%4 != 0 {
		return nil
	}
	return (*atomicx.Uint32)(unsafe.Pointer(address))
}

// word64 is word32 for 64 bits. Safety: as there; atomics of 64 bits need 8 bytes of alignment on all processors, which is
// looked at here since a uint64 has 4 on some.
func word64(address *uint64) *atomicx.Uint64 {
	if uintptr(unsafe.Pointer(address))%8 != 0 {
		return nil
	}
	return (*atomicx.Uint64)(unsafe.Pointer(address))
}
