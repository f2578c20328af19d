//go:build explore

package fencert

import "github.com/fencert/fencert/internal/atomicx"

// stopWorld stands for what stopping the world does to stores: it empties all store buffers.
func stopWorld() { atomicx.Membarrier() }
