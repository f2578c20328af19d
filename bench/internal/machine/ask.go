package machine

import (
	"context"
	"io/fs"
)

// What Describe puts into a header, one by one. Each is "" when it can't be read; root is
// the file system's root.

// CPULimit returns how many processors' worth of time the control groups grant, or "none".
func CPULimit(root fs.FS) string { return cpuLimit(root) }

// Turbo returns "on" when the clock may rise above its base, else "off".
func Turbo(root fs.FS) string { return turbo(root) }

// SMT returns "on" when two processors may share a core, else "off" or what the kernel calls it.
func SMT(root fs.FS) string { return smt(root) }

// THP returns the mode of transparent huge pages.
func THP(root fs.FS) string { return thp(root) }

// Git runs git in a checkout and returns what it prints.
func Git(ctx context.Context, repo string, args ...string) (string, error) {
	return git(ctx, repo, args...)
}
