//go:build !linux

package sharedtimeline

import "testing"

// clock: none is known to be shared by processes.
func clock() uint64 { return 0 }

func futexInC(b *testing.B, _ string, _ int) []uint64 {
	b.Skip("futexes are Linux's")
	return nil
}
