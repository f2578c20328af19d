//go:build !explore

package fencert

// blockBits is how many bits of a number name it within its block: blocks are of 16 numbers, and the rest of a word counts
// 2^48 laps.
const blockBits = 4
