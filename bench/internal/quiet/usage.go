package quiet

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// usage counts clock ticks since the machine started.
type usage struct{ total, idle, own uint64 }

var errFormat = errors.New("unexpected format")

// read returns the account of the processors with these numbers, of all when there are none.
func read(root fs.FS, cpus ...int) (usage, error) {
	var u usage
	text, err := fs.ReadFile(root, "proc/stat")
	if err != nil {
		return u, err
	}
	names := []string{"cpu"}
	for i, n := range cpus {
		names = append(names[:i], "cpu"+strconv.Itoa(n))
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || !slices.Contains(names, fields[0]) {
			continue
		}
		names = slices.DeleteFunc(names, func(n string) bool { return n == fields[0] })
		if err := u.add(fields[1:]); err != nil {
			return u, err
		}
	}
	if len(names) > 0 {
		return u, errFormat
	}
	u.own, err = readOwn(root)
	return u, err
}

// add adds a line's ticks: user nice system idle iowait irq softirq steal; guests are counted in user.
func (u *usage) add(ticks []string) error {
	if len(ticks) < 5 {
		return errFormat
	}
	for i, f := range ticks[:min(len(ticks), 8)] {
		n, err := strconv.ParseUint(f, 10, 64)
		if err != nil {
			return errFormat
		}
		u.total += n
		if i == 3 || i == 4 {
			u.idle += n
		}
	}
	return nil
}

// readOwn returns the ticks of this process. Its children have ended when it is asked.
func readOwn(root fs.FS) (uint64, error) {
	text, err := fs.ReadFile(root, "proc/self/stat")
	if err != nil {
		return 0, err
	}
	// The command's name is in parentheses and may hold anything, spaces included.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0, errFormat
	}
	user, errUser := strconv.ParseUint(fields[11], 10, 64)
	system, errSystem := strconv.ParseUint(fields[12], 10, 64)
	if errUser != nil || errSystem != nil {
		return 0, errFormat
	}
	return user + system, nil
}

// othersSince is the share of all ticks since before that was neither idle nor ours.
// The kernel's counters may step back by a tick.
func (u usage) othersSince(before usage) float64 {
	total := int64(u.total - before.total)
	if total <= 0 {
		return 0
	}
	used := total - int64(u.idle-before.idle) - int64(u.own-before.own)
	return float64(max(0, used)) / float64(total)
}

// tick is what the kernel counts in, for whatever tick its own clock has.
const tick = 10 * time.Millisecond

// coarse is how many ticks the kernel's account may be off: it rounds each of its parts.
const coarse = 3

// A Meter tells what other processes used from its start on. It is a plain value.
type Meter struct {
	root  fs.FS
	cpus  []int // looked at; none: all
	start usage
	err   error
}

// StartMeter reads the account under root, which takes some microseconds. Where processors are named it
// is about these alone.
func StartMeter(root fs.FS, cpus ...int) Meter {
	m := Meter{root: root, cpus: cpus}
	m.start, m.err = read(root, cpus...)
	return m
}

// Others returns the share of these processors' time that neither this process
// used nor a child of it that took child. ok is false where the system doesn't tell,
// or when too little time went by to tell that share from the account's grain.
func (m Meter) Others(child time.Duration) (share float64, ok bool) {
	now, err := read(m.root, m.cpus...)
	if m.err != nil || err != nil {
		return 0, false
	}
	total := int64(now.total - m.start.total)
	used := total - int64(now.idle-m.start.idle) - int64(now.own-m.start.own) - int64(child/tick)
	if total <= 0 || used <= coarse {
		return 0, total > coarse
	}
	return float64(used) / float64(total), true
}
