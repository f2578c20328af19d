package memory

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
)

// ErrRoom tells that a row needs more memory than it may take.
var ErrRoom = errors.New("not enough memory")

// unknownRoom is what a row may take where the system doesn't tell how much there is.
const unknownRoom = 1 << 30

// addressable bounds what a process can have, which is little where addresses have 32 bits.
const addressable = int64(math.MaxInt)

// Room is memory that is free, in bytes; 0: nothing tells.
type Room int64

// Find reads how much memory is free: on the machine, and in the control group of this process and those above it. The
// smallest counts. root is where /proc and /sys are found.
func Find(root fs.FS) Room {
	least := meminfo(root, "MemAvailable")
	for _, c := range groups(root) {
		limit, ok1 := number(root, path.Join(c.dir, c.limit))
		used, ok2 := number(root, path.Join(c.dir, c.used))
		if ok1 && ok2 {
			// A group at its limit still has a byte: 0 is unknown.
			if free := max(1, limit-used); least == 0 || free < least {
				least = free
			}
		}
	}
	return Room(min(least, addressable))
}

// Fits returns nil when a row may take that many bytes: half of what is free, so that neither the row's own garbage nor
// what others need next drives the machine into swapping.
func (r Room) Fits(need int64) error {
	switch {
	case r == 0 && need > unknownRoom:
		return fmt.Errorf("%w: about %s needed, how much is free is unknown, and without knowing it takes at most %s",
			ErrRoom, megabytes(need), megabytes(unknownRoom))
	case r > 0 && need > int64(r)/2:
		return fmt.Errorf("%w: about %s needed, %s are free, and it takes at most half of them",
			ErrRoom, megabytes(need), megabytes(int64(r)))
	}
	return nil
}

func megabytes(n int64) string { return strconv.FormatInt(n>>20, 10) + " MB" }

// meminfo returns a line of /proc/meminfo in bytes, 0 without it.
func meminfo(root fs.FS, key string) int64 {
	b, err := fs.ReadFile(root, "proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == key+":" {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil || kilobytes < 0 {
				return 0
			}
			return kilobytes << 10
		}
	}
	return 0
}

// A group is a control group's directory and the names of its files.
type group struct{ dir, limit, used string }

// groups returns the memory control groups of this process, of both versions, innermost first.
func groups(root fs.FS) (all []group) {
	b, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(b)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		g := group{"sys/fs/cgroup", "memory.max", "memory.current"}
		switch parts[1] {
		case "":
		case "memory":
			g = group{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"}
		default:
			continue
		}
		for at := path.Clean("/" + parts[2]); ; at = path.Dir(at) {
			all = append(all, group{path.Join(g.dir, at), g.limit, g.used})
			if at == "/" {
				break
			}
		}
	}
	return all
}

// number reads a file that holds one number. "max", for no limit, is none.
func number(root fs.FS, name string) (int64, bool) {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil && n >= 0
}
