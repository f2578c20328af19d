// Package pad holds the one constant that keeps words written by different
// processors on different cache lines.
package pad

// Size is the distance in bytes at which two words no longer disturb each
// other. A line has 64 bytes on amd64, but the adjacent-line prefetcher of
// Intel's and AMD's processors fetches lines in aligned pairs (Intel 64 and
// IA-32 Architectures Optimization Reference Manual, "Data Prefetching"), and
// Apple's and some Arm server cores have lines of 128 bytes.
const Size = 128

// Line is put between fields to separate what stands before it from what
// stands behind it.
type Line [Size]byte
