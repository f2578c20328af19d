//go:build amd64 && !explore

package atomicx

// Pause executes n PAUSE instructions, n > 0: tens of cycles each on current
// processors. It gives the other core time to finish with the line that a CAS
// just failed on.
//
//go:noescape
func Pause(n uint32)
