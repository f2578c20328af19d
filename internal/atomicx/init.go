//go:build !explore

package atomicx

import "unsafe"

// Init32 sets a word that no other goroutine can reach yet: a plain store. What
// publishes the word orders it.
//
// Safety: Uint32 is a struct whose only field with a size is the uint32 itself, at
// offset 0 (a test checks size and value), and the caller owns the word, so there is
// no other access to be mixed with. The race detector sees the store as a plain one
// and so checks the claim.
func Init32(p *Uint32, v uint32) { *(*uint32)(unsafe.Pointer(p)) = v }

// Own32 reads a word that no other goroutine can write meanwhile: a plain load.
//
// Safety: as Init32.
func Own32(p *Uint32) uint32 { return *(*uint32)(unsafe.Pointer(p)) }
