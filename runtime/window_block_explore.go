//go:build explore

package fencert

// blockBits is how many bits of a number name it within its block. In explore builds blocks are of two numbers, so that a
// few numbers are of several blocks.
const blockBits = 1
