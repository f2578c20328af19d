//go:build !linux

package bench

// inMemory tells whether the file system of a folder is known to keep its files in memory.
func inMemory(string) bool { return false }
