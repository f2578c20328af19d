//go:build amd64 && !race && !explore

package atomicx

import "unsafe"

// StoreRelease64 stores v so that everything this goroutine did before is
// visible to whoever sees v. See the package comment for where it may be used.
// Wait-free; one MOV.
//
// Safety: Uint64 is a struct whose only field with a size is the uint64 itself, at
// offset 0 and aligned (a test checks that), and an aligned MOV doesn't tear.
func StoreRelease64(p *Uint64, v uint64) { *(*uint64)(unsafe.Pointer(p)) = v }

// StoreRelease32 is StoreRelease64 for a 32-bit word.
//
// Safety: as StoreRelease64.
func StoreRelease32(p *Uint32, v uint32) { *(*uint32)(unsafe.Pointer(p)) = v }
