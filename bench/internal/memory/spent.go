package memory

import "runtime/metrics"

// Spent is what this process has spent on memory since its start. It is brought up to date at the end of each
// collection.
type Spent struct {
	Collections uint64
	GC          float64 // processor seconds of the collector, assists, idle time that it used, and pauses among them
	Assist      float64 // processor seconds for which goroutines that allocated had to mark
	Objects     uint64  // allocated
	Bytes       uint64  // allocated
}

// The metrics behind Spent, in its order.
var names = [...]string{
	"/gc/cycles/total:gc-cycles",
	"/cpu/classes/gc/total:cpu-seconds",
	"/cpu/classes/gc/mark/assist:cpu-seconds",
	"/gc/heap/allocs:objects",
	"/gc/heap/allocs:bytes",
}

// Read returns what was spent up to now. It allocates a little.
func Read() Spent {
	var s [len(names)]metrics.Sample
	for i, name := range names {
		s[i].Name = name
	}
	metrics.Read(s[:])
	return Spent{
		Collections: whole(s[0]), GC: seconds(s[1]), Assist: seconds(s[2]), Objects: whole(s[3]), Bytes: whole(s[4]),
	}
}

// Since returns what was spent since an earlier Read.
func (s Spent) Since(before Spent) Spent {
	return Spent{
		Collections: s.Collections - before.Collections,
		GC:          s.GC - before.GC,
		Assist:      s.Assist - before.Assist,
		Objects:     s.Objects - before.Objects,
		Bytes:       s.Bytes - before.Bytes,
	}
}

func whole(s metrics.Sample) uint64 {
	if s.Value.Kind() != metrics.KindUint64 {
		return 0 // a runtime without this metric
	}
	return s.Value.Uint64()
}

func seconds(s metrics.Sample) float64 {
	if s.Value.Kind() != metrics.KindFloat64 {
		return 0
	}
	return s.Value.Float64()
}
