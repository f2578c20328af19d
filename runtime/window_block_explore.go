//go:build explore

package fencert

// In explore builds blocks are of two numbers, so that a few numbers are of several blocks, and may be made of others.
var (
	blockBits uint64 = 1
	blockSize uint64 = 1 << blockBits
	blockMask uint64 = 1<<blockSize - 1
)
