//go:build explore

package explore

import (
	"fmt"
	"strconv"
	"strings"
)

// trace writes a schedule as stays of one agent: "0x5.b0x1.1x2.=3" is five steps of thread 0, one entry of its buffer,
// two steps of thread 1, and 3 picked.
func trace(schedule []step) string {
	var parts []string
	for _, stay := range split(schedule) {
		switch s := stay[0]; {
		case s >= agents:
			for range stay {
				parts = append(parts, fmt.Sprintf("=%d", s-agents))
			}
		case s == theClock:
			parts = append(parts, fmt.Sprintf("tx%d", len(stay)))
		case s >= firstBuffer:
			parts = append(parts, fmt.Sprintf("b%dx%d", s-firstBuffer, len(stay)))
		default:
			parts = append(parts, fmt.Sprintf("%dx%d", s, len(stay)))
		}
	}
	return strings.Join(parts, ".")
}

func parseTrace(s string) ([]step, error) {
	var schedule []step
	for part := range strings.SplitSeq(s, ".") {
		stay, err := parseStay(part)
		if err != nil {
			return nil, err
		}
		schedule = append(schedule, stay...)
	}
	return schedule, nil
}

func parseStay(part string) (stay []step, err error) {
	bad := fmt.Errorf("explore: %q is no part of a trace", part)
	if v, ok := strings.CutPrefix(part, "="); ok {
		n, err := strconv.ParseUint(v, 10, 8)
		if err != nil {
			return nil, bad
		}
		return []step{agents + step(n)}, nil
	}
	who, count, ok := strings.Cut(part, "x")
	n, err := strconv.ParseUint(count, 10, 16)
	if !ok || err != nil {
		return nil, bad
	}
	agent := uint64(theClock)
	if who != "t" {
		first := uint64(0)
		if b, ok := strings.CutPrefix(who, "b"); ok {
			who, first = b, firstBuffer
		}
		id, err := strconv.ParseUint(who, 10, 8)
		if err != nil || id >= MaxThreads {
			return nil, bad
		}
		agent = first + id
	}
	for range n {
		stay = append(stay, step(agent))
	}
	return stay, nil
}
