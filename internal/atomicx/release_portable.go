//go:build (!amd64 || race) && !explore

package atomicx

// StoreRelease64 stores v so that everything this goroutine did before is
// visible to whoever sees v. See the package comment for where it may be used.
// Wait-free; one atomic store (STLR on arm64).
func StoreRelease64(p *Uint64, v uint64) { p.Store(v) }

// StoreRelease32 is StoreRelease64 for a 32-bit word.
func StoreRelease32(p *Uint32, v uint32) { p.Store(v) }
