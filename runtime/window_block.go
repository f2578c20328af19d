//go:build !explore

package fencert

const (
	// blockBits is how many bits of a number name it within its block: blocks are of 16 numbers, and the rest of a word
	// counts 2^48 laps.
	blockBits = 4
	blockSize = 1 << blockBits
	blockMask = 1<<blockSize - 1
)
