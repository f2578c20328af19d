//go:build !linux

package sharedtimeline

import "testing"

func futexInC(b *testing.B, _ string, _ int) []uint64 {
	b.Skip("futexes are Linux's")
	return nil
}
