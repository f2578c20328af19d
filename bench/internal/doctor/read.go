package doctor

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// text returns a file without the space around it, "" when it can't be read.
func (m machine) text(name string) string {
	b, err := fs.ReadFile(m, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// texts returns what is in the files that match, each text once, in order.
func (m machine) texts(pattern string) (found []string) {
	files, err := fs.Glob(m, pattern)
	if err != nil {
		return nil
	}
	for _, f := range files {
		if t := m.text(f); t != "" && !slices.Contains(found, t) {
			found = append(found, t)
		}
	}
	slices.Sort(found)
	return found
}

// field returns what stands after a key on a line of its own in a file such as /proc/meminfo.
func (m machine) field(name, key string) string {
	for line := range strings.Lines(m.text(name)) {
		k, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// bytes reads a field of /proc/meminfo.
func (m machine) bytes(key string) (uint64, bool) {
	n, err := strconv.ParseUint(strings.TrimSuffix(m.field("proc/meminfo", key), " kB"), 10, 64)
	return n << 10, err == nil
}

// allowed counts the processors that this process may use, 0 where that isn't told.
func (m machine) allowed() int { return listed(m.field("proc/self/status", "Cpus_allowed_list")) }

// listed counts a list such as "0-3,8", 0 when it is none.
func listed(list string) int {
	n := 0
	for part := range strings.SplitSeq(list, ",") {
		first, last, ranged := strings.Cut(part, "-")
		if !ranged {
			last = first
		}
		a, errA := strconv.Atoi(first)
		b, errB := strconv.Atoi(last)
		if errA != nil || errB != nil || b < a {
			return 0
		}
		n += b - a + 1
	}
	return n
}

// ofPressure returns the share in percent that some task waited, over the last ten seconds.
func (m machine) ofPressure(resource string) (percent float64, ok bool) {
	_, rest, found := strings.Cut(m.text("proc/pressure/"+resource), "some avg10=")
	number, _, _ := strings.Cut(rest, " ")
	percent, err := strconv.ParseFloat(number, 64)
	return percent, found && err == nil
}

func (m machine) virtual() bool {
	return slices.Contains(strings.Fields(m.field("proc/cpuinfo", "flags")), "hypervisor") || m.text("sys/hypervisor/type") != ""
}
