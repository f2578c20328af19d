package bench

import "golang.org/x/sys/unix"

// inMemory tells whether the file system of a folder is known to keep its files in memory.
func inMemory(dir string) bool {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return false
	}
	return int64(s.Type) == unix.TMPFS_MAGIC || int64(uint32(s.Type)) == unix.RAMFS_MAGIC
}
