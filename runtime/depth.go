//go:build !explore

package fencert

// maxDepth is how many signals may be under way inside each other's callbacks. What comes deeper is put off until
// the outermost one's end.
const maxDepth = 32
