//go:build !amd64 && !explore

package atomicx

// Pause spends about as long as n PAUSE instructions would, n > 0, without
// touching memory.
//
//go:noinline
func Pause(n uint32) {
	for i := n * 16; i > 0; i-- {
	}
}
