package plan

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// MaxCPUs bounds what ParseCPUs takes: more is a slip of the finger.
const MaxCPUs = 1024

// ErrCPUs tells that a list of processor counts is no such list.
var ErrCPUs = errors.New("bad list of CPU counts")

// Ladder returns 1, 2, 4, ... up to and always including n.
func Ladder(n int) []int {
	var cpus []int
	for c := 1; c < n; c *= 2 {
		cpus = append(cpus, c)
	}
	return append(cpus, max(n, 1))
}

// ParseCPUs reads a list such as "1,2,4". The result rises and names each count once.
func ParseCPUs(list string) ([]int, error) {
	var cpus []int
	for s := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 || n > MaxCPUs {
			return nil, fmt.Errorf("%w: %q is not a number from 1 to %d", ErrCPUs, s, MaxCPUs)
		}
		cpus = append(cpus, n)
	}
	slices.Sort(cpus)
	return slices.Compact(cpus), nil
}
