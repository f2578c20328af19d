//go:build explore

package epoch

import "github.com/fencert/fencert/internal/atomicx"

// A memory is what stands between the stores of Pin and Unpin and the words, when a test wants less than sequential
// consistency.
type memory interface {
	plain(w *atomicx.Uint64, v uint64) // visible some time
	full(w *atomicx.Uint64, v uint64)  // visible now, after all before it
	barrier()                          // what plain was given before is visible now
}

// model is nil for sequential consistency. A domain is light when there is one as it is made.
var model memory

func canBeLight() bool { return model != nil }

func barrier() { model.barrier() }

func storePinned(w *atomicx.Uint64, v uint64) { model.plain(w, v) }

func storeFull(w *atomicx.Uint64, v uint64) {
	if model != nil {
		model.full(w, v)
		return
	}
	w.Store(v)
}

func storeRelease(w *atomicx.Uint64, v uint64) {
	if model != nil {
		model.plain(w, v)
		return
	}
	atomicx.StoreRelease64(w, v)
}
