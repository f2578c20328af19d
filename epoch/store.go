//go:build !explore && !386

package epoch

import "github.com/fencert/fencert/internal/atomicx"

// The stores of Pin and Unpin, by what they promise; see storePinned for the third. Under explore a test can put a
// store buffer behind them.

// storeFull is a full barrier.
func storeFull(w *atomicx.Uint64, v uint64) { w.Store(v) }

// storeRelease keeps what came before it before itself, no more.
func storeRelease(w *atomicx.Uint64, v uint64) { atomicx.StoreRelease64(w, v) }
