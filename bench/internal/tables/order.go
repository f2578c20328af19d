package tables

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What is known is printed in the order of these lists, the rest after it by name.
var (
	benches = []string{
		"AtomicAdd", "Lifecycle", "LifecycleHeld", "BatchAdd", "Poll", "Add", "Cancel",
		"FanOut", "CrossCore", "Wake", "WakeMany", "Seqno", "AllocFree", "Pin", "GC",
		"Advance", "AdvanceBatch", "AdvanceTwo", "AddAdvance", "DoneAdvance", "Sparse", "Jump", "TimelineCancel",
		"TimelinePoll", "WaitAt", "GroupCommit", "CommitWindow", "SeqWrite", "SourceSync",
	}
	units = []string{
		"sec/op", "allocs/op", "commits/s", "p50-sec", "p99-sec", "gc-sec", "B/fence", "add-sec/cb", "run-sec/cb",
		"sec/point", "add-sec/point", "release-sec/point", "advance-sec/waiter",
	}

	// The first of these that a table has is its base column.
	impls = []string{
		"mutex", "rwmutex", "new", "mutexheap", "lockfree", "channel", "mutexpool", "mutexmap", "cond", "context", "implicit",
		"heap", "portable", "local",
	}
	lastImpls = []string{"limit", "bare", "noop"}
)

func byRank(known []string) func(a, b string) int {
	rank := func(s string) int {
		if i := slices.Index(known, s); i >= 0 {
			return i
		}
		if i := slices.Index(lastImpls, s); i >= 0 {
			return len(known) + 1 + i
		}
		return len(known)
	}
	return func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	}
}

func compareRows(a, b row) int {
	return cmp.Or(
		byRank(benches)(a.bench, b.bench),
		compareKeys(a.keys, b.keys),
		cmp.Compare(a.cpus, b.cpus),
	)
}

// compareKeys compares names of cases part by part, values that are quantities by size.
func compareKeys(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "/"), strings.Split(b, "/"), func(a, b string) int {
		keyA, valueA, _ := strings.Cut(a, "=")
		keyB, valueB, _ := strings.Cut(b, "=")
		x, okA := quantity(valueA)
		y, okB := quantity(valueB)
		if keyA == keyB && okA && okB {
			return cmp.Compare(x, y)
		}
		return cmp.Compare(a, b)
	})
}

// quantity reads a number or a duration.
func quantity(s string) (float64, bool) {
	if x, err := strconv.ParseFloat(s, 64); err == nil {
		return x, true
	}
	d, err := time.ParseDuration(s)
	return d.Seconds(), err == nil
}
