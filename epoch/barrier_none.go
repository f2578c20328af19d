//go:build !(linux && (amd64 || arm64 || 386) && !race) && !explore

package epoch

import "github.com/fencert/fencert/internal/atomicx"

func canBeLight() bool { return false }

func barrier() {} // not called: no domain is light

func storePinned(w *atomicx.Uint64, v uint64) { w.Store(v) }
