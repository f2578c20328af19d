//go:build !race

package sharedtimeline

func published() {}
func saw()       {}
