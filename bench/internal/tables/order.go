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
		"TimelinePoll", "WaitAt", "GroupCommit", "CommitWindow", "SeqWrite", "SourceSync", "Pipeline", "Memory",
	}
	units = []string{
		"sec/op", "allocs/op", "commits/s", "done-ops/s", "p50-sec", "p99-sec", "gc-sec", "B/fence", "add-sec/cb", "run-sec/cb",
		"sec/point", "add-sec/point", "release-sec/point", "advance-sec/waiter",
	}

	// The first of these that a table has is its base column.
	impls = []string{
		"mutex", "rwmutex", "new", "mutexheap", "lockfree", "channel", "mutexpool", "mutexmap", "cond", "context", "implicit",
		"heap", "portable", "local", "handles",
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

// compareUnits puts percentiles in the order of their rank, what is known before what isn't.
func compareUnits(a, b string) int {
	kindA, qA, okA := Percentile(a)
	kindB, qB, okB := Percentile(b)
	if okA && okB {
		return cmp.Or(cmp.Compare(kindA, kindB), cmp.Compare(qA, qB))
	}
	return byRank(units)(a, b)
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
		x, okA := Quantity(valueA)
		y, okB := Quantity(valueB)
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

// Quantity reads a value in a row's name: a number, a duration in seconds, or a number of thousands
// or millions such as 10k and 2M.
func Quantity(s string) (float64, bool) {
	if x, ok := quantity(s); ok {
		return x, true
	}
	for suffix, by := range map[string]float64{"k": 1e3, "M": 1e6, "G": 1e9} {
		if digits, ok := strings.CutSuffix(s, suffix); ok {
			x, err := strconv.ParseFloat(digits, 64)
			return x * by, err == nil
		}
	}
	return 0, false
}
