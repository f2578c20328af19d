//go:build !explore

package epoch

import (
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

func storeFull(w *atomicx.Uint64, v uint64) { w.Store(v) }

// storeRelease of 0, the one use: a 64-bit atomic store is a call with a locked operation here.
//
// Safety: as storePinned. The halves may be written in either order; in between a scan sees either a word that isn't pinned,
// and all that the section did is visible before either half is, or the epoch with its high half 0: if that isn't the
// same epoch, it is below 2^31 while global isn't, which stops the advance.
func storeRelease(w *atomicx.Uint64, v uint64) { *(*uint64)(unsafe.Pointer(w)) = v }
